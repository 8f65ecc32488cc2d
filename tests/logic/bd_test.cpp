// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/bd.h"

#include <vector>

#include <gtest/gtest.h>

namespace npu::logic {
namespace {

using arch::BdField;
using arch::TileKind;

Bd decoded(TileKind kind, std::initializer_list<std::pair<BdField, int64_t>> fields) {
  std::vector<uint32_t> words(static_cast<size_t>(arch::bd_words(kind)));
  for (const auto& [field, value] : fields)
    arch::put_bd(kind, words, field, value);
  return decode_bd(kind, words);
}

class EveryKind : public ::testing::TestWithParam<TileKind> {};
INSTANTIATE_TEST_SUITE_P(Tiles, EveryKind,
                         ::testing::Values(TileKind::Shim, TileKind::Memtile, TileKind::Core),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

TEST_P(EveryKind, EmptyDescriptorIsLinearAndInvalid) {
  const Bd bd = decoded(GetParam(), {});
  EXPECT_FALSE(bd.valid);
  EXPECT_EQ(bd.access.length, 0u);
  EXPECT_EQ(bd.access.dims[0], (Dim{1, 0}));
  EXPECT_EQ(bd.iteration_size, 1u);
}

TEST_P(EveryKind, DimensionsAreReadFromTheInnermostOut) {
  const Bd bd = decoded(GetParam(), {{BdField::D0Step, 2},
                                     {BdField::D0Wrap, 3},
                                     {BdField::D1Step, 4},
                                     {BdField::D1Wrap, 5},
                                     {BdField::D2Step, 6}});
  EXPECT_EQ(bd.access.dims[0], (Dim{2, 3}));
  EXPECT_EQ(bd.access.dims[1], (Dim{4, 5}));
  EXPECT_EQ(bd.access.dims[2], (Dim{6, 0}));
}

TEST_P(EveryKind, NextDescriptorCountsOnlyWhenItIsUsed) {
  EXPECT_EQ(decoded(GetParam(), {{BdField::NextBd, 3}}).next, std::nullopt);
  EXPECT_EQ(decoded(GetParam(), {{BdField::NextBd, 3}, {BdField::UseNextBd, 1}}).next, 3);
}

TEST_P(EveryKind, AcquireCountsOnlyWhenItIsEnabled) {
  EXPECT_FALSE(decoded(GetParam(), {{BdField::AcquireValue, -1}}).acquire);
  const Bd bd = decoded(GetParam(), {{BdField::AcquireValue, -64}, {BdField::AcquireEnable, 1}});
  EXPECT_EQ(bd.acquire->value, -64);
}

TEST_P(EveryKind, LockValuesAreSigned) {
  EXPECT_EQ(decoded(GetParam(), {{BdField::ReleaseValue, -3}}).release, -3);
  EXPECT_EQ(decoded(GetParam(), {{BdField::ReleaseValue, 63}}).release, 63);
}

TEST_P(EveryKind, IterationOffsetIsStepsOfTheCurrentIteration) {
  const Bd bd = decoded(
      GetParam(),
      {{BdField::IterationStep, 100}, {BdField::IterationWrap, 8}, {BdField::IterationCurrent, 5}});
  EXPECT_EQ(bd.iteration_size, 8u);
  EXPECT_EQ(bd.iteration_offset(), 500u);
}

TEST_P(EveryKind, PacketFieldsAreTheHeaders) {
  const Bd bd = decoded(GetParam(), {{BdField::EnablePacket, 1},
                                     {BdField::PacketId, 21},
                                     {BdField::PacketType, 5},
                                     {BdField::OutOfOrderId, 42}});
  EXPECT_TRUE(bd.packet);
  EXPECT_EQ(bd.packet_id, 21);
  EXPECT_EQ(bd.packet_type, 5);
  EXPECT_EQ(bd.out_of_order_id, 42);
}

TEST(Bd, MemtileHasAFourthDimension) {
  const Bd bd = decoded(TileKind::Memtile, {{BdField::D2Wrap, 7}, {BdField::D3Step, 9}});
  EXPECT_EQ(bd.access.dims[2].wrap, 7u);
  EXPECT_EQ(bd.access.dims[3], (Dim{9, 0}));
}

TEST(Bd, MemtilePadsThreeDimensions) {
  const Bd bd = decoded(TileKind::Memtile, {{BdField::D0PadBefore, 63},
                                            {BdField::D0PadAfter, 62},
                                            {BdField::D1PadBefore, 31},
                                            {BdField::D1PadAfter, 30},
                                            {BdField::D2PadBefore, 15},
                                            {BdField::D2PadAfter, 14}});
  EXPECT_EQ(bd.access.pads[0], (Pad{63, 62}));
  EXPECT_EQ(bd.access.pads[1], (Pad{31, 30}));
  EXPECT_EQ(bd.access.pads[2], (Pad{15, 14}));
}

TEST(Bd, ShimAddressIsABusAddressInWords) {
  std::vector<uint32_t> words(8);
  arch::put_shim_bd_address(words, 0xBEEF'8765'4320);
  EXPECT_EQ(decode_bd(TileKind::Shim, words).access.base, 0xBEEF'8765'4320 / 4);
}

TEST(Bd, MemtileLockNumbersReachTheThirdWindow) {
  const Bd bd = decoded(TileKind::Memtile, {{BdField::AcquireId, 191}, {BdField::ReleaseId, 128}});
  EXPECT_EQ(bd.acquire_lock, 191);
  EXPECT_EQ(bd.release_lock, 128);
}

}  // namespace
}  // namespace npu::logic
