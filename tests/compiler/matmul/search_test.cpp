// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the default strategy predicts of a schedule, and that it takes tiles that fit it.
#include "compiler/matmul/search.h"

#include <gmock/gmock.h>

#include "tests/compiler/matmul/plans.h"

namespace npu::compiler::testing {
namespace {

using matmul::Bounds;
using matmul::Tiles;

/// The bounds of a matmul on a herd of three columns and two rows.
Bounds bounds(std::string schedule) {
  const Tiles tiles{.l2 = {96, 64, 256}, .core = {32, 32, 32}, .pack = {4, 4, 8}};
  return matmul::predict(bf16(96, 512, 64), arch::partition_of(arch::kNpu1, 4), {},
                         {.tiles = tiles, .schedule = std::move(schedule)}, tiles)
      .bounds;
}

class Schedule : public ::testing::TestWithParam<const char*> {};

TEST_P(Schedule, FindsTilesThatFitWithoutAHerdBeingGiven) {
  EXPECT_EQ(refusal([] { plan(bf16(128, 256, 128), {.schedule = GetParam()}); }), "");
}

INSTANTIATE_TEST_SUITE_P(All, Schedule,
                         ::testing::Values("S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7"));

TEST(Search, NamesTheRefusalOfTheFastestWhereNoTilesFit) {
  EXPECT_EQ(refusal([] { plan(of(Type::I8, Type::I8, 64, 64, 64), {.schedule = "S4"}); }),
            "schedule S4: C is i8, and sums that L2 fills go through it as i32");
}

TEST(Prediction, OfAStepWithoutBroadcastIsOneForEachCoreThatSharesASlice) {
  EXPECT_EQ(bounds("S1").l2_l1, 3 * bounds("S0").l2_l1);
}

TEST(Prediction, OfSlicesThatComeWithEveryStepIsEightTimesTheirWay) {
  EXPECT_GT(bounds("S2").l3, 7 * bounds("S0").l3);
}

TEST(Prediction, OfSumsThatGoUpWithEveryStepCountsEach) {
  EXPECT_EQ(bounds("S4").l1_l2, 16 * bounds("S0").l1_l2);
  EXPECT_EQ(bounds("S5").l1_l2, 2 * bounds("S0").l1_l2);
}

TEST(Prediction, OfAPeeledStepHasNoZeros) {
  EXPECT_LT(bounds("S7").compute, bounds("S0").compute);
}

}  // namespace
}  // namespace npu::compiler::testing
