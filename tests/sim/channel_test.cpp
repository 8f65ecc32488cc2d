// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Channels: their queues, what their status registers say, how they stop and start again.
#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using enum BdField;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Task = observe::TaskChanged;

constexpr Coord kShim{1, 0};
constexpr Coord kMemtile{1, 1};
constexpr Coord kCore{1, 2};
constexpr uint32_t kTarget = 0x8000;
constexpr uint32_t kReset = 2;

class Channels : public BothFidelities {
 protected:
  void loop_back() {
    b.circuit(kCore, kDma0, kCore, kDma0);
    b.write_words(kCore, 0, counting(100, 256));
  }
  int64_t status(Direction direction, arch::Bits field) {
    return b.status(kCore, direction, 0, field);
  }
  Bench b{options()};
};
INSTANTIATE_TEST_SUITE_P(Streams, Channels, kBothFidelities, fidelity_name);

// Queues

/// Pushes `pushes` tasks to a receiver that never gets a word; returns how many were dropped.
int64_t dropped(const Options& options, bool running_counts, int pushes, bool start_first) {
  arch::Timing timing = quick_controller();
  timing.dma.running_task_counts.value = running_counts;
  Bench b(options, Bench::npu1(), timing);
  b.bd(kCore, 0, {{Length, 4}});
  for (int i = 0; i < pushes; ++i) {
    b.push(kCore, kS2mm, 0, 0);
    if (start_first && i == 0)
      b.settle();
  }
  const auto changes = b.record.all<Task>();
  return std::ranges::count(changes, Task::What::Dropped, &Task::what);
}

TEST_P(Channels, QueueHoldsFourTasksTheRunningOneIncluded) {
  EXPECT_EQ(dropped(options(), true, 4, true), 0);
  EXPECT_EQ(dropped(options(), true, 5, true), 1);
}

TEST_P(Channels, QueueHoldsFourTasksBehindTheRunningOneWhenThatDoesNotCount) {
  EXPECT_EQ(dropped(options(), false, 5, true), 0);
  EXPECT_EQ(dropped(options(), false, 6, true), 1);
}

TEST_P(Channels, FourPushesAtOnceFitIntoAnIdleChannel) {
  EXPECT_EQ(dropped(options(), true, 4, false), 0);
  EXPECT_EQ(dropped(options(), true, 5, false), 1);
}

TEST_P(Channels, DroppedTaskSetsAStickyBitThatAWriteOfOneClears) {
  b.bd(kCore, 0, {{Length, 4}});
  for (int i = 0; i < 5; ++i)
    b.push(kCore, kS2mm, 0, 0);
  EXPECT_EQ(status(kS2mm, arch::status::kQueueOverflow), 1);
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::QueueOverflow));
  b.write(kCore, Bench::offset(kCore, RegisterId::S2mmStatus), arch::status::kQueueOverflow.mask());
  EXPECT_EQ(status(kS2mm, arch::status::kQueueOverflow), 0);
}

TEST_P(Channels, DroppedTaskIsNeverExecuted) {
  loop_back();
  for (int i = 0; i < 5; ++i) {
    b.bd(kCore, i, {{BaseAddress, i}, {Length, 1}});
    b.push(kCore, kMm2s, 0, i);
  }
  b.bd(kCore, 8, {{BaseAddress, kTarget / 4}, {Length, 10}});
  b.push(kCore, kS2mm, 0, 8);
  b.settle();
  EXPECT_THAT(b.words(kCore, kTarget, 5), ElementsAre(100, 101, 102, 103, 0));
}

TEST_P(Channels, TasksRunInTheOrderOfTheirPushes) {
  loop_back();
  for (const int i : {3, 1, 2}) {
    b.bd(kCore, i, {{BaseAddress, i}, {Length, 1}});
    b.push(kCore, kMm2s, 0, i);
  }
  b.bd(kCore, 8, {{BaseAddress, kTarget / 4}, {Length, 3}});
  b.push(kCore, kS2mm, 0, 8);
  b.settle();
  EXPECT_THAT(b.words(kCore, kTarget, 3), ElementsAre(103, 101, 102));
}

// Status

TEST_P(Channels, IdleChannelReadsZero) {
  EXPECT_EQ(b.read(kCore, Bench::offset(kCore, RegisterId::S2mmStatus)), 0u);
}

TEST_P(Channels, StatusOfAFinishedChannelIsIdle) {
  loop_back();
  b.bd(kCore, 3, {{Length, 4}});
  b.bd(kCore, 4, {{BaseAddress, kTarget / 4}, {Length, 4}});
  b.push(kCore, kMm2s, 0, 3);
  b.push(kCore, kS2mm, 0, 4);
  b.settle();
  EXPECT_EQ(status(kMm2s, arch::status::kState), 0);
  EXPECT_EQ(status(kMm2s, arch::status::kRunning), 0);
  EXPECT_EQ(status(kMm2s, arch::status::kQueueSize), 0);
}

TEST_P(Channels, StatusTellsAWaitForALock) {
  b.bd(kCore, 3, {{Length, 4}, {AcquireEnable, 1}, {AcquireValue, -1}});
  b.push(kCore, kS2mm, 0, 3);
  b.push(kCore, kS2mm, 0, 3);
  b.settle();
  EXPECT_EQ(status(kS2mm, arch::status::kStalledAcquire), 1);
  EXPECT_EQ(status(kS2mm, arch::status::kStalledStream), 0);
  EXPECT_EQ(status(kS2mm, arch::status::kRunning), 1);
  EXPECT_EQ(status(kS2mm, arch::status::kState), 2);
  EXPECT_EQ(status(kS2mm, arch::status::kQueueSize), 2);
  EXPECT_EQ(status(kS2mm, arch::status::kCurrentBd), 3);
}

TEST_P(Channels, StatusTellsAReceiverWithoutWords) {
  b.bd(kCore, 0, {{Length, 4}});
  b.push(kCore, kS2mm, 0, 0);
  b.settle();
  EXPECT_EQ(status(kS2mm, arch::status::kStalledStream), 1);
  EXPECT_EQ(status(kS2mm, arch::status::kStalledAcquire), 0);
}

TEST_P(Channels, StatusTellsASenderThatIsHeldBack) {
  loop_back();
  b.bd(kCore, 0, {{Length, 40}});
  b.push(kCore, kMm2s, 0, 0);
  b.settle();
  EXPECT_EQ(status(kMm2s, arch::status::kStalledStream), 1);
}

TEST_P(Channels, WriteCountCountsTheWordsOfTheOpenDescriptor) {
  loop_back();
  b.bd(kCore, 0, {{Length, 10}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 6}, {UseNextBd, 1}, {NextBd, 2}});
  b.bd(kCore, 2, {{BaseAddress, kTarget / 4 + 6}, {Length, 100}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_EQ(b.read(kCore, Bench::offset(kCore, RegisterId::S2mmWriteCount)), 4u);
}

TEST_P(Channels, WordsOfAnUnfinishedDescriptorAreInMemory) {
  loop_back();
  b.bd(kCore, 0, {{Length, 3}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 100}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(b.words(kCore, kTarget, 4), ElementsAre(100, 101, 102, 0));
}

TEST_P(Channels, SenderHeldBackAtOnceIsRunningWhenItMovesAgain) {
  // The first packet holds the arbiter; the second sender waits, then moves.
  b.packet(kCore, kDma0, kCore, kDma0, {.id = 1});
  b.packet(kCore, kDma1, kCore, kDma0, {.id = 2});
  b.bd(kCore, 0, {{Length, 100}, {EnablePacket, 1}, {PacketId, 1}});
  b.bd(kCore, 1, {{Length, 100}, {EnablePacket, 1}, {PacketId, 2}});
  b.bd(kCore, 2, {{BaseAddress, kTarget / 4}, {Length, 200}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kMm2s, 1, 1);
  b.push(kCore, kS2mm, 0, 2);
  b.settle();
  std::vector<observe::ChannelState> states;
  for (const auto& change : b.record.all<observe::ChannelChanged>())
    if (change.channel == observe::Agent{kCore, observe::AgentKind::Mm2s, 1})
      states.push_back(change.state);
  using State = observe::ChannelState;
  EXPECT_THAT(states, ElementsAre(State::Starting, State::Running, State::Backpressured,
                                  State::Running, State::Idle));
}

// Errors

TEST_P(Channels, DescriptorWithoutValidStopsTheChannel) {
  b.bd(kCore, 5, {{Valid, 0}, {Length, 4}});
  b.push(kCore, kMm2s, 0, 5);
  b.settle();
  EXPECT_EQ(status(kMm2s, arch::status::kBdInvalid), 1);
  EXPECT_THAT(
      b.record.all<observe::Fault>(),
      ElementsAre(observe::Fault{{kCore, observe::AgentKind::Mm2s, 0}, FaultKind::BdInvalid, 5}));
}

TEST_P(Channels, StoppedChannelTakesNoFurtherTask) {
  loop_back();
  b.bd(kCore, 5, {{Valid, 0}, {Length, 4}});
  b.bd(kCore, 6, {{Length, 4}});
  b.push(kCore, kMm2s, 0, 5);
  b.settle();
  b.push(kCore, kMm2s, 0, 6);
  b.settle();
  const auto changes = b.record.all<Task>();
  EXPECT_EQ(std::ranges::count(changes, Task::What::Started, &Task::what), 1);
}

TEST_P(Channels, AddressBeyondTheMemoryStopsTheChannel) {
  for (const Coord tile : {kCore, kMemtile}) {
    const int64_t base = tile == kCore ? 0x4000 - 2 : 2 * 0x20000 - 2;
    Bench bench(options());
    bench.bd(tile, 0, {{BaseAddress, base}, {Length, 3}});
    bench.push(tile, kS2mm, 0, 0);
    bench.settle();
    EXPECT_THAT(bench.faults(), ElementsAre(FaultKind::AddressOutOfRange)) << to_string(tile);
  }
}

TEST_P(Channels, LastWordOfTheMemoryIsInRange) {
  b.bd(kCore, 0, {{BaseAddress, 0x4000 - 3}, {Length, 3}});
  b.push(kCore, kS2mm, 0, 0);
  b.settle();
  EXPECT_THAT(b.faults(), IsEmpty());
}

TEST_P(Channels, IterationBeyondTheMemoryStopsTheChannel) {
  loop_back();
  b.bd(kCore, 0, {{BaseAddress, 0}, {Length, 1}, {IterationStep, 8192}, {IterationWrap, 4}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 4}});
  b.push(kCore, kMm2s, 0, 0, 4);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::AddressOutOfRange));
}

TEST_P(Channels, CompressionIsRefused) {
  b.bd(kCore, 0, {{Length, 4}, {EnableCompression, 1}});
  b.push(kCore, kMm2s, 0, 0);
  b.settle();
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::Unsupported));
}

TEST_P(Channels, ShimAddressThatIsNoBufferIsADecodeError) {
  b.bd(kShim, 0, {{Length, 4}});
  b.push(kShim, kS2mm, 0, 0);
  b.settle();
  EXPECT_EQ(b.status(kShim, kS2mm, 0, arch::status::kDecodeError), 1);
}

TEST_P(Channels, ShimTransferBeyondItsBufferIsADecodeError) {
  Words buffer(8);
  const std::vector<HostBuffer> arguments{argument(buffer)};
  b.settle(Bench::shim_task(kShim, kS2mm, 0, 0, 0, {{Length, 9}}), arguments);
  EXPECT_EQ(b.status(kShim, kS2mm, 0, arch::status::kDecodeError), 1);
}

// Descriptors in use

TEST_P(Channels, ARewrittenDescriptorOfAQueuedTaskIsTold) {
  b.bd(kCore, 0, {{Length, 4}, {UseNextBd, 1}, {NextBd, 1}});
  b.bd(kCore, 1, {{Length, 4}});
  b.push(kCore, kS2mm, 0, 0);
  EXPECT_THAT(b.faults(), IsEmpty());
  b.bd(kCore, 1, {{Length, 8}});
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::BdInUse));
}

TEST_P(Channels, ADescriptorThatIsWrittenAgainAsItIsDisturbsNoTask) {
  b.bd(kCore, 0, {{Length, 4}});
  b.push(kCore, kS2mm, 0, 0);
  b.bd(kCore, 0, {{Length, 4}});
  EXPECT_THAT(b.faults(), IsEmpty());
}

TEST_P(Channels, ADescriptorOfAFinishedTaskMayBeRewritten) {
  loop_back();
  b.bd(kCore, 0, {{Length, 4}});
  b.bd(kCore, 1, {{Length, 4}, {BaseAddress, kTarget / 4}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  b.bd(kCore, 1, {{Length, 8}});
  EXPECT_THAT(b.faults(), IsEmpty());
}

// Reset and pause

TEST_P(Channels, ResetClearsQueueAndErrors) {
  b.bd(kCore, 5, {{Valid, 0}, {Length, 4}});
  for (int i = 0; i < 5; ++i)
    b.push(kCore, kMm2s, 0, 5);
  b.settle();
  b.control(kCore, kMm2s, 0, kReset);
  b.control(kCore, kMm2s, 0, 0);
  EXPECT_EQ(status(kMm2s, arch::status::kBdInvalid), 0);
  EXPECT_EQ(status(kMm2s, arch::status::kQueueOverflow), 0);
  EXPECT_EQ(status(kMm2s, arch::status::kQueueSize), 0);
  EXPECT_EQ(status(kMm2s, arch::status::kRunning), 0);
}

TEST_P(Channels, ResetWithdrawsAWaitForALock) {
  b.bd(kCore, 0, {{Length, 4}, {AcquireEnable, 1}, {AcquireValue, -1}});
  b.push(kCore, kS2mm, 0, 0);
  b.settle();
  b.control(kCore, kS2mm, 0, kReset);
  b.set_lock(kCore, 0, 1);
  b.settle();
  EXPECT_EQ(b.lock(kCore, 0), 1);
}

TEST_P(Channels, ResetChannelWorksAgain) {
  loop_back();
  b.bd(kCore, 0, {{Valid, 0}, {Length, 4}});
  b.push(kCore, kMm2s, 0, 0);
  b.settle();
  b.control(kCore, kMm2s, 0, kReset);
  b.control(kCore, kMm2s, 0, 0);
  b.bd(kCore, 0, {{Length, 4}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 4}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(b.words(kCore, kTarget, 4), ElementsAre(100, 101, 102, 103));
}

TEST_P(Channels, ResetTakesTheTaskUnderWayAndThoseBehindIt) {
  b.bd(kCore, 0, {{Length, 4}});
  b.bd(kCore, 1, {{Length, 5}});
  b.push(kCore, kS2mm, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  b.control(kCore, kS2mm, 0, kReset);
  std::vector<uint8_t> gone;
  for (const Task& task : b.record.all<Task>())
    if (task.what == Task::What::Reset)
      gone.push_back(task.bd);
  EXPECT_THAT(gone, ElementsAre(0, 1));
}

TEST_P(Channels, ResetOfASenderFreesTheArbiterItHolds) {
  b.packet(kCore, kDma0, kCore, kDma0, {.id = 1});
  b.packet(kCore, kDma1, kCore, kDma0, {.id = 2});
  b.write_words(kCore, 0, counting(100, 64));
  b.bd(kCore, 0, {{Length, 4}, {EnablePacket, 1}, {PacketId, 1}, {TlastSuppress, 1}});
  b.bd(kCore, 1, {{BaseAddress, 8}, {Length, 4}, {EnablePacket, 1}, {PacketId, 2}});
  b.bd(kCore, 2, {{BaseAddress, kTarget / 4}, {Length, 8}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 2);
  b.settle();
  b.push(kCore, kMm2s, 1, 1);
  b.settle();
  b.control(kCore, kMm2s, 0, kReset);
  b.settle();
  EXPECT_THAT(b.words(kCore, kTarget, 8), ElementsAre(100, 101, 102, 103, 108, 109, 110, 111));
}

/// Polls the cycle counter away: a sequence that waits `cycles` before its next command.
arch::Timing slow_writes(double cycles) {
  arch::Timing timing = quick_controller();
  timing.controller.write.value = cycles;
  return timing;
}

TEST_P(Channels, ResetOfAReceiverInTheMiddleKeepsWhatItTook) {
  Bench bench(options(), Bench::npu1(), slow_writes(40));
  bench.circuit(kCore, kDma0, kCore, kDma0);
  bench.write_words(kCore, 0, counting(100, 200));
  bench.bd(kCore, 0, {{Length, 100}});
  bench.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 90}});
  bench.bd(kCore, 2, {{BaseAddress, kTarget / 4 + 200}, {Length, 5}});
  bench.push(kCore, kMm2s, 0, 0);
  bench.push(kCore, kS2mm, 0, 1);
  const uint32_t control = Bench::offset(kCore, RegisterId::S2mmControl);
  bench.settle({arch::Write{arch::address_of(kCore, control), kReset},
                arch::Write{arch::address_of(kCore, control), 0},
                arch::Write{arch::address_of(kCore, Bench::queue_offset(kCore, kS2mm, 0)), 2}});
  const Words first = bench.words(kCore, kTarget, 90);
  const auto taken = std::ranges::find(first, 0u) - first.begin();
  EXPECT_GT(taken, 20);
  EXPECT_LT(taken, 40);
  EXPECT_EQ(Words(first.begin(), first.begin() + taken), counting(100, static_cast<size_t>(taken)));
  EXPECT_EQ(bench.words(kCore, kTarget + 800, 5), counting(100 + static_cast<uint32_t>(taken), 5));
}

TEST_P(Channels, ResetOfASenderInTheMiddleSendsNoMore) {
  Bench bench(options(), Bench::npu1(), slow_writes(40));
  bench.circuit(kCore, kDma0, kCore, kDma0);
  bench.write_words(kCore, 0, counting(100, 200));
  bench.bd(kCore, 0, {{Length, 100}});
  bench.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 200}});
  bench.bd(kCore, 2, {{BaseAddress, 150}, {Length, 3}});
  bench.push(kCore, kMm2s, 0, 0);
  bench.push(kCore, kS2mm, 0, 1);
  const uint32_t control = Bench::offset(kCore, RegisterId::Mm2sControl);
  bench.settle({arch::Write{arch::address_of(kCore, control), kReset},
                arch::Write{arch::address_of(kCore, control), 0},
                arch::Write{arch::address_of(kCore, Bench::queue_offset(kCore, kMm2s, 0)), 2}});
  const Words got = bench.words(kCore, kTarget, 100);
  const auto sent = std::ranges::find(got, 250u) - got.begin();
  EXPECT_GT(sent, 20);
  EXPECT_LT(sent, 40);
  EXPECT_EQ(Words(got.begin(), got.begin() + sent), counting(100, static_cast<size_t>(sent)));
  EXPECT_THAT(Words(got.begin() + sent, got.begin() + sent + 4), ElementsAre(250, 251, 252, 0));
}

TEST_P(Channels, PausedShimChannelStartsNoTask) {
  b.circuit(kShim, kDma0, kShim, kDma0);
  Words in = counting(5, 4);
  Words out(4);
  const std::vector<HostBuffer> arguments{argument(in), argument(out)};
  b.control(kShim, kMm2s, 0, 1u << 1);
  b.settle(Bench::shim_task(kShim, kMm2s, 0, 0, 0, {{Length, 4}}) +
               Bench::shim_task(kShim, kS2mm, 0, 1, 1, {{Length, 4}}),
           arguments);
  EXPECT_THAT(out, Each(0u));
  b.control(kShim, kMm2s, 0, 0);
  b.settle({}, arguments);
  EXPECT_THAT(out, ElementsAre(5, 6, 7, 8));
}

// Tokens

TEST_P(Channels, TaskIssuesATokenWhenItIsDone) {
  b.route_tokens(kCore);
  b.bd(kCore, 0, {{Length, 0}});
  b.push(kCore, kMm2s, 0, 0, 3, true);
  b.settle();
  EXPECT_EQ(b.record.all<observe::TokenIssued>().size(), 1u);
}

TEST_P(Channels, TaskWithoutTheTokenBitIssuesNone) {
  b.route_tokens(kCore);
  b.bd(kCore, 0, {{Length, 0}});
  b.push(kCore, kMm2s, 0, 0, 1, false);
  b.settle();
  EXPECT_THAT(b.record.all<observe::TokenIssued>(), IsEmpty());
}

TEST_P(Channels, TokenWithoutAWayStallsTheChannelUntilThereIsOne) {
  b.bd(kCore, 0, {{Length, 0}});
  b.push(kCore, kMm2s, 0, 0, 1, true);
  b.settle();
  EXPECT_EQ(status(kMm2s, arch::status::kStalledToken), 1);
  b.route_tokens(kCore);
  EXPECT_EQ(status(kMm2s, arch::status::kStalledToken), 0);
  EXPECT_EQ(b.record.all<observe::TokenIssued>().size(), 1u);
}

TEST_P(Channels, TokenFollowsTheControllerIdOfItsChannel) {
  b.packet(kCore, kTileControl, {1, 0}, {Bundle::South, 0}, {.id = 9, .drop = false});
  b.bd(kCore, 0, {{Length, 0}});
  b.control(kCore, kMm2s, 0, 9u << 8);
  b.push(kCore, kMm2s, 0, 0, 1, true);
  b.push(kCore, kMm2s, 1, 0, 1, true);
  b.settle();
  EXPECT_THAT(b.record.all<observe::TokenIssued>(),
              ElementsAre(observe::TokenIssued{{kCore, observe::AgentKind::Mm2s, 0}}));
}

}  // namespace
}  // namespace npu::sim
