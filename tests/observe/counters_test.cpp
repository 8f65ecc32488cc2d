// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/counters.h"

#include <gmock/gmock.h>

namespace npu::observe {
namespace {

constexpr Agent kCore{{0, 2}, AgentKind::Core, 0};
constexpr Agent kIn{{0, 2}, AgentKind::S2mm, 0};
constexpr Agent kOther{{0, 3}, AgentKind::S2mm, 0};
constexpr Agent kMemtileOut{{0, 1}, AgentKind::Mm2s, 0};
constexpr Agent kShimOut{{0, 0}, AgentKind::Mm2s, 0};
constexpr Agent kShimIn{{0, 0}, AgentKind::S2mm, 1};
constexpr Agent kMemtileIn{{0, 1}, AgentKind::S2mm, 5};

template <typename State>
size_t at(State state) {
  return static_cast<size_t>(state);
}

TEST(Counters, ACoresCyclesAddUpToTheRun) {
  Counters counters;
  counters.on({10, CoreChanged{kCore, CoreState::Running}});
  counters.on({20, CoreChanged{kCore, CoreState::LockStall, 3}});
  counters.on({50, CoreChanged{kCore, CoreState::Running}});
  counters.finish(60);
  const auto& cycles = counters.core({0, 2}).cycles;
  EXPECT_EQ(cycles[at(CoreState::Disabled)], 10u);
  EXPECT_EQ(cycles[at(CoreState::Running)], 20u);
  EXPECT_EQ(cycles[at(CoreState::LockStall)], 30u);
}

TEST(Counters, ASecondRunAddsToTheFirstWithoutCountingItAgain) {
  Counters counters;
  counters.on({0, CoreChanged{kCore, CoreState::Running}});
  counters.finish(100);
  counters.finish(150);
  EXPECT_EQ(counters.core({0, 2}).cycles[at(CoreState::Running)], 150u);
  EXPECT_EQ(counters.cycles(), 150u);
}

TEST(Counters, AChannelsCyclesAreKeptPerState) {
  Counters counters;
  counters.on({5, ChannelChanged{kIn, ChannelState::Acquiring, 0, 1}});
  counters.on({25, ChannelChanged{kIn, ChannelState::Running, 0, 1}});
  counters.finish(30);
  EXPECT_EQ(counters.channel(kIn).cycles[at(ChannelState::Idle)], 5u);
  EXPECT_EQ(counters.channel(kIn).cycles[at(ChannelState::Acquiring)], 20u);
  EXPECT_EQ(counters.channel(kIn).cycles[at(ChannelState::Running)], 5u);
}

TEST(Counters, ABroadcastIsSentOnceAndReceivedByEach) {
  Counters counters;
  counters.on({1, WordsMoved{kMemtileOut, kIn, 100, true}});
  counters.on({1, WordsMoved{kMemtileOut, kOther, 100, false}});
  EXPECT_EQ(counters.bytes_l2_l1_sent(), 400u);
  EXPECT_EQ(counters.bytes_l2_l1_received(), 800u);
  EXPECT_EQ(counters.channel(kMemtileOut).words, 100u);
  EXPECT_EQ(counters.channel(kOther).words, 100u);
}

TEST(Counters, EachLevelOfMemoryHasItsOwnBytes) {
  Counters counters;
  counters.on({1, WordsMoved{kShimOut, kMemtileIn, 1, true}});
  counters.on({1, WordsMoved{{{0, 2}, AgentKind::Mm2s, 0}, kMemtileIn, 2, true}});
  counters.on({1, WordsMoved{kMemtileOut, kShimIn, 3, true}});
  counters.on({1, WordsMoved{kShimOut, kIn, 4, true}});
  EXPECT_EQ(counters.bytes_l3_l2(), 4u);
  EXPECT_EQ(counters.bytes_l1_l2(), 8u);
  EXPECT_EQ(counters.bytes_l2_l3(), 12u);
  EXPECT_EQ(counters.hop(arch::TileKind::Shim, arch::TileKind::Core).received, 4u);
}

TEST(Counters, ALocksWaitEndsWhenTheWaiterGetsIt) {
  Counters counters;
  counters.on({10, LockChanged{{0, 2}, 1, LockChanged::What::Waiting, kCore, -1, 0}});
  counters.on({30, LockChanged{{0, 2}, 1, LockChanged::What::Released, kIn, 1, 1}});
  counters.on({31, LockChanged{{0, 2}, 1, LockChanged::What::Acquired, kCore, -1, 0}});
  counters.finish(100);
  EXPECT_EQ(counters.lock({0, 2}, 1).waiting, 21u);
}

TEST(Counters, AWaitThatNeverEndsCountsToTheEndOfTheRun) {
  Counters counters;
  counters.on({10, LockChanged{{0, 2}, 1, LockChanged::What::Waiting, kCore, -1, 0}});
  counters.finish(100);
  EXPECT_EQ(counters.lock({0, 2}, 1).waiting, 90u);
}

TEST(Counters, DdrBytesAreReadByMm2sAndWrittenByS2mm) {
  Counters counters;
  counters.on({1, DdrUsed{kShimOut, 64, 10}});
  counters.on({1, DdrUsed{kShimIn, 16, 10}});
  EXPECT_EQ(counters.ddr_bytes_read(), 64u);
  EXPECT_EQ(counters.ddr_bytes_written(), 16u);
}

TEST(Counters, KernelsAreCountedWithTheirCycles) {
  Counters counters;
  counters.on({1, CoreChanged{kCore, CoreState::Kernel, 0, 100}});
  counters.on({101, CoreChanged{kCore, CoreState::Kernel, 1, 50}});
  EXPECT_EQ(counters.kernels(), 2u);
  EXPECT_EQ(counters.core({0, 2}).kernel_cycles, 150u);
}

TEST(Counters, ADroppedTaskAndTheFullestQueueAreKept) {
  Counters counters;
  counters.on({1, TaskChanged{kShimIn, TaskChanged::What::Pushed, 3, 4}});
  counters.on({2, TaskChanged{kShimIn, TaskChanged::What::Dropped, 4, 4}});
  EXPECT_EQ(counters.tasks_dropped(), 1u);
  EXPECT_EQ(counters.channel(kShimIn).peak_queue, 4);
}

TEST(Counters, AFaultIsToldOnceWithItsFirstCycle) {
  Counters counters;
  counters.on({4, Fault{{}, FaultKind::NotModelled, 0x100}});
  counters.on({5, Fault{{}, FaultKind::NotModelled, 0x100}});
  counters.on({6, Fault{{}, FaultKind::NotModelled, 0x104}});
  ASSERT_EQ(counters.faults().size(), 2u);
  EXPECT_EQ(counters.faults()[0].first, 4u);
  EXPECT_EQ(counters.faults()[0].times, 2u);
}

TEST(Counters, AFloodOfFaultsStaysBounded) {
  Counters counters;
  for (uint64_t i = 0; i < Counters::kFaultsKept + 5; ++i)
    counters.on({i, Fault{{}, FaultKind::AddressOutOfRange, i}});
  EXPECT_EQ(counters.faults().size(), Counters::kFaultsKept);
  EXPECT_EQ(counters.faults_not_kept(), 5u);
}

}  // namespace
}  // namespace npu::observe
