// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/ports.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include <gtest/gtest.h>

#include "tests/arch/error_text.h"

namespace npu::arch {
namespace {

constexpr TileKind kKinds[] = {TileKind::Shim, TileKind::Memtile, TileKind::Core};
const Partition kFull{&kNpu4, 8, 0};

Port core_port() {
  return {Bundle::Core, 0};
}
Port dma(uint8_t channel) {
  return {Bundle::Dma, channel};
}
Port control() {
  return {Bundle::TileControl, 0};
}
Port fifo() {
  return {Bundle::Fifo, 0};
}
Port south(uint8_t channel) {
  return {Bundle::South, channel};
}
Port west(uint8_t channel) {
  return {Bundle::West, channel};
}
Port north(uint8_t channel) {
  return {Bundle::North, channel};
}
Port east(uint8_t channel) {
  return {Bundle::East, channel};
}
Port trace(uint8_t channel) {
  return {Bundle::Trace, channel};
}

class EverySwitch : public testing::TestWithParam<TileKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, EverySwitch, testing::ValuesIn(kKinds),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

TEST_P(EverySwitch, NumbersSlavePortsAsItNamesThem) {
  for (int index = 0; index < slave_ports(GetParam()); ++index)
    EXPECT_EQ(slave_index(GetParam(), slave_port(GetParam(), index).value()), index);
  EXPECT_FALSE(slave_port(GetParam(), slave_ports(GetParam())));
  EXPECT_FALSE(slave_port(GetParam(), -1));
}

TEST_P(EverySwitch, NumbersMasterPortsAsItNamesThem) {
  for (int index = 0; index < master_ports(GetParam()); ++index)
    EXPECT_EQ(master_index(GetParam(), master_port(GetParam(), index).value()), index);
  EXPECT_FALSE(master_port(GetParam(), master_ports(GetParam())));
}

TEST_P(EverySwitch, HasAsManyPortRegistersAsPorts) {
  const auto last_master = switch_master_offset(GetParam(), master_ports(GetParam()) - 1);
  const auto last_slave = switch_slave_offset(GetParam(), slave_ports(GetParam()) - 1);
  const auto last_slot =
      switch_slot_offset(GetParam(), slave_ports(GetParam()) - 1, kSlotsPerSlave - 1);
  EXPECT_EQ(find_register(GetParam(), Generation::Aie2, last_master)->row->id,
            RegisterId::SwitchMaster);
  EXPECT_FALSE(find_register(GetParam(), Generation::Aie2, last_master + 4));
  EXPECT_EQ(find_register(GetParam(), Generation::Aie2, last_slave)->row->id,
            RegisterId::SwitchSlave);
  EXPECT_FALSE(find_register(GetParam(), Generation::Aie2, last_slave + 4));
  EXPECT_EQ(find_register(GetParam(), Generation::Aie2, last_slot)->row->id,
            RegisterId::SwitchSlot);
  EXPECT_FALSE(find_register(GetParam(), Generation::Aie2, last_slot + 4));
}

// Hardware reference 5.2.
TEST(Ports, HaveTheIndicesOfTheReference) {
  EXPECT_EQ(slave_index(TileKind::Core, south(0)), 5);
  EXPECT_EQ(master_index(TileKind::Core, north(5)), 18);
  EXPECT_EQ(slave_index(TileKind::Core, trace(1)), 24);
  EXPECT_EQ(slave_index(TileKind::Memtile, north(0)), 13);
  EXPECT_EQ(master_index(TileKind::Memtile, north(0)), 11);
  EXPECT_EQ(slave_index(TileKind::Shim, south(7)), 9);
  EXPECT_EQ(master_index(TileKind::Shim, east(3)), 21);
}

TEST(Ports, OfAMemtileDoNotGoSideways) {
  EXPECT_FALSE(slave_index(TileKind::Memtile, east(0)));
  EXPECT_FALSE(master_index(TileKind::Memtile, west(0)));
  EXPECT_EQ(slave_count(TileKind::Memtile, Bundle::West), 0);
}

TEST(Ports, AreNamedByGroupAndNumber) {
  EXPECT_EQ(to_string(north(2)), "north2");
  EXPECT_EQ(to_string(control()), "tile_control0");
}

// Hardware reference 5.3.
TEST(CoreSwitch, ConnectsAllButWhatTheReferenceExcludes) {
  constexpr TileKind kCore = TileKind::Core;
  EXPECT_TRUE(connectable(kCore, trace(0), fifo()));
  EXPECT_TRUE(connectable(kCore, trace(1), south(3)));
  EXPECT_TRUE(connectable(kCore, trace(0), dma(0)));
  EXPECT_FALSE(connectable(kCore, trace(0), dma(1)));
  EXPECT_FALSE(connectable(kCore, trace(0), north(0)));
  EXPECT_TRUE(connectable(kCore, core_port(), dma(1)));
  EXPECT_FALSE(connectable(kCore, core_port(), core_port()));
  EXPECT_TRUE(connectable(kCore, dma(1), dma(1)));
  EXPECT_FALSE(connectable(kCore, dma(1), dma(0)));
  EXPECT_TRUE(connectable(kCore, dma(1), east(0)));
  EXPECT_FALSE(connectable(kCore, control(), dma(0)));
  EXPECT_FALSE(connectable(kCore, control(), control()));
  EXPECT_TRUE(connectable(kCore, control(), south(0)));
  EXPECT_TRUE(connectable(kCore, fifo(), fifo()));
  EXPECT_TRUE(connectable(kCore, south(2), north(5)));
  EXPECT_TRUE(connectable(kCore, south(2), south(2)));
  EXPECT_FALSE(connectable(kCore, south(2), south(1)));
  EXPECT_FALSE(connectable(kCore, east(0), east(3)));
}

TEST(MemtileSwitch, KeepsTheLaneOfAStreamThatPassesVertically) {
  EXPECT_TRUE(connectable(TileKind::Memtile, south(3), north(3)));
  EXPECT_FALSE(connectable(TileKind::Memtile, south(3), north(2)));
  EXPECT_TRUE(connectable(TileKind::Memtile, north(1), south(1)));
  EXPECT_FALSE(connectable(TileKind::Memtile, north(1), north(2)));
  EXPECT_TRUE(connectable(TileKind::Memtile, south(3), dma(0)));
}

TEST(MemtileSwitch, ConnectsAllButWhatTheReferenceExcludes) {
  constexpr TileKind kMemtile = TileKind::Memtile;
  EXPECT_TRUE(connectable(kMemtile, trace(0), dma(5)));
  EXPECT_FALSE(connectable(kMemtile, trace(0), dma(0)));
  EXPECT_FALSE(connectable(kMemtile, trace(0), north(0)));
  EXPECT_TRUE(connectable(kMemtile, dma(4), dma(4)));
  EXPECT_FALSE(connectable(kMemtile, dma(4), dma(5)));
  EXPECT_TRUE(connectable(kMemtile, dma(4), north(0)));
  EXPECT_TRUE(connectable(kMemtile, control(), dma(5)));
  EXPECT_FALSE(connectable(kMemtile, control(), dma(4)));
  EXPECT_FALSE(connectable(kMemtile, control(), control()));
  EXPECT_FALSE(connectable(kMemtile, dma(0), east(0)));
}

TEST(ShimSwitch, ConnectsAllButWhatTheReferenceExcludes) {
  constexpr TileKind kShim = TileKind::Shim;
  EXPECT_TRUE(connectable(kShim, trace(0), west(0)));
  EXPECT_FALSE(connectable(kShim, trace(0), west(1)));
  EXPECT_TRUE(connectable(kShim, trace(0), east(0)));
  EXPECT_FALSE(connectable(kShim, trace(0), north(0)));
  EXPECT_TRUE(connectable(kShim, control(), south(0)));
  EXPECT_FALSE(connectable(kShim, control(), control()));
  EXPECT_TRUE(connectable(kShim, south(3), south(2)));
  EXPECT_TRUE(connectable(kShim, north(0), north(0)));
  EXPECT_FALSE(connectable(kShim, north(0), north(1)));
}

TEST(Wiring, IsTheSameSeenFromBothEnds) {
  for (uint8_t col = 0; col < kFull.columns; ++col)
    for (uint8_t row = 0; row < kRows; ++row)
      for (int index = 0; index < master_ports(kind_of_row(row)); ++index) {
        const PortAt master{{col, row}, *master_port(kind_of_row(row), index)};
        if (const auto slave = wired_to(kFull, master.tile, master.port)) {
          EXPECT_EQ(wired_from(kFull, slave->tile, slave->port), master) << to_string(master.tile);
        }
      }
}

TEST(Wiring, FeedsNoSlavePortTwice) {
  std::vector<PortAt> fed;
  for (uint8_t col = 0; col < kFull.columns; ++col)
    for (uint8_t row = 0; row < kRows; ++row)
      for (int index = 0; index < master_ports(kind_of_row(row)); ++index)
        if (const auto slave = wired_to(kFull, {col, row}, *master_port(kind_of_row(row), index)))
          fed.push_back(*slave);
  std::ranges::sort(fed);
  EXPECT_EQ(std::ranges::adjacent_find(fed), fed.end());
}

TEST(Wiring, TakesSixStreamsUpAndFourDownAColumn) {
  EXPECT_EQ(wired_to(kFull, {2, 0}, north(5)), (PortAt{{2, 1}, south(5)}));
  EXPECT_EQ(wired_to(kFull, {2, 2}, south(3)), (PortAt{{2, 1}, north(3)}));
  EXPECT_FALSE(wired_to(kFull, {2, 2}, south(4)));
}

TEST(Wiring, LeadsEastToTheWestPortOfTheNeighbour) {
  EXPECT_EQ(wired_to(kFull, {2, 3}, east(1)), (PortAt{{3, 3}, west(1)}));
  EXPECT_EQ(wired_to(kFull, {2, 3}, west(1)), (PortAt{{1, 3}, east(1)}));
}

TEST(Wiring, EndsAtTheBordersOfThePartition) {
  const Partition narrow{&kNpu1, 2, 1};
  EXPECT_TRUE(wired_to(narrow, {0, 3}, east(0)));
  EXPECT_FALSE(wired_to(narrow, {1, 3}, east(0)));
  EXPECT_FALSE(wired_to(narrow, {0, 3}, west(0)));
  EXPECT_FALSE(wired_to(narrow, {0, 5}, north(0)));
  EXPECT_FALSE(wired_to(narrow, {0, 0}, south(2)));
  EXPECT_FALSE(wired_to(narrow, {2, 3}, west(0)));
}

TEST(Wiring, DoesNotLeaveTheTileFromItsLocalPorts) {
  EXPECT_FALSE(wired_to(kFull, {2, 3}, dma(0)));
  EXPECT_FALSE(wired_to(kFull, {2, 3}, fifo()));
}

// Hardware reference C.1.
TEST(SwitchRegisters, OfTheRoutesOfTheReferenceHaveItsAddresses) {
  EXPECT_EQ(
      address_of({0, 0}, switch_slave_offset(TileKind::Shim,
                                             *slave_index(TileKind::Shim, shim_dma_slave(0)))),
      0x0003f114u);
  EXPECT_EQ(address_of({0, 0}, switch_master_offset(TileKind::Shim,
                                                    *master_index(TileKind::Shim, north(0)))),
            0x0003f030u);
  EXPECT_EQ(address_of({0, 1}, switch_slave_offset(TileKind::Memtile,
                                                   *slave_index(TileKind::Memtile, south(0)))),
            0x001b011cu);
  EXPECT_EQ(address_of({0, 1}, switch_master_offset(TileKind::Memtile,
                                                    *master_index(TileKind::Memtile, north(0)))),
            0x001b002cu);
  EXPECT_EQ(address_of({0, 2}, switch_master_offset(TileKind::Core,
                                                    *master_index(TileKind::Core, south(0)))),
            0x0023f014u);
  EXPECT_EQ(
      address_of({0, 0}, switch_master_offset(TileKind::Shim,
                                              *master_index(TileKind::Shim, shim_dma_master(0)))),
      0x0003f010u);
}

TEST(SwitchRegisters, OfACircuitHaveTheValuesOfTheReference) {
  std::array<uint32_t, 1> word{};
  put(word, master::kEnable, 1, "enable");
  put(word, master::kSlave, *slave_index(TileKind::Memtile, north(0)), "slave");
  EXPECT_EQ(word[0], 0x8000000du);
}

// C.5
TEST(SwitchRegisters, OfAPacketRouteHaveTheValuesOfTheReference) {
  std::array<uint32_t, 1> slot_word{};
  put(slot_word, slot::kId, 3, "id");
  put(slot_word, slot::kMask, 0x1F, "mask");
  put(slot_word, slot::kEnable, 1, "enable");
  put(slot_word, slot::kMsel, 1, "msel");
  put(slot_word, slot::kArbiter, 0, "arbiter");
  EXPECT_EQ(slot_word[0], 0x031f0110u);
  std::array<uint32_t, 1> master_word{};
  put(master_word, master::kEnable, 1, "enable");
  put(master_word, master::kPacket, 1, "packet");
  put(master_word, master::kDropHeader, 1, "drop_header");
  put(master_word, master::kMselMask, 0b0010, "msel");
  EXPECT_EQ(master_word[0], 0xc0000090u);
}

TEST(ShimMux, SelectsDmaWithTheValuesOfTheReference) {
  std::array<uint32_t, 2> words{};
  put(std::span(words).first(1), *shim_mux_bits(shim_dma_slave(0).channel), 1, "south3");
  put(std::span(words).last(1), *shim_demux_bits(shim_dma_master(0).channel), 1, "south2");
  EXPECT_EQ(words, (std::array<uint32_t, 2>{0x400, 0x10}));
}

TEST(ShimMux, HasNoChoiceForTheOuterPorts) {
  EXPECT_FALSE(shim_mux_bits(0));
  EXPECT_FALSE(shim_mux_bits(4));
  EXPECT_FALSE(shim_demux_bits(1));
}

TEST(PacketHeader, OfTheReferenceIsReproduced) {
  EXPECT_EQ(packet_header({1, 1}, 3, 0, 0), 0x80210003u);
}

TEST(PacketHeader, HasAnOddNumberOfOnes) {
  for (uint8_t col = 0; col < 8; ++col)
    for (int id = 0; id < 32; ++id)
      EXPECT_EQ(std::popcount(packet_header({col, 3}, id, id % 8, 2 * id)) % 2, 1);
}

TEST(PacketHeader, CarriesTheOutOfOrderIdAboveTheStreamId) {
  const std::array words{packet_header({7, 5}, 31, 7, 63)};
  EXPECT_EQ(get(words, header::kOutOfOrderId), 63);
  EXPECT_EQ(get(words, header::kStreamId), 31);
  EXPECT_EQ(get(words, header::kType), 7);
  EXPECT_EQ(get(words, header::kSourceCol), 7);
}

TEST(PacketHeader, HasNoRoomForStreamId32) {
  EXPECT_EQ(error_text([] {
              packet_header({0, 1}, 32, 0, 0);
            }),
            "packet_id: 32 does not fit in 5 bits; 0 to 31");
}

}  // namespace
}  // namespace npu::arch
