// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/strategy.h"

#include "tests/compiler/matmul/plans.h"

namespace npu::compiler::testing {
namespace {

using matmul::largest_divisor;
using matmul::Shape;
using matmul::Tiles;

Shape shape(int64_t m, int64_t n, int64_t k) {
  return {m, n, k};
}

TEST(LargestDivisor, IsTheNumberItselfUpToTheLimit) {
  EXPECT_EQ(largest_divisor(48, 64), 48);
  EXPECT_EQ(largest_divisor(2432, 256), 152);
  EXPECT_EQ(largest_divisor(1031, 256), 1);
}

TEST(LargestDivisor, TakesAMultipleWhenThereIsOne) {
  EXPECT_EQ(largest_divisor(2432, 256, 64), 128);
  EXPECT_EQ(largest_divisor(1000, 256, 8), 200);
  EXPECT_EQ(largest_divisor(9, 8, 4), 3) << "no divisor of 9 is a multiple of 4";
}

TEST(PadPack, March1HalvesTheL2TileForTwoByTwoCores) {
  const Tiles t = tiles("pad-pack-2024-03-01", of(Type::I32, Type::I32, 1024, 2048, 512));
  EXPECT_EQ(t.l2, shape(64, 64, 256));
  EXPECT_EQ(t.core, shape(32, 32, 32));
}

TEST(PadPack, March18TakesDivisorsWithinTheSameLimits) {
  const Tiles t = tiles("pad-pack-2024-03-18", of(Type::I32, Type::I32, 96, 320, 96));
  EXPECT_EQ(t.l2, shape(48, 48, 160));
  EXPECT_EQ(t.core, shape(24, 24, 32));
}

TEST(PadPack, March21ScalesWithTheTypeOfA) {
  const Tiles t = tiles("pad-pack-2024-03-21", bf16(512, 512, 512));
  EXPECT_EQ(t.l2, shape(128, 128, 256));
  EXPECT_EQ(t.core, shape(64, 64, 64));
}

TEST(PadPack, April2ChoosesTheL2TileFirst) {
  const Tiles t = tiles("pad-pack-2024-04-02", bf16(2432, 2432, 2432));
  EXPECT_EQ(t.l2, shape(152, 152, 152));
  EXPECT_EQ(t.core, shape(38, 38, 8)) << "19 packs of 8 have no divisor up to 8";
}

TEST(PadPack, April24ChoosesTheCoreTileFirst) {
  const Tiles t = tiles(kApril, bf16(2432, 2432, 2432));
  EXPECT_EQ(t.l2, shape(128, 128, 128));
  EXPECT_EQ(t.core, shape(64, 64, 64));
  EXPECT_EQ(t.pack, shape(4, 4, 8));
}

TEST(PadPack, April24GivesThirteenByThirteenCoresFor52) {
  const Tiles t = tiles(kApril, of(Type::I32, Type::I32, 52, 63, 52));
  EXPECT_EQ(t.l2, shape(52, 52, 63));
  EXPECT_EQ(t.core, shape(4, 4, 21)) << "three packs of 7";
  EXPECT_EQ(t.herd(), (Herd{13, 13}));
}

TEST(PadPack, April24CutsKOf1000Into200) {
  const Tiles t = tiles(kApril, of(Type::I32, Type::I32, 1, 1000, 1));
  EXPECT_EQ(t.l2.k, 200);
  EXPECT_EQ(t.core.k, 8);
}

TEST(PadPack, LimitsFollowTheElementSize) {
  EXPECT_EQ(tiles(kApril, bf16(1024, 1024, 1024)).core, shape(64, 64, 64));
  EXPECT_EQ(tiles(kApril, of(Type::F32, Type::F32, 1024, 1024, 1024)).core, shape(32, 32, 32));
  EXPECT_EQ(tiles(kApril, of(Type::I8, Type::I32, 1024, 1024, 1024)).core, shape(128, 128, 128));
  EXPECT_EQ(tiles(kApril, of(Type::I8, Type::I32, 1024, 1024, 1024)).l2, shape(512, 512, 256));
}

TEST(PadPack, May10ScalesWithTheAccumulator) {
  const Tiles t = tiles("pad-pack-2024-05-10", bf16(512, 512, 512));
  EXPECT_EQ(t.core, shape(32, 32, 32));
  EXPECT_EQ(t.l2, shape(128, 128, 256));
}

TEST(PadPack, May16HalvesACoreTileThatIsHalfTheL2Tile) {
  const Tiles t = tiles("pad-pack-2024-05-16", bf16(2432, 2432, 2432));
  EXPECT_EQ(t.l2, shape(128, 128, 128));
  EXPECT_EQ(t.core, shape(32, 32, 64));
  EXPECT_EQ(t.herd(), (Herd{4, 4}));
}

TEST(PackPeel, UsesOneSliceOfKForBothLevels) {
  const Tiles april = tiles("pack-peel-2024-04-08", bf16(512, 512, 512));
  EXPECT_EQ(april.l2, shape(64, 64, 32));
  EXPECT_EQ(april.core, shape(32, 32, 32));
  const Tiles may = tiles("pack-peel-2024-05-16", bf16(512, 512, 512));
  EXPECT_EQ(may.l2, shape(128, 128, 64));
  EXPECT_EQ(may.core, shape(64, 64, 64));
}

struct Ratio {
  int64_t size;
  int ratio;
};
class RatioOf : public ::testing::TestWithParam<Ratio> {};

TEST_P(RatioOf, IsTheLargestDivisorUpToFourInUnitsOf64) {
  EXPECT_EQ(tiles(kApril, bf16(GetParam().size, 64, 64)).herd().columns, GetParam().ratio);
}
TEST_P(RatioOf, IsTheSameForF32InUnitsOf32) {
  const Problem problem = of(Type::F32, Type::F32, 64, 64, GetParam().size / 2);
  if (GetParam().size % 64 == 0) {
    EXPECT_EQ(tiles(kApril, problem).herd().rows, GetParam().ratio);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Sizes, RatioOf,
    ::testing::Values(Ratio{64, 1}, Ratio{128, 2}, Ratio{192, 3}, Ratio{256, 4}, Ratio{320, 1},
                      Ratio{384, 3}, Ratio{448, 1}, Ratio{512, 4}, Ratio{576, 3}, Ratio{640, 2},
                      Ratio{768, 4}, Ratio{896, 2}, Ratio{1152, 3}, Ratio{2048, 4}, Ratio{2304, 4},
                      Ratio{2432, 2}, Ratio{7296, 3}, Ratio{8192, 4}, Ratio{9728, 4}, Ratio{160, 4},
                      Ratio{308, 1}, Ratio{220, 5}));

TEST(PadPack, SizesThatAreNoMultipleOf64GetASmallerCoreTile) {
  EXPECT_EQ(tiles(kApril, bf16(160, 64, 64)).core.m, 40);
  EXPECT_EQ(tiles(kApril, bf16(308, 64, 64)).core.m, 44);
  EXPECT_EQ(tiles(kApril, bf16(220, 64, 64)).core.m, 44);
}

TEST(PadPack, HerdsOfTheReportedShapes) {
  for (const auto& [big, small] : {std::pair(512, 640), std::pair(2048, 2432)})
    for (const int k : {big, small}) {
      EXPECT_EQ(tiles(kApril, bf16(big, k, big)).herd(), (Herd{4, 4}));
      EXPECT_EQ(tiles(kApril, bf16(big, k, small)).herd(), (Herd{4, 2}));
      EXPECT_EQ(tiles(kApril, bf16(small, k, big)).herd(), (Herd{2, 4}));
      EXPECT_EQ(tiles(kApril, bf16(small, k, small)).herd(), (Herd{2, 2}));
    }
}

TEST(Halved, HalvesAnI8TileUntilItFitsL1) {
  const Tiles t = tiles(kHalved, of(Type::I8, Type::I32, 512, 512, 512));
  EXPECT_EQ(t.core, shape(64, 64, 128));
  EXPECT_LE(matmul::core_bytes(of(Type::I8, Type::I32, 512, 512, 512), t.core, {}),
            matmul::core_budget());
}

TEST(Halved, ShrinksTheCoreTileWhereThatPutsMoreCoresToWork) {
  const Tiles t = tiles(kHalved, bf16(640, 640, 640));
  EXPECT_EQ(t.core, shape(40, 40, 64));
  EXPECT_EQ(t.herd(), (Herd{4, 4}));
}

TEST(Default, ExplicitHerdSetsTheL2Tile) {
  const matmul::Schedule s = plan(bf16(512, 512, 640), {.herd = Herd{2, 4}});
  EXPECT_EQ(s.tiles.l2.m, 2 * s.tiles.core.m);
  EXPECT_EQ(s.tiles.l2.n, 4 * s.tiles.core.n);
}

TEST(Default, FillsEightColumnsOfNpu4) {
  EXPECT_EQ(plan(bf16(4096, 4096, 4096), {}, 8, arch::kNpu4).place->herd, (Herd{8, 4}));
}

TEST(Default, LeavesColumnsIdleThatTheHostWouldSpendLongerOnStarting) {
  EXPECT_EQ(plan(bf16(16, 16, 16)).place->herd.columns, 1);
}

TEST(Place, CollapsesASmallHerdIntoOneColumn) {
  const matmul::Schedule s = plan(bf16(640, 640, 640), {.strategy = std::string(kApril)});
  EXPECT_EQ(s.place->herd, (Herd{2, 2}));
  EXPECT_EQ(s.place->columns, 1);
  EXPECT_EQ(s.place->rows, 4);
}

TEST(Place, LeavesFourByTwoAsFourColumns) {
  const matmul::Schedule s = plan(bf16(512, 512, 640), {.strategy = std::string(kApril)});
  EXPECT_EQ(s.place->columns, 4);
  EXPECT_EQ(s.place->rows, 2);
}

}  // namespace
}  // namespace npu::compiler::testing
