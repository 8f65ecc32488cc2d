// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/route.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::logic {
namespace {

using arch::Bundle;
using arch::Coord;
using arch::Port;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Problem = Route::Problem;

constexpr Port kDma0{Bundle::Dma, 0};
constexpr Coord kCore{0, 2};
constexpr Coord kAbove{0, 3};

/// A network whose switches are written port by port.
class Routes : public ::testing::Test {
 protected:
  uint32_t& slave(Coord at, Port port) {
    return network.at(at).slaves[*arch::slave_index(at.kind(), port)];
  }
  uint32_t& master(Coord at, Port port) {
    return network.at(at).masters[*arch::master_index(at.kind(), port)];
  }
  void connect(Coord at, Port from, Port to) {
    slave(at, from) = 1u << 31;
    master(at, to) = 1u << 31 | static_cast<uint32_t>(*arch::slave_index(at.kind(), from));
  }
  void slot(Coord at, Port from, int index, int id, int mask, int arbiter, int msel) {
    slave(at, from) = 3u << 30;
    network.at(at).slots[*arch::slave_index(at.kind(), from)][index] =
        static_cast<uint32_t>(id << 24 | mask << 16 | 1 << 8 | msel << 4 | arbiter);
  }
  void packet_master(Coord at, Port to, int arbiter, int msels, bool drop = false) {
    master(at, to) = 3u << 30 | (drop ? 1u << 7 : 0u) | static_cast<uint32_t>(msels << 3 | arbiter);
  }
  /// MM2S 0 of a core tile goes north to S2MM 0 of the tile above.
  void circuit_up() {
    connect(kCore, kDma0, {Bundle::North, 0});
    connect(kAbove, {Bundle::South, 0}, kDma0);
  }
  Route from_core(std::optional<uint32_t> header = {}) {
    return network.resolve({kCore, SinkKind::Dma, 0}, header);
  }

  arch::Partition partition = arch::partition_of(arch::kNpu1, 4);
  arch::Timing timing;
  Network network{partition, timing};
};

TEST_F(Routes, CircuitEndsAtTheConnectedReceiver) {
  circuit_up();
  const Route route = from_core();
  ASSERT_THAT(route.legs, SizeIs(1));
  EXPECT_EQ(route.legs[0].sink, (SinkId{kAbove, SinkKind::Dma, 0}));
  EXPECT_EQ(route.problem, Problem::None);
  EXPECT_FALSE(route.packet);
}

TEST_F(Routes, LatencyAddsUpOverSwitches) {
  circuit_up();
  EXPECT_EQ(from_core().legs[0].latency, 4u + 3u);
  connect(kAbove, {Bundle::South, 0}, {Bundle::North, 0});
  connect({0, 4}, {Bundle::South, 0}, kDma0);
  master(kAbove, kDma0) = 0;
  EXPECT_EQ(from_core().legs[0].latency, 4u + 4u + 3u);
}

TEST_F(Routes, LoopBackInsideASwitchHasItsOwnLatency) {
  connect(kCore, kDma0, kDma0);
  EXPECT_EQ(from_core().legs[0].latency, 3u);
}

TEST_F(Routes, BufferIsThatOfTheReceivingTile) {
  timing.stream.circuit.core.value = 11;
  timing.stream.circuit.memtile.value = 22;
  connect(kCore, kDma0, {Bundle::South, 0});
  connect({0, 1}, {Bundle::North, 0}, {Bundle::Dma, 4});
  EXPECT_EQ(from_core().legs[0].buffer, 22u);
}

TEST_F(Routes, DisabledSlaveIsNoRoute) {
  circuit_up();
  slave(kAbove, {Bundle::South, 0}) = 0;
  EXPECT_EQ(from_core().problem, Problem::NoRoute);
  EXPECT_EQ(from_core().where, (arch::PortAt{kAbove, {Bundle::South, 0}}));
}

TEST_F(Routes, SlaveThatNobodyListensToIsNoRoute) {
  circuit_up();
  master(kAbove, kDma0) = 0;
  EXPECT_EQ(from_core().problem, Problem::NoRoute);
}

TEST_F(Routes, BorderOfThePartitionIsNoRoute) {
  connect(kCore, kDma0, {Bundle::West, 0});
  EXPECT_EQ(from_core().problem, Problem::NoRoute);
}

TEST_F(Routes, CircuitMulticastHasALegForEachListener) {
  circuit_up();
  master(kAbove, {Bundle::Dma, 1}) = master(kAbove, kDma0);
  master(kAbove, {Bundle::North, 2}) = master(kAbove, kDma0);
  connect({0, 4}, {Bundle::South, 2}, kDma0);
  EXPECT_THAT(from_core().legs, SizeIs(3));
}

TEST_F(Routes, PacketThatComesBackToASwitchIsReported) {
  slot(kCore, kDma0, 0, 3, 0x1F, 0, 0);
  packet_master(kCore, {Bundle::North, 0}, 0, 1);
  slot(kAbove, {Bundle::South, 0}, 0, 3, 0x1F, 0, 0);
  packet_master(kAbove, {Bundle::South, 0}, 0, 1);
  slot(kCore, {Bundle::North, 0}, 0, 3, 0x1F, 0, 0);
  EXPECT_EQ(from_core(3).problem, Problem::Ring);
}

TEST_F(Routes, FifoPortAddsItsWordsBeyondTheReceiver) {
  connect(kCore, kDma0, {Bundle::Fifo, 0});
  connect(kCore, {Bundle::Fifo, 0}, kDma0);
  const uint32_t with = from_core().legs[0].buffer;
  connect(kCore, kDma0, kDma0);
  EXPECT_EQ(with, from_core().legs[0].buffer + 16);
}

TEST_F(Routes, ForkBehindAFifoPortIsRefused) {
  connect(kCore, kDma0, {Bundle::Fifo, 0});
  connect(kCore, {Bundle::Fifo, 0}, kDma0);
  master(kCore, {Bundle::Dma, 1}) = master(kCore, kDma0);
  EXPECT_EQ(from_core().problem, Problem::FifoOnTrunk);
}

TEST_F(Routes, ShimChannelNeedsItsMultiplexer) {
  const Coord shim{0, 0};
  connect(shim, {Bundle::South, 3}, {Bundle::North, 0});
  connect({0, 1}, {Bundle::South, 0}, kDma0);
  EXPECT_EQ(network.resolve({shim, SinkKind::Dma, 0}, {}).problem, Problem::NoRoute);
  network.at(shim).mux = 1u << 10;
  EXPECT_EQ(network.resolve({shim, SinkKind::Dma, 0}, {}).problem, Problem::None);
}

TEST_F(Routes, ShimSouthMasterLeadsToTheDmaOnlyByItsDemultiplexer) {
  const Coord shim{0, 0};
  connect({0, 1}, kDma0, {Bundle::South, 0});
  connect(shim, {Bundle::North, 0}, {Bundle::South, 2});
  const auto sink = [&] { return network.resolve({{0, 1}, SinkKind::Dma, 0}, {}).legs.at(0).sink; };
  EXPECT_EQ(sink().kind, SinkKind::Border);
  network.at(shim).demux = 1u << 4;
  EXPECT_EQ(sink(), (SinkId{shim, SinkKind::Dma, 0}));
}

TEST_F(Routes, PacketFollowsTheSlotOfItsId) {
  slot(kCore, kDma0, 0, 5, 0x1F, 1, 2);
  packet_master(kCore, {Bundle::Dma, 0}, 1, 1 << 2);
  packet_master(kCore, {Bundle::Dma, 1}, 1, 1 << 1);
  const Route route = from_core(5);
  ASSERT_THAT(route.legs, SizeIs(1));
  EXPECT_EQ(route.legs[0].sink.channel, 0);
  EXPECT_TRUE(route.packet);
}

TEST_F(Routes, MaskedBitsOfTheIdDoNotMatter) {
  slot(kCore, kDma0, 0, 4, 0x1C, 0, 0);
  packet_master(kCore, kDma0, 0, 1);
  for (const uint32_t id : {4u, 5u, 6u, 7u})
    EXPECT_EQ(from_core(id).problem, Problem::None) << id;
  EXPECT_EQ(from_core(8).problem, Problem::HeaderUnmatched);
}

TEST_F(Routes, TheFirstMatchingSlotDecides) {
  slot(kCore, kDma0, 1, 3, 0x1F, 0, 0);
  slot(kCore, kDma0, 3, 3, 0x1F, 1, 0);
  packet_master(kCore, kDma0, 0, 1);
  packet_master(kCore, {Bundle::Dma, 1}, 1, 1);
  EXPECT_EQ(from_core(3).legs.at(0).sink.channel, 0);
}

TEST_F(Routes, DisabledSlotMatchesNothing) {
  slot(kCore, kDma0, 0, 3, 0x1F, 0, 0);
  network.at(kCore).slots[1][0] &= ~(1u << 8);
  packet_master(kCore, kDma0, 0, 1);
  EXPECT_EQ(from_core(3).problem, Problem::HeaderUnmatched);
}

TEST_F(Routes, MselSelectsSeveralMasters) {
  slot(kCore, kDma0, 0, 3, 0x1F, 2, 3);
  packet_master(kCore, {Bundle::Dma, 0}, 2, 0b1000);
  packet_master(kCore, {Bundle::Dma, 1}, 2, 0b1001);
  packet_master(kCore, {Bundle::Core, 0}, 2, 0b0111);
  EXPECT_THAT(from_core(3).legs, SizeIs(2));
}

TEST_F(Routes, HeaderIsDroppedAtTheMasterThatSaysSo) {
  slot(kCore, kDma0, 0, 3, 0x1F, 0, 0);
  packet_master(kCore, {Bundle::Dma, 0}, 0, 1, true);
  packet_master(kCore, {Bundle::Dma, 1}, 0, 1, false);
  const Route route = from_core(3);
  EXPECT_THAT(route.legs,
              ElementsAre(Field(&Leg::drops_header, true), Field(&Leg::drops_header, false)));
}

TEST_F(Routes, HeaderThatIsGoneMatchesNoFurtherSwitch) {
  slot(kCore, kDma0, 0, 3, 0x1F, 0, 0);
  packet_master(kCore, {Bundle::North, 0}, 0, 1, true);
  slot(kAbove, {Bundle::South, 0}, 0, 3, 0x1F, 0, 0);
  packet_master(kAbove, kDma0, 0, 1);
  EXPECT_EQ(from_core(3).problem, Problem::HeaderUnmatched);
}

TEST_F(Routes, ArbitersAreListedInTheOrderTheHeaderMeetsThem) {
  slot(kCore, kDma0, 0, 3, 0x1F, 4, 0);
  packet_master(kCore, {Bundle::North, 0}, 4, 1);
  slot(kAbove, {Bundle::South, 0}, 0, 3, 0x1F, 2, 0);
  packet_master(kAbove, kDma0, 2, 1);
  EXPECT_THAT(from_core(3).arbiters,
              ElementsAre(ArbiterUse{kCore, 4, 1, 0}, ArbiterUse{kAbove, 2, 5, 4}));
}

TEST_F(Routes, ArbiterThatSlotsOfTwoSlavesNameIsContended) {
  slot(kCore, kDma0, 0, 3, 0x1F, 4, 0);
  packet_master(kCore, {Bundle::Dma, 0}, 4, 1);
  slot(kCore, {Bundle::North, 0}, 0, 3, 0x1F, 5, 0);
  EXPECT_FALSE(from_core(3).arbiters[0].contended);
  slot(kCore, {Bundle::North, 0}, 1, 2, 0x1F, 4, 0);
  EXPECT_TRUE(from_core(3).arbiters[0].contended);
}

TEST_F(Routes, PacketMasterIgnoresCircuitSlaves) {
  circuit_up();
  master(kCore, {Bundle::Dma, 0}) = 3u << 30 | 1;
  EXPECT_THAT(from_core().legs, SizeIs(1));
}

}  // namespace
}  // namespace npu::logic
