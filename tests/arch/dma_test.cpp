// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/dma.h"

#include <array>
#include <random>
#include <vector>

#include <gmock/gmock.h>

#include "tests/arch/error_text.h"

namespace npu::arch {
namespace {

using testing::ElementsAre;

constexpr std::array kKinds{TileKind::Shim, TileKind::Memtile, TileKind::Core};
constexpr int kAllFields = static_cast<int>(BdField::AxQos) + 1;

struct Range {
  int64_t lowest;
  int64_t highest;
};
Range range_of(Bits bits) {
  const int64_t size = int64_t{1} << bits.width();
  if (bits.is_signed)
    return {-size / 2, size / 2 - 1};
  return bits.stored_minus_one ? Range{1, size} : Range{0, size - 1};
}

/// A descriptor set field by field, the rest zero.
std::vector<uint32_t> descriptor(TileKind kind,
                                 std::initializer_list<std::pair<BdField, int64_t>> fields) {
  std::vector<uint32_t> words(static_cast<size_t>(bd_words(kind)));
  for (const auto& [field, value] : fields)
    put_bd(kind, words, field, value);
  return words;
}

class EveryDescriptor : public testing::TestWithParam<TileKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, EveryDescriptor, testing::ValuesIn(kKinds),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

TEST_P(EveryDescriptor, GivesBackWhatWasPutAndKeepsAllOtherBits) {
  std::mt19937_64 random(7);
  for (const FieldRow<BdField>& row : bd_fields(GetParam())) {
    const Range range = range_of(row.bits);
    std::uniform_int_distribution<int64_t> any(range.lowest, range.highest);
    for (const int64_t value :
         {range.lowest, range.highest, any(random), any(random), any(random)}) {
      std::vector<uint32_t> words(static_cast<size_t>(bd_words(GetParam())));
      for (uint32_t& word : words)
        word = static_cast<uint32_t>(random());
      std::vector<uint32_t> others = words;
      put_bd(GetParam(), words, row.id, value);
      EXPECT_EQ(get_bd(GetParam(), words, row.id), value) << row.name;
      words[row.bits.word] &= ~row.bits.mask();
      others[row.bits.word] &= ~row.bits.mask();
      EXPECT_EQ(words, others) << row.name;
    }
  }
}

TEST_P(EveryDescriptor, RefusesValuesOneBeyondAFieldsRange) {
  std::vector<uint32_t> words(static_cast<size_t>(bd_words(GetParam())));
  for (const FieldRow<BdField>& row : bd_fields(GetParam())) {
    EXPECT_THROW(put_bd(GetParam(), words, row.id, range_of(row.bits).highest + 1), Error)
        << row.name;
    EXPECT_THROW(put_bd(GetParam(), words, row.id, range_of(row.bits).lowest - 1), Error)
        << row.name;
  }
}

TEST_P(EveryDescriptor, ReadsZeroWhereTheKindHasNoSuchField) {
  const std::vector<uint32_t> ones(static_cast<size_t>(bd_words(GetParam())), ~0u);
  for (int field = 0; field < kAllFields; ++field)
    if (!bd_field(GetParam(), static_cast<BdField>(field))) {
      EXPECT_EQ(get_bd(GetParam(), ones, static_cast<BdField>(field)), 0) << field;
    }
}

TEST(Descriptor, NamesTheFieldThatDoesNotFit) {
  std::array<uint32_t, 6> words{};
  EXPECT_EQ(error_text([&] { put_bd(TileKind::Core, words, BdField::D0Wrap, 300); }),
            "d0_wrap: 300 does not fit in 8 bits; 0 to 255");
}

TEST(Descriptor, SaysThatStepsStartAtOne) {
  std::array<uint32_t, 6> words{};
  EXPECT_EQ(error_text([&] { put_bd(TileKind::Core, words, BdField::D0Step, 0); }),
            "d0_step: 0 does not fit in 13 bits; 1 to 8192");
}

TEST(Descriptor, SaysThatACoreHasNoPadding) {
  std::array<uint32_t, 6> words{};
  EXPECT_EQ(error_text([&] { put_bd(TileKind::Core, words, BdField::D0PadBefore, 2); }),
            "d0_pad_before: 2 cannot be set: a core descriptor has no such field");
}

TEST(Descriptor, TakesAZeroForAFieldItDoesNotHave) {
  std::array<uint32_t, 6> words{};
  EXPECT_NO_THROW(put_bd(TileKind::Core, words, BdField::D0PadBefore, 0));
}

TEST(Descriptor, ZeroedWordsAreLinearAndNotValid) {
  const std::array<uint32_t, 6> words{};
  EXPECT_EQ(get_bd(TileKind::Core, words, BdField::D0Step), 1);
  EXPECT_EQ(get_bd(TileKind::Core, words, BdField::IterationWrap), 1);
  EXPECT_EQ(get_bd(TileKind::Core, words, BdField::Valid), 0);
}

// Worked example C.2 of the hardware reference: a ping-pong input buffer.
TEST(Descriptor, OfACorePingPongBufferHasTheWordsOfTheReference) {
  EXPECT_THAT(descriptor(TileKind::Core, {{BdField::Length, 1024},
                                          {BdField::BaseAddress, 0x1000 / 4},
                                          {BdField::AcquireId, 0},
                                          {BdField::AcquireValue, -1},
                                          {BdField::AcquireEnable, 1},
                                          {BdField::ReleaseId, 1},
                                          {BdField::ReleaseValue, 1},
                                          {BdField::Valid, 1},
                                          {BdField::UseNextBd, 1},
                                          {BdField::NextBd, 1}}),
              ElementsAre(0x01000400, 0, 0, 0, 0, 0x0e043fe0));
}

// C.3: 64 x 64 bf16 of a matrix with 512 columns.
TEST(Descriptor, OfAMemtileSubMatrixHasTheWordsOfTheReference) {
  EXPECT_THAT(descriptor(TileKind::Memtile, {{BdField::Length, 2048},
                                             {BdField::BaseAddress, 0x80000 / 4},
                                             {BdField::D0Wrap, 32},
                                             {BdField::D1Wrap, 64},
                                             {BdField::D1Step, 256},
                                             {BdField::AcquireId, 65},
                                             {BdField::AcquireValue, -1},
                                             {BdField::AcquireEnable, 1},
                                             {BdField::ReleaseId, 64},
                                             {BdField::ReleaseValue, 1},
                                             {BdField::Valid, 1}}),
              ElementsAre(0x00000800, 0x00020000, 0x00400000, 0x008000ff, 0, 0, 0, 0x8140ff41));
}

// C.4: eight such blocks side by side.
TEST(Descriptor, OfAShimWithIterationHasTheWordsOfTheReference) {
  EXPECT_THAT(descriptor(TileKind::Shim, {{BdField::Length, 2048},
                                          {BdField::D0Wrap, 32},
                                          {BdField::D1Wrap, 64},
                                          {BdField::D1Step, 256},
                                          {BdField::BurstLength, 2},
                                          {BdField::AxCache, 2},
                                          {BdField::IterationWrap, 8},
                                          {BdField::IterationStep, 32},
                                          {BdField::Valid, 1}}),
              ElementsAre(0x800, 0, 0, 0x02000000, 0x840000ff, 0x02000000, 0x0070001f, 0x02000000));
}

// The fields that the worked examples leave at zero, by the tables 4.2 to 4.4 of the reference.
TEST(Descriptor, OfACorePacketWithThreeDimensionsIsWhereTheReferenceSays) {
  EXPECT_THAT(descriptor(TileKind::Core, {{BdField::Length, 100},
                                          {BdField::PacketType, 6},
                                          {BdField::PacketId, 21},
                                          {BdField::OutOfOrderId, 42},
                                          {BdField::EnablePacket, 1},
                                          {BdField::EnableCompression, 1},
                                          {BdField::D0Step, 9},
                                          {BdField::D1Step, 5000},
                                          {BdField::D2Step, 8192},
                                          {BdField::D0Wrap, 200},
                                          {BdField::D1Wrap, 255},
                                          {BdField::IterationStep, 78},
                                          {BdField::IterationWrap, 50},
                                          {BdField::IterationCurrent, 11},
                                          {BdField::TlastSuppress, 1}}),
              ElementsAre(0x00000064, 0xeaae0000, 0x0270e008, 0x1ff91fff, 0x005e204d, 0x80000000));
}

TEST(Descriptor, OfAPaddedMemtilePacketIsWhereTheReferenceSays) {
  EXPECT_THAT(descriptor(TileKind::Memtile, {{BdField::Length, 384},
                                             {BdField::OutOfOrderId, 33},
                                             {BdField::PacketId, 17},
                                             {BdField::PacketType, 5},
                                             {BdField::EnablePacket, 1},
                                             {BdField::BaseAddress, 0x20010},
                                             {BdField::UseNextBd, 1},
                                             {BdField::NextBd, 30},
                                             {BdField::D0PadBefore, 2},
                                             {BdField::D0Step, 3},
                                             {BdField::D0Wrap, 13},
                                             {BdField::TlastSuppress, 1},
                                             {BdField::D1Step, 100000},
                                             {BdField::D1Wrap, 1023},
                                             {BdField::D1PadBefore, 31},
                                             {BdField::D2Step, 7},
                                             {BdField::D2Wrap, 5},
                                             {BdField::D2PadBefore, 9},
                                             {BdField::EnableCompression, 1},
                                             {BdField::D3Step, 70000},
                                             {BdField::D0PadAfter, 1},
                                             {BdField::D1PadAfter, 20},
                                             {BdField::D2PadAfter, 11},
                                             {BdField::IterationStep, 4096},
                                             {BdField::IterationWrap, 64},
                                             {BdField::IterationCurrent, 40}}),
              ElementsAre(0xd8c20180, 0x09ea0010, 0x801a0002, 0xffff869f, 0xc80a0006, 0xba03116f,
                          0x147e0fff, 0));
}

TEST(Descriptor, OfAShimPacketWithLocksIsWhereTheReferenceSays) {
  EXPECT_THAT(descriptor(TileKind::Shim, {{BdField::PacketType, 3},
                                          {BdField::PacketId, 9},
                                          {BdField::OutOfOrderId, 50},
                                          {BdField::EnablePacket, 1},
                                          {BdField::SecureAccess, 1},
                                          {BdField::D0Step, 700001},
                                          {BdField::Smid, 10},
                                          {BdField::AxQos, 7},
                                          {BdField::D2Step, 1000000},
                                          {BdField::IterationCurrent, 60},
                                          {BdField::AcquireId, 5},
                                          {BdField::AcquireValue, -3},
                                          {BdField::AcquireEnable, 1},
                                          {BdField::ReleaseId, 14},
                                          {BdField::ReleaseValue, 2},
                                          {BdField::UseNextBd, 1},
                                          {BdField::NextBd, 13},
                                          {BdField::TlastSuppress, 1}}),
              ElementsAre(0, 0, 0x724b0000, 0x400aae60, 0, 0xa07f423f, 0xf0000000, 0xec09dfa5));
}

TEST(StartQueue, WordOfEightRepeatsWithATokenIsThatOfTheReference) {
  std::array<uint32_t, 1> word{};
  put(word, queue::kStartBd, 0, "start_bd");
  put(word, queue::kRepeat, 8, "repeat");
  put(word, queue::kToken, 1, "token");
  EXPECT_EQ(word[0], 0x80070000u);
}

TEST(ShimAddress, SplitsAByteAddressOverTwoWords) {
  std::array<uint32_t, 8> words{};
  put_shim_bd_address(words, 0x1234'8000'0040);
  EXPECT_THAT(words, ElementsAre(0, 0x80000040, 0x1234, 0, 0, 0, 0, 0));
  EXPECT_EQ(shim_bd_address(words), 0x1234'8000'0040u);
}

TEST(ShimAddress, KeepsThePacketFieldsAboveIt) {
  std::array<uint32_t, 8> words{0, 0, 0x40080000};
  put_shim_bd_address(words, 0xFFFF'FFFF'FFFC);
  EXPECT_EQ(words[2], 0x4008FFFFu);
}

TEST(ShimAddress, MustBeWordAlignedAndHave48Bits) {
  std::array<uint32_t, 8> words{};
  EXPECT_EQ(error_text([&] { put_shim_bd_address(words, 0x102); }),
            "base_address: 0x102 is not a word address of 48 bits");
  EXPECT_THROW(put_shim_bd_address(words, uint64_t{1} << 48), Error);
}

// Hardware reference 4.7.
TEST(ChannelRegisters, AreWhereTheReferenceSays) {
  EXPECT_EQ(channel_register(TileKind::Core, RegisterId::S2mmQueue, 1), 0x1DE0Cu);
  EXPECT_EQ(channel_register(TileKind::Core, RegisterId::Mm2sStatus, 1), 0x1DF14u);
  EXPECT_EQ(channel_register(TileKind::Memtile, RegisterId::Mm2sControl, 5), 0xA0658u);
  EXPECT_EQ(channel_register(TileKind::Memtile, RegisterId::S2mmStatus, 5), 0xA0674u);
  EXPECT_EQ(channel_register(TileKind::Shim, RegisterId::Mm2sQueue, 0), 0x1D214u);
  EXPECT_EQ(channel_register(TileKind::Shim, RegisterId::S2mmFotCount, 1), 0x1D23Cu);
}

TEST(ChannelRegisters, OfAThirdCoreChannelDoNotExist) {
  EXPECT_EQ(error_text([] { channel_register(TileKind::Core, RegisterId::S2mmQueue, 2); }),
            "core.dma.s2mm{}.start_queue: there is no number 2; 0 to 1");
}

}  // namespace
}  // namespace npu::arch
