// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/order.h"

#include <gmock/gmock.h>

namespace npu::observe {
namespace {

constexpr Coord kMemtile{0, 1};
constexpr Agent kWriter0{kMemtile, AgentKind::S2mm, 0};
constexpr Agent kWriter1{kMemtile, AgentKind::S2mm, 1};
constexpr Agent kReader{kMemtile, AgentKind::Mm2s, 0};
constexpr Agent kCore{{0, 2}, AgentKind::Core, 0};
constexpr Agent kCoreOut{{0, 2}, AgentKind::Mm2s, 0};
constexpr Agent kOtherOut{{0, 3}, AgentKind::Mm2s, 0};
constexpr Agent kShimIn{{0, 0}, AgentKind::S2mm, 0};
constexpr Agent kHost{};

/// Locks with their values; what agents do to them becomes events.
class OrderTest : public testing::Test {
 protected:
  void set(int lock, int value) {
    value_[lock] = value;
    lock_event(lock, LockChanged::What::Set, kHost, value);
  }
  void acquire(const Agent& agent, int lock, int units = 1) {
    value_[lock] -= units;
    lock_event(lock, LockChanged::What::Acquired, agent, -units);
  }
  void acquire_equal(const Agent& agent, int lock, int value) {
    lock_event(lock, LockChanged::What::Acquired, agent, value);
  }
  void wait(const Agent& agent, int lock, int units = 1) {
    lock_event(lock, LockChanged::What::Waiting, agent, -units);
  }
  void release(const Agent& agent, int lock, int units = 1) {
    value_[lock] += units;
    lock_event(lock, LockChanged::What::Released, agent, units);
  }
  void send(const Agent& from, const Agent& to) {
    checker_.on({++cycle_, WordsMoved{from, to, 16, true}});
  }
  void push(const Agent& channel) {
    checker_.on({++cycle_, TaskChanged{channel, TaskChanged::What::Pushed, 0, 1}});
  }
  void start(const Agent& channel) {
    checker_.on({++cycle_, TaskChanged{channel, TaskChanged::What::Started, 0, 1}});
  }
  void token(const Agent& channel) { checker_.on({++cycle_, TokenIssued{channel}}); }
  void host(HostChanged::What what) { checker_.on({++cycle_, HostChanged{what, 0}}); }

  OrderChecker checker_;

 private:
  void lock_event(int lock, LockChanged::What what, const Agent& agent, int amount) {
    checker_.on(
        {++cycle_, LockChanged{kMemtile, static_cast<uint8_t>(lock), what, agent,
                               static_cast<int8_t>(amount), static_cast<uint8_t>(value_[lock])}});
  }
  std::array<int, 8> value_{};
  Cycle cycle_ = 0;
};

TEST_F(OrderTest, APingPongOfOneWriterAndOneReaderIsOrdered) {
  set(0, 2);
  set(1, 0);
  for (int i = 0; i < 10; ++i) {
    acquire(kWriter0, 0);
    release(kWriter0, 1);
    acquire(kReader, 1);
    release(kReader, 0);
  }
  EXPECT_FALSE(checker_.order_dependent());
}

TEST_F(OrderTest, TwoWritersThatShareALockRace) {
  set(0, 2);
  acquire(kWriter0, 0);
  acquire(kWriter1, 0);
  ASSERT_EQ(checker_.findings().size(), 1u);
  EXPECT_EQ(checker_.findings()[0].text(),
            "memtile(0,1).lock0 is acquired by memtile(0,1).s2mm0 and by memtile(0,1).s2mm1 in an "
            "order that "
            "nothing fixes");
}

TEST_F(OrderTest, AMutexThatWasFreeInBetweenIsARaceAllTheSame) {
  set(0, 1);
  acquire(kWriter0, 0);
  release(kWriter0, 0);
  acquire(kWriter1, 0);
  EXPECT_TRUE(checker_.order_dependent());
}

TEST_F(OrderTest, AcquirersThatHandOverThroughAnotherLockAreOrdered) {
  set(0, 2);
  set(1, 0);
  acquire(kWriter0, 0);
  release(kWriter0, 1);
  acquire(kWriter1, 1);
  acquire(kWriter1, 0);
  EXPECT_FALSE(checker_.order_dependent());
}

TEST_F(OrderTest, TheHandOverMustCarryTheCreditThatWasTaken) {
  set(0, 2);
  set(1, 1);
  acquire(kWriter0, 0);
  release(kWriter0, 1);
  acquire(kWriter1, 1);  // The unit that was there from the start: it did not have to wait.
  acquire(kWriter1, 0);
  EXPECT_TRUE(checker_.order_dependent());
}

TEST_F(OrderTest, AcquirersThatWaitForDifferentExactValuesAreOrdered) {
  set(0, 0);
  acquire_equal(kWriter0, 0, 0);
  release(kWriter0, 0, 1);
  acquire_equal(kReader, 0, 1);
  EXPECT_FALSE(checker_.order_dependent());
}

TEST_F(OrderTest, AnAcquirerThatNeedsMoreThanTheFirstFoundIsOrdered) {
  set(0, 1);
  acquire(kWriter0, 0, 1);
  release(kWriter0, 0, 2);
  acquire(kReader, 0, 2);
  EXPECT_FALSE(checker_.order_dependent());
}

TEST_F(OrderTest, WordsOfAStreamCarryOrder) {
  set(0, 2);
  acquire(kCore, 0);
  send(kCore, kWriter0);
  acquire(kWriter0, 0);
  EXPECT_FALSE(checker_.order_dependent());
}

TEST_F(OrderTest, ThePushOfATaskCarriesOrder) {
  set(0, 2);
  acquire(kWriter0, 0);
  token(kWriter0);
  host(HostChanged::What::Syncing);
  host(HostChanged::What::Running);
  push(kWriter1);
  start(kWriter1);
  acquire(kWriter1, 0);
  EXPECT_FALSE(checker_.order_dependent());
}

TEST_F(OrderTest, ATokenThatTheHostDoesNotWaitForCarriesNoOrder) {
  set(0, 2);
  acquire(kWriter0, 0);
  token(kWriter0);
  push(kWriter1);
  start(kWriter1);
  acquire(kWriter1, 0);
  EXPECT_TRUE(checker_.order_dependent());
}

TEST_F(OrderTest, TwoSendersOfOnePortRace) {
  send(kCoreOut, kShimIn);
  send(kOtherOut, kShimIn);
  ASSERT_EQ(checker_.findings().size(), 1u);
  EXPECT_EQ(checker_.findings()[0].text(),
            "the port of shim(0,0).s2mm0 is sent to by core(0,2).mm2s0 and by core(0,3).mm2s0 in "
            "an order that "
            "nothing fixes");
}

TEST_F(OrderTest, SendersThatTakeTurnsAreOrdered) {
  set(0, 0);
  send(kCoreOut, kShimIn);
  release(kShimIn, 0);
  acquire(kOtherOut, 0);
  send(kOtherOut, kShimIn);
  EXPECT_FALSE(checker_.order_dependent());
}

TEST_F(OrderTest, OneSenderOfManyPortsIsNoRace) {
  send(kReader, kShimIn);
  send(kReader, kWriter1);
  send(kReader, kShimIn);
  EXPECT_FALSE(checker_.order_dependent());
}

TEST_F(OrderTest, AnAgentThatIsLeftWaitingRacedWithTheOneThatGotTheLock) {
  set(0, 1);
  acquire(kWriter0, 0);
  wait(kWriter1, 0);
  EXPECT_FALSE(checker_.order_dependent());
  checker_.finish(100);
  EXPECT_TRUE(checker_.order_dependent());
}

TEST_F(OrderTest, AnAgentThatIsLeftWaitingForWhatNobodyCouldHaveIsNoRace) {
  set(0, 1);
  acquire(kWriter0, 0);
  wait(kWriter1, 0, 2);
  checker_.finish(100);
  EXPECT_FALSE(checker_.order_dependent());
}

TEST_F(OrderTest, APairIsToldOnceForEachLock) {
  set(0, 10);
  for (int i = 0; i < 5; ++i) {
    acquire(kWriter0, 0);
    acquire(kWriter1, 0);
  }
  EXPECT_EQ(checker_.findings().size(), 1u);
}

}  // namespace
}  // namespace npu::observe
