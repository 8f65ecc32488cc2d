// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/matmul_workload.h"

namespace npu::cli {
namespace {

using testing::HasSubstr;

/// A matmul on a 2x2 herd whose two cores of a column fill one L2 buffer.
OrderTrial trial_of(const std::string& locks, const std::string& k = "128") {
  const Settings settings = load({"",
                                  {{"problem.m", "256", "test"},
                                   {"problem.n", "128", "test"},
                                   {"problem.k", k, "test"},
                                   {"compiler.herd", "{columns: 2, rows: 2}", "test"},
                                   {"compiler.l2-locks", locks, "test"},
                                   {"sim.data", "timing", "test"}}});
  const std::unique_ptr<Workload> work = compile_matmul(settings);
  return try_orders(*work, 3, [](arch::Cycle) { return true; });
}

TEST(Order, OfOneLockForSeveralWritersDecidesTheOutcome) {
  const OrderTrial trial = trial_of("shared");
  EXPECT_TRUE(trial.depends());
  EXPECT_EQ(status_of(trial), kUndecided);
}

TEST(Order, ThatChangesTheOutcomeSaysWhoOvertookWhom) {
  EXPECT_THAT(to_text(trial_of("shared")),
              AllOf(HasSubstr("order-dependent: with 3 schedule seeds it finishes"),
                    HasSubstr("before"), HasSubstr("a lock for each of its takers")));
}

TEST(Order, OfALockForEachWriterLeavesNoChoice) {
  const OrderTrial trial = trial_of("per-writer");
  EXPECT_FALSE(trial.depends());
  EXPECT_EQ(status_of(trial), kRight);
}

TEST(Order, ThatNothingForbidsIsInTheJson) {
  EXPECT_THAT(to_json(trial_of("shared")), HasSubstr("\"unfair_order\""));
}

TEST(Order, IsTheSameForEachSeedWhenLocksAreTheWritersOwn) {
  const OrderTrial trial = trial_of("per-writer", "256");
  ASSERT_EQ(trial.runs.size(), 3U);
  EXPECT_EQ(trial.runs[0], trial.runs[2]);
}

}  // namespace
}  // namespace npu::cli
