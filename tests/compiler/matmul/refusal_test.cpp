// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/problem.h"
#include "tests/compiler/matmul/plans.h"

namespace npu::compiler::testing {
namespace {

Options dated(std::string_view strategy) {
  return {.strategy = std::string(strategy)};
}

TEST(Refusal, NamesTheSizeThatIsNone) {
  EXPECT_EQ(refusal([] { plan(bf16(512, 0, 512)); }), "problem: k=0 is not a size");
}

TEST(Refusal, NamesTypesThatNoKernelMultiplies) {
  EXPECT_EQ(refusal([] { plan(of(Type::I8, Type::F32, 64, 64, 64)); }),
            "problem: no kernel multiplies i8 by i8 into f32");
}

TEST(Refusal, NamesAnUnknownStrategy) {
  EXPECT_EQ(refusal([] { plan(bf16(64, 64, 64), dated("fast")); }),
            "strategy: `fast` is not known");
}

TEST(Refusal, NamesAnUnknownSchedule) {
  EXPECT_EQ(refusal([] { plan(bf16(64, 64, 64), {.schedule = "S9"}); }),
            "schedule: `S9` is not known");
}

/// A herd on 32x32 core tiles, with K slices of 256 in L2 and 32 in L1.
Options on_herd(std::string schedule, int columns, int rows) {
  return {.tiles =
              matmul::Tiles{
                  .l2 = {32 * columns, 32 * rows, 256}, .core = {32, 32, 32}, .pack = {4, 4, 8}},
          .schedule = std::move(schedule)};
}

TEST(Refusal, CountsTheChannelsOfAPeeledStepWithMoversOfItsOwn) {
  EXPECT_EQ(refusal([] { plan(bf16(128, 512, 128), on_herd("S7-unmerged", 4, 4)); }),
            "shim(0,0): needs 4 mm2s channels, has 2: A0.in, A0.in.peeled, B0.in, B0.in.peeled");
}

TEST(Refusal, LetsAPeeledStepUseTheMoversOfTheOthers) {
  EXPECT_EQ(refusal([] { plan(bf16(128, 512, 128), on_herd("S7", 4, 4)); }), "");
}

TEST(Refusal, CountsTheStreamsThatFillL2) {
  EXPECT_EQ(refusal([] { plan(bf16(128, 512, 128), on_herd("S6", 4, 4)); }),
            "shim(0,0): needs 3 mm2s channels, has 2: A0.in, B0.in, C0.in");
}

TEST(Refusal, CountsTheStreamsOfSumsThatGoUpInsideTheLoops) {
  EXPECT_EQ(refusal([] { plan(bf16(128, 512, 64), on_herd("S4", 4, 2)); }),
            "memtile(0,1): needs 10 s2mm channels, has 6: B0.in, C0.in, C(0,2), C(1,2), C(2,2), "
            "C(3,2), C(0,2).partial, C(1,2).partial, C(2,2).partial, C(3,2).partial");
}

TEST(Refusal, CountsTheDescriptorsOfSumsThatComeDownOnceATile) {
  EXPECT_EQ(refusal([] { plan(bf16(64, 512, 64), on_herd("S6", 2, 2)); }),
            "core(0,2): needs 20 descriptors, has 16: A0, B0, C(0,2)");
}

TEST(Refusal, NamesTheTypeOfSumsThatL2CannotHold) {
  EXPECT_EQ(refusal([] { plan(of(Type::Bf16, Type::Bf16, 64, 256, 64), on_herd("S5", 2, 2)); }),
            "schedule S5: C is bf16, and sums that L2 fills go through it as f32");
}

TEST(Refusal, NamesThePiecesThatSumsFromL2DoNotAllow) {
  Options options = on_herd("S5", 2, 2);
  options.split_l2 = SplitL2::Legacy;
  EXPECT_EQ(refusal([&] { plan(bf16(64, 256, 64), options); }),
            "schedule S5: C in L2 is cut by rows of cores, with locks for each core");
}

TEST(Refusal, CountsTheMemoryTilesOfRowsWhoseSumsComeDown) {
  EXPECT_EQ(refusal([] { plan(bf16(32, 256, 64), on_herd("S5", 1, 2), 1); }),
            "schedule S5: needs 2 memory tiles for the rows of cores, has 1");
}

TEST(Refusal, CountsThePacketsOfAHerdWithoutBroadcast) {
  EXPECT_EQ(refusal([] { plan(bf16(256, 256, 128), on_herd("S1", 8, 4), 8, arch::kNpu4); }),
            "schedule S1: needs more than 32 packet numbers, for a herd of 8x4");
}

TEST(Refusal, CountsTheStepsOfASliceThatALockCannot) {
  const Options options{
      .tiles = matmul::Tiles{.l2 = {8, 8, 256}, .core = {8, 8, 8}, .pack = {4, 4, 8}},
      .schedule = "S4"};
  EXPECT_EQ(refusal([&] { plan(bf16(8, 256, 8), options); }),
            "schedule S4: B@0 has 32 steps of k=8, a lock counts 31");
}

TEST(Refusal, NamesTheHerdThatHasNoPlacement) {
  EXPECT_EQ(
      refusal([] { plan(of(Type::I32, Type::I32, 52, 63, 52), dated(kApril)); }),
      "pad-pack-2024-04-24: no valid placement: a herd of 13x13 cores in 4 columns of 4 cores");
}

TEST(Refusal, NamesTheHerdThatIsFiveColumnsWide) {
  EXPECT_EQ(refusal([] { plan(bf16(220, 64, 64), dated(kApril)); }),
            "pad-pack-2024-04-24: no valid placement: a herd of 5x1 cores in 4 columns of 4 cores");
}

TEST(Refusal, NamesTheDimensionThatThePackDoesNotDivide) {
  EXPECT_EQ(
      refusal([] { plan(bf16(2432, 2432, 2432), dated("pad-pack-2024-04-02")); }),
      "pad-pack-2024-04-02: m=2432 gives a core tile of 38, which is not a multiple of the block "
      "of 4: 2 elements of padding are missing");
}

TEST(Refusal, NamesTheDimensionThatTheTileDoesNotDivide) {
  EXPECT_EQ(refusal([] { plan(bf16(96, 64, 64), dated("pad-pack-2024-03-01")); }),
            "pad-pack-2024-03-01: m=96 does not divide into L2 tiles of 64 and core tiles of 32");
}

TEST(Refusal, NamesABlockThatTheKernelDoesNotKnow) {
  EXPECT_EQ(refusal([] { plan(of(Type::I32, Type::I32, 64, 63, 64), dated(kApril)); }),
            "pad-pack-2024-04-24: k=63 allows blocks of 7 only, the kernel of i32 needs 8");
}

TEST(Refusal, SaysWhatAnI8TileNeedsOfL1) {
  EXPECT_EQ(
      refusal([] { plan(of(Type::I8, Type::I32, 512, 512, 512), dated(kApril)); }),
      "pad-pack-2024-04-24: a core tile of m=128 n=128 k=128 needs 131072 bytes of L1, 64512 are "
      "free");
}

TEST(Refusal, ADatedRuleGivesItsOwnHerdOnly) {
  Options options = dated(kApril);
  options.herd = Herd{4, 4};
  EXPECT_EQ(refusal([&] { plan(bf16(512, 512, 640), options); }),
            "pad-pack-2024-04-24: the rule gives a herd of 4x2, not 4x4");
}

TEST(Refusal, NamesTheSizeThatAnExplicitHerdDoesNotDivide) {
  EXPECT_EQ(refusal([] {
              plan(bf16(512, 512, 512), {.strategy = std::string(kHalved), .herd = Herd{3, 4}});
            }),
            "halved: m=512 does not divide into 3 herd columns of a multiple of 4");
}

TEST(Refusal, NamesTheHerdWiderThanThePartition) {
  EXPECT_EQ(refusal([] {
              plan(bf16(512, 512, 512), {.herd = Herd{4, 4}}, 2);
            }),
            "default: no valid placement: a herd of 4x4 cores in 2 columns of 4 cores");
}

TEST(Refusal, LegacyWrapsCutBy512Only) {
  Options options = dated(kApril);
  options.wraps = matmul::WrapTiling::Legacy;
  EXPECT_EQ(refusal([&] { plan(bf16(2304, 2304, 2304), options); }),
            "B0.in: 2304 steps exceed the wrap limit of 1023 and 2304 is not a multiple of 512");
  EXPECT_EQ(refusal([&] { plan(bf16(2048, 2048, 2048), options); }), "");
}

TEST(Refusal, OfAHerdWithoutCores) {
  EXPECT_EQ(refusal([] {
              plan(bf16(64, 64, 64), {.herd = Herd{0, 4}});
            }),
            "herd: 0x4 is not a herd");
}

}  // namespace
}  // namespace npu::compiler::testing
