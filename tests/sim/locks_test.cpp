// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/locks.h"

#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Coord kTile{1, 2};
constexpr observe::Agent kHost{};

/// Locks of a tile with agents that write down when they get theirs.
class LockWaiters : public ::testing::Test {
 protected:
  struct Agent final : LockClient {
    Agent(LockWaiters& test, int index) : owner(test), number(index) {}
    void locked(Cycle from) override {
      owner.served.push_back(number);
      owner.may_go_on = from;
    }
    LockWaiters& owner;
    int number;
  };
  bool acquire(int agent, int value) {
    while (agents_.size() <= static_cast<size_t>(agent))
      agents_.push_back(std::make_unique<Agent>(*this, static_cast<int>(agents_.size())));
    return locks.acquire(0, {static_cast<int8_t>(value)}, kHost, *agents_[agent]);
  }
  void withdraw(int agent) { locks.withdraw(*agents_[agent]); }

  Context context{arch::partition_of(arch::kNpu1, 4), {}, {}, {}, {}};
  LockUnit locks{context, kTile};
  std::vector<int> served;
  Cycle may_go_on = 0;

 private:
  std::vector<std::unique_ptr<Agent>> agents_;
};

TEST_F(LockWaiters, AcquireOfAnAvailableLockSucceedsAtOnce) {
  locks.set(0, 2, kHost);
  EXPECT_TRUE(acquire(0, -2));
  EXPECT_EQ(locks.value(0), 0);
}

TEST_F(LockWaiters, EqualAcquireLeavesTheValue) {
  locks.set(0, 2, kHost);
  EXPECT_TRUE(acquire(0, 2));
  EXPECT_EQ(locks.value(0), 2);
}

TEST_F(LockWaiters, EqualAcquireWaitsThroughGreaterValues) {
  locks.set(0, 3, kHost);
  EXPECT_FALSE(acquire(0, 2));
  locks.release(0, -1, kHost);
  EXPECT_THAT(served, ElementsAre(0));
  EXPECT_EQ(locks.value(0), 2);
}

TEST_F(LockWaiters, ReleaseWakesEveryWaiterItCanSatisfy) {
  for (const int agent : {0, 1, 2})
    acquire(agent, -1);
  locks.release(0, 2, kHost);
  EXPECT_THAT(served, ElementsAre(0, 1));
  EXPECT_EQ(locks.value(0), 0);
}

TEST_F(LockWaiters, WaitersAreServedInTheOrderOfTheirArrival) {
  for (const int agent : {2, 0, 1})
    acquire(agent, -1);
  for (int i = 0; i < 3; ++i)
    locks.release(0, 1, kHost);
  EXPECT_THAT(served, ElementsAre(2, 0, 1));
}

TEST_F(LockWaiters, WaiterForMoreDoesNotBlockOneForLess) {
  acquire(0, -3);
  acquire(1, -1);
  locks.release(0, 1, kHost);
  EXPECT_THAT(served, ElementsAre(1));
}

TEST_F(LockWaiters, WaiterThatAsksAgainComesLast) {
  acquire(0, -1);
  acquire(1, -1);
  locks.release(0, 1, kHost);
  acquire(0, -1);
  locks.release(0, 1, kHost);
  EXPECT_THAT(served, ElementsAre(0, 1));
}

TEST_F(LockWaiters, AcquireOfOneMaySatisfyAWaiterForEquality) {
  acquire(0, 0);
  locks.set(0, 0, kHost);
  served.clear();
  locks.set(0, 2, kHost);
  EXPECT_FALSE(acquire(1, 0));
  EXPECT_TRUE(acquire(2, -2));
  EXPECT_THAT(served, ElementsAre(1));
}

TEST_F(LockWaiters, SetWakesLikeARelease) {
  acquire(0, -5);
  locks.set(0, 5, kHost);
  EXPECT_THAT(served, ElementsAre(0));
}

TEST_F(LockWaiters, WaiterMayGoOnAfterTheWakeUpTime) {
  context.timing.lock.wake.value = 7;
  acquire(0, -1);
  locks.release(0, 1, kHost);
  EXPECT_EQ(may_go_on, 7u);
}

TEST_F(LockWaiters, WithdrawnWaiterTakesNothing) {
  acquire(0, -1);
  withdraw(0);
  locks.release(0, 1, kHost);
  EXPECT_THAT(served, IsEmpty());
  EXPECT_EQ(locks.value(0), 1);
}

TEST_F(LockWaiters, TryAcquireNeverWaits) {
  EXPECT_FALSE(locks.try_acquire(0, {-1}, kHost));
  locks.set(0, 1, kHost);
  EXPECT_EQ(locks.value(0), 1);
}

// By registers

struct Bank {
  Coord tile;
  uint32_t window;
  uint32_t overflow;
  uint32_t underflow;
};
const Bank kBanks[] = {{{1, 0}, 0x40000, 0x14120, 0x14128},
                       {{1, 1}, 0xD0000, 0xC0420, 0xC0428},
                       {{1, 2}, 0x40000, 0x1F120, 0x1F128}};

class LockRegisters : public ::testing::TestWithParam<Bank> {
 protected:
  /// A read from the request window.
  uint32_t request(int lock, bool acquires, int value) {
    return b.read(GetParam().tile, GetParam().window + static_cast<uint32_t>(lock) * 0x400 +
                                       (acquires ? 0x200u : 0u) +
                                       ((static_cast<uint32_t>(value) & 0x7F) << 2));
  }
  int value(int lock) { return b.lock(GetParam().tile, lock); }
  void set(int lock, int to) { b.set_lock(GetParam().tile, lock, to); }
  uint32_t read(uint32_t at) { return b.read(GetParam().tile, at); }
  Bench b;
};
INSTANTIATE_TEST_SUITE_P(Tiles, LockRegisters, ::testing::ValuesIn(kBanks), [](const auto& bank) {
  return std::string(to_string(bank.param.tile.kind()));
});

TEST_P(LockRegisters, ValueIsSetAndReadBack) {
  set(9, 63);
  EXPECT_EQ(value(9), 63);
}

TEST_P(LockRegisters, RequestAcquiresWhenItCan) {
  set(3, 2);
  EXPECT_EQ(request(3, true, -1), 1u);
  EXPECT_EQ(value(3), 1);
}

TEST_P(LockRegisters, RequestThatCannotAcquireReadsZeroAndWaitsForNothing) {
  EXPECT_EQ(request(3, true, -1), 0u);
  EXPECT_EQ(value(3), 0);
}

TEST_P(LockRegisters, RequestReleases) {
  EXPECT_EQ(request(15, false, 5), 1u);
  EXPECT_EQ(value(15), 5);
}

TEST_P(LockRegisters, OverflowSetsAStickyBitThatAWriteOfOneClears) {
  set(4, 60);
  request(4, false, 10);
  EXPECT_EQ(value(4), 63);
  EXPECT_EQ(read(GetParam().overflow), 1u << 4);
  b.write(GetParam().tile, GetParam().overflow, 1u << 4);
  EXPECT_EQ(read(GetParam().overflow), 0u);
}

TEST_P(LockRegisters, UnderflowSetsAStickyBitThatAWriteOfOneClears) {
  request(4, false, -1);
  EXPECT_EQ(value(4), 0);
  EXPECT_EQ(read(GetParam().underflow), 1u << 4);
  b.write(GetParam().tile, GetParam().underflow, 1u << 4);
  EXPECT_EQ(read(GetParam().underflow), 0u);
}

TEST(MemtileLocks, TheUpperHalfHasStatusRegistersOfItsOwn) {
  Bench b;
  const Coord memtile{1, 1};
  b.set_lock(memtile, 40, 63);
  b.read(memtile, 0xD0000 + 40 * 0x400 + (1 << 2));
  EXPECT_EQ(b.read(memtile, 0xC0420), 0u);
  EXPECT_EQ(b.read(memtile, 0xC0424), 1u << 8);
}

}  // namespace
}  // namespace npu::sim
