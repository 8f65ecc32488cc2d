// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/compiler/matmul/plans.h"
#include "tests/diagnosis/machine.h"

// Matmuls of the compiler, before they run.
namespace npu::diagnosis::testing {
namespace {

using compiler::matmul::L2Locks;
using compiler::matmul::SplitL2;
using compiler::testing::bf16;
using ::testing::Contains;
using ::testing::Field;

Lowered matmul(int64_t m, int64_t k, int64_t n, SplitL2 split, L2Locks locks) {
  compiler::matmul::Options options;
  options.strategy = compiler::testing::kApril;
  options.split_l2 = split;
  options.l2_locks = locks;
  return compiler::lower(
      compiler::build(bf16(m, k, n), arch::partition_of(arch::kNpu1, 4), {}, options));
}

TEST(CheckMatmul, ALockForEachWriterIsAcceptedWithoutAChoice) {
  const Exploration found = explored(matmul(512, 512, 640, SplitL2::Fixed, L2Locks::PerWriter));
  EXPECT_EQ(found.verdict, Verdict::Accept);
  EXPECT_EQ(found.states, 0);
}

TEST(CheckMatmul, TheLegacySplitOfAWideHerdHangsInTheFairOrder) {
  const Exploration found = explored(matmul(512, 512, 640, SplitL2::Legacy, L2Locks::Shared));
  EXPECT_EQ(found.verdict, Verdict::Error);
  EXPECT_TRUE(found.fair);
}

TEST(CheckMatmul, TheLegacySplitOfAWideHerdBreaksTheRules) {
  const Lowered lowered = matmul(512, 512, 640, SplitL2::Legacy, L2Locks::Shared);
  const auto findings = check_rules(image_of(lowered), lowered.names);
  for (const Rule& rule : static_rules())
    EXPECT_THAT(findings, Contains(Field(&Finding::rule, rule.name)));
}

TEST(CheckMatmul, TheFixedSplitKeepsTheRules) {
  const Lowered lowered = matmul(512, 512, 640, SplitL2::Fixed, L2Locks::Shared);
  EXPECT_THAT(check_rules(image_of(lowered), lowered.names), ::testing::IsEmpty());
}

TEST(CheckMatmul, ASharedLockHangsInAnUnfairOrderOnly) {
  const Lowered lowered = matmul(512, 512, 640, SplitL2::Fixed, L2Locks::Shared);
  const Exploration found = explored(lowered);
  ASSERT_EQ(found.verdict, Verdict::Error);
  EXPECT_FALSE(found.fair);
  EXPECT_EQ(run(lowered, found.witness), sim::End::Hang);
  EXPECT_EQ(run(lowered), sim::End::Finished);
}

TEST(CheckMatmul, SaysWhoWasServedTwiceBeforeAnother) {
  const Lowered lowered = matmul(512, 512, 640, SplitL2::Fixed, L2Locks::Shared);
  EXPECT_EQ(check(image_of(lowered), lowered.names, {}).unfairness,
            "lock 4 `C@0.write` of memtile(0,1) is granted twice to memtile(0,1).s2mm2 before "
            "memtile(0,1).s2mm3 has it once");
}

}  // namespace
}  // namespace npu::diagnosis::testing
