// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Streams through the switches: what passes, what waits, and how many words a route holds.
#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using enum BdField;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Coord kShim{0, 0};
constexpr Coord kSender{0, 2};
constexpr Coord kReceiver{0, 3};
constexpr Coord kOther{1, 2};
constexpr uint32_t kTarget = 0x8000;

class Streams : public BothFidelities {
 protected:
  Streams() { b.write_words(kSender, 0, counting(100, 256)); }

  /// Sends `words` from the sender's MM2S channel, in packets when there is an id.
  void send(int channel, int64_t words, int id = -1, int64_t base = 0) {
    const int bd = next_++;
    b.bd(kSender, bd,
         {{BaseAddress, base},
          {Length, words},
          {EnablePacket, id >= 0},
          {PacketId, std::max(id, 0)}});
    b.push(kSender, kMm2s, channel, bd);
  }
  /// Receives `words` to the target area; `lock` is acquired first when it is not negative.
  void receive(Coord at, int64_t words, int lock = -1, int channel = 0) {
    const int bd = next_++;
    b.bd(at, bd,
         {{BaseAddress, kTarget / 4},
          {Length, words},
          {AcquireEnable, lock >= 0},
          {AcquireId, std::max(lock, 0)},
          {AcquireValue, -1},
          {ReleaseId, 15},
          {ReleaseValue, 1}});
    b.push(at, kS2mm, channel, bd);
  }
  bool finished(Coord at) { return b.lock(at, 15) > 0; }
  bool sender_idle(int channel = 0) {
    return b.status(kSender, kMm2s, channel, arch::status::kRunning) == 0;
  }
  Words received(Coord at, size_t count) { return b.words(at, kTarget, count); }

  Bench b{options()};
  int next_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Switches, Streams, kBothFidelities, fidelity_name);

// Circuits

TEST_P(Streams, CircuitMovesEveryWordInOrder) {
  b.circuit(kSender, kDma0, {3, 5}, kDma1);
  send(0, 200);
  receive({3, 5}, 200, -1, 1);
  b.settle();
  EXPECT_EQ(received({3, 5}, 200), counting(100, 200));
}

TEST_P(Streams, CircuitBroadcastReachesEveryListener) {
  b.circuit(kSender, kDma0, kReceiver, kDma0);
  b.circuit(kSender, kDma0, kOther, kDma0);
  send(0, 50);
  receive(kReceiver, 50);
  receive(kOther, 50);
  b.settle();
  EXPECT_EQ(received(kReceiver, 50), counting(100, 50));
  EXPECT_EQ(received(kOther, 50), counting(100, 50));
}

TEST_P(Streams, EachBranchOfABroadcastFinishesByItself) {
  // The upper receiver's lock is released by the core of the lower one, which needs its eight words
  // first: the upper port holds them meanwhile.
  const Coord upper{0, 4};
  b.circuit(kSender, kDma0, kReceiver, kDma0);
  b.circuit(kSender, kDma0, upper, kDma0);
  b.start_core(kReceiver, "acquire 63, -1\n release 46, 1\n done\n");
  send(0, 8);
  receive(kReceiver, 8);
  receive(upper, 8, 14);
  b.settle();
  EXPECT_TRUE(finished(upper));
}

TEST_P(Streams, SlowBranchOfABroadcastStopsTheOthersBeyondItsPort) {
  b.circuit(kSender, kDma0, kReceiver, kDma0);
  b.circuit(kSender, kDma0, kOther, kDma0);
  send(0, 9);
  receive(kReceiver, 9);
  receive(kOther, 9, 14);
  b.settle();
  EXPECT_FALSE(finished(kReceiver));
  EXPECT_THAT(received(kReceiver, 9), ElementsAre(100, 101, 102, 103, 104, 105, 106, 107, 0));
}

TEST_P(Streams, BroadcastGoesOnWhenTheSlowBranchDoes) {
  b.circuit(kSender, kDma0, kReceiver, kDma0);
  b.circuit(kSender, kDma0, kOther, kDma0);
  send(0, 40);
  receive(kReceiver, 40);
  receive(kOther, 40, 14);
  b.settle();
  b.set_lock(kOther, 14, 1);
  b.settle();
  EXPECT_EQ(received(kReceiver, 40), counting(100, 40));
  EXPECT_EQ(received(kOther, 40), counting(100, 40));
}

TEST_P(Streams, StreamWithoutARouteIsReportedOnce) {
  send(0, 4);
  b.settle();
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::NoRoute));
}

TEST_P(Streams, StreamThatLeavesTheArrayIsReported) {
  b.connect(kShim, {Bundle::North, 0}, {Bundle::South, 0});
  b.connect({0, 1}, {Bundle::North, 0}, {Bundle::South, 0});
  b.connect(kSender, kDma0, {Bundle::South, 0});
  send(0, 4);
  b.settle();
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::NoRoute));
}

TEST_P(Streams, StreamMovesWhenItsRouteIsWrittenLater) {
  send(0, 4);
  receive(kReceiver, 4);
  b.settle();
  b.circuit(kSender, kDma0, kReceiver, kDma0);
  b.settle();
  EXPECT_EQ(received(kReceiver, 4), counting(100, 4));
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::NoRoute));
}

// What routes hold

TEST_P(Streams, SenderWithEightWordsMoreThanTakenFinishes) {
  b.circuit(kSender, kDma0, kReceiver, kDma0);
  send(0, 20 + 8);
  receive(kReceiver, 20);
  b.settle();
  EXPECT_TRUE(sender_idle());
}

TEST_P(Streams, SenderWithNineWordsMoreThanTakenHangs) {
  b.circuit(kSender, kDma0, kReceiver, kDma0);
  send(0, 20 + 9);
  receive(kReceiver, 20);
  b.settle();
  EXPECT_FALSE(sender_idle());
}

TEST_P(Streams, WordsThatWaitInThePortGoToTheNextDescriptor) {
  b.circuit(kSender, kDma0, kReceiver, kDma0);
  send(0, 28);
  receive(kReceiver, 20);
  b.settle();
  receive(kReceiver, 8);
  b.settle();
  EXPECT_EQ(received(kReceiver, 8), counting(120, 8));
}

TEST_P(Streams, FifoPortHoldsSixteenWordsMore) {
  for (const int surplus : {24, 25}) {
    Bench bench(options());
    bench.connect(kSender, kDma0, {Bundle::North, 0});
    bench.connect(kReceiver, {Bundle::South, 0}, {Bundle::Fifo, 0});
    bench.connect(kReceiver, {Bundle::Fifo, 0}, kDma0);
    bench.bd(kSender, 0, {{Length, surplus}});
    bench.push(kSender, kMm2s, 0, 0);
    bench.settle();
    EXPECT_EQ(bench.status(kSender, kMm2s, 0, arch::status::kRunning), surplus > 24) << surplus;
  }
}

TEST_P(Streams, DroppedHeaderTakesNoPlaceInThePort) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1, .drop = true});
  send(0, 8, 1);
  b.settle();
  EXPECT_TRUE(sender_idle());
}

TEST_P(Streams, KeptHeaderTakesAPlaceInThePort) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1, .drop = false});
  send(0, 8, 1);
  b.settle();
  EXPECT_FALSE(sender_idle());
}

// Two packets of one shim channel share a trunk of switches and part at the last one. The first
// receiver takes 20 words and then waits: does the second packet get through?
class SharedTrunk : public ::testing::TestWithParam<std::tuple<Fidelity, int, int>> {};
INSTANTIATE_TEST_SUITE_P(Strix, SharedTrunk,
                         ::testing::Combine(kBothFidelities, ::testing::Values(2, 5),
                                            ::testing::Values(7, 8, 9, 30)),
                         [](const auto& test) {
                           return fmt::format(
                               "{}Row{}Surplus{}",
                               std::get<0>(test.param) == Fidelity::Flow ? "Flow" : "Word",
                               std::get<1>(test.param), std::get<2>(test.param));
                         });

TEST_P(SharedTrunk, LetsTheSecondPacketThroughUpToEightSurplusWords) {
  const auto [fidelity, row, surplus] = GetParam();
  const Coord end{0, static_cast<uint8_t>(row)};
  Options options;
  options.fidelity = fidelity;
  Bench b(options, Bench::npu4());
  b.packet(kShim, kDma0, end, kDma0, {.id = 1, .slot = 0, .msel = 0});
  b.packet(kShim, kDma0, end, kDma1, {.id = 2, .slot = 1, .msel = 1});
  // On the shared trunk both ids take the one master.
  b.bd(end, 0, {{BaseAddress, kTarget / 4}, {Length, 20}});
  b.bd(end, 1, {{BaseAddress, 0}, {Length, 10}});
  b.push(end, kS2mm, 0, 0);
  b.push(end, kS2mm, 1, 1);
  Words first = counting(1, static_cast<size_t>(20 + surplus));
  Words second = counting(500, 10);
  const std::vector<HostBuffer> arguments{argument(first), argument(second)};
  const int64_t words = 20 + surplus;
  b.settle(
      Bench::shim_task(kShim, kMm2s, 0, 0, 0, {{Length, words}, {EnablePacket, 1}, {PacketId, 1}}) +
          Bench::shim_task(kShim, kMm2s, 0, 1, 1, {{Length, 10}, {EnablePacket, 1}, {PacketId, 2}}),
      arguments);
  EXPECT_EQ(b.words(end, kTarget, 20), counting(1, 20));
  if (surplus <= 8)
    EXPECT_EQ(b.words(end, 0, 10), second);
  else
    EXPECT_THAT(b.words(end, 0, 10), Each(0u));
}

// Packets

TEST_P(Streams, PacketsPartByTheirIds) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1, .slot = 0, .arbiter = 0});
  b.packet(kSender, kDma0, kOther, kDma0, {.id = 2, .slot = 1, .arbiter = 1});
  send(0, 4, 1);
  send(0, 4, 2, 50);
  receive(kReceiver, 4);
  receive(kOther, 4);
  b.settle();
  EXPECT_EQ(received(kReceiver, 4), counting(100, 4));
  EXPECT_EQ(received(kOther, 4), counting(150, 4));
}

TEST_P(Streams, PacketMulticastReachesEveryMasterOfItsMsel) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1});
  b.packet(kSender, kDma0, kOther, kDma0, {.id = 1});
  send(0, 30, 1);
  receive(kReceiver, 30);
  receive(kOther, 30);
  b.settle();
  EXPECT_EQ(received(kReceiver, 30), counting(100, 30));
  EXPECT_EQ(received(kOther, 30), counting(100, 30));
}

TEST_P(Streams, HeaderWithoutASlotIsReportedAndStops) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1});
  send(0, 4, 9);
  b.settle();
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::HeaderUnmatched));
  EXPECT_FALSE(sender_idle());
}

TEST_P(Streams, PacketHoldsItsArbiterUntilItsLastWord) {
  // The receiver is slow: the second sender's words must not slip between the first one's.
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1});
  b.packet(kSender, kDma1, kReceiver, kDma0, {.id = 2, .slot = 1});
  send(0, 20, 1);
  send(1, 20, 2, 50);
  receive(kReceiver, 10);
  b.settle();
  receive(kReceiver, 10);
  b.settle();
  EXPECT_EQ(received(kReceiver, 10), counting(110, 10));
  receive(kReceiver, 20);
  b.settle();
  EXPECT_EQ(received(kReceiver, 20), counting(150, 20));
}

TEST_P(Streams, SuppressedTlastKeepsTheArbiterBetweenDescriptors) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1});
  b.packet(kSender, kDma1, kReceiver, kDma0, {.id = 2, .slot = 1});
  b.bd(kSender, 14, {{Length, 4}, {EnablePacket, 1}, {PacketId, 1}, {TlastSuppress, 1}});
  b.push(kSender, kMm2s, 0, 14);
  receive(kReceiver, 12);
  b.settle();
  send(1, 4, 2, 50);
  b.settle();
  EXPECT_FALSE(sender_idle(1));
  b.bd(kSender, 15, {{BaseAddress, 4}, {Length, 4}});
  b.push(kSender, kMm2s, 0, 15);
  b.settle();
  EXPECT_THAT(received(kReceiver, 12),
              ElementsAre(100, 101, 102, 103, 104, 105, 106, 107, 150, 151, 152, 153));
}

TEST_P(Streams, ArbiterServesWaitingPortsInTurn) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1});
  b.packet(kSender, kDma1, kReceiver, kDma0, {.id = 2, .slot = 1});
  for (int i = 0; i < 3; ++i) {
    send(0, 1, 1, i);
    send(1, 1, 2, 50 + i);
  }
  receive(kReceiver, 6);
  b.settle();
  EXPECT_THAT(received(kReceiver, 6), ElementsAre(100, 150, 101, 151, 102, 152));
}

TEST_P(Streams, DeterministicMergeKeepsItsOrder) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1});
  b.packet(kSender, kDma1, kReceiver, kDma0, {.id = 2, .slot = 1});
  // Slaves 1 and 2 are MM2S 0 and 1: one packet of channel 1, then two of channel 0.
  b.write(kSender, 0x3F800, 2 | 1 << 8 | 1 << 16 | 2 << 24);
  b.write(kSender, 0x3F808, 1);
  for (int i = 0; i < 2; ++i)
    send(0, 1, 1, i);
  send(1, 1, 2, 50);
  receive(kReceiver, 3);
  b.settle();
  EXPECT_THAT(received(kReceiver, 3), ElementsAre(150, 100, 101));
}

TEST_P(Streams, DeterministicMergeWaitsForAPortThatSendsNothing) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1});
  b.write(kSender, 0x3F800, 2 | 1 << 8);
  b.write(kSender, 0x3F808, 1);
  send(0, 1, 1);
  receive(kReceiver, 1);
  b.settle();
  EXPECT_FALSE(finished(kReceiver));
  b.write(kSender, 0x3F808, 0);
  b.settle();
  EXPECT_TRUE(finished(kReceiver));
}

TEST_P(Streams, PacketWaitsBehindAStuckOneInItsArbiter) {
  b.packet(kSender, kDma0, kReceiver, kDma0, {.id = 1, .slot = 0, .msel = 0});
  b.packet(kSender, kDma1, kReceiver, kDma1, {.id = 2, .slot = 0, .msel = 1, .lane = 1});
  send(0, 20, 1);
  send(1, 4, 2, 50);
  receive(kReceiver, 20, 3, 0);
  receive(kReceiver, 4, -1, 1);
  b.settle();
  EXPECT_FALSE(finished(kReceiver));
}

TEST_P(Streams, LatencyIsThatOfTheSwitches) {
  b.circuit(kSender, kDma0, kReceiver, kDma0);
  send(0, 1);
  receive(kReceiver, 1);
  b.settle();
  const auto at = [&](observe::AgentKind kind, bool end) {
    return b.record.cycle_of<observe::DescriptorChanged>(
        [&](const auto& d) { return d.channel.kind == kind && d.finished == end; });
  };
  // One word leaves, 4 + 3 cycles of switches, one cycle to take it.
  EXPECT_EQ(at(observe::AgentKind::S2mm, true) - at(observe::AgentKind::Mm2s, false), 4u + 3u + 1u);
}

}  // namespace
}  // namespace npu::sim
