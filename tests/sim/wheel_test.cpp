// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/wheel.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::Pair;
using Fired = std::vector<std::pair<int, Cycle>>;

/// A wheel with alarms that write down when they fire.
class Clockwork {
 public:
  explicit Clockwork(int count, std::optional<uint64_t> seed = {}) {
    wheel.seed(seed);
    for (int i = 0; i < count; ++i)
      hands_.push_back(std::make_unique<Hand>(*this, i));
  }
  Alarm& alarm(int i) { return hands_[static_cast<size_t>(i)]->alarm; }
  void arm(int i, Cycle at) { wheel.arm(alarm(i), at); }
  void run() {
    while (!wheel.empty())
      wheel.advance();
  }

  Wheel wheel;
  Fired fired;
  std::function<void(int)> then;  ///< called after each

 private:
  struct Hand {
    Hand(Clockwork& clockwork, int index) : owner(clockwork), number(index) {
      alarm.bind<&Hand::fire>(*this);
    }
    void fire() {
      owner.fired.emplace_back(number, owner.wheel.now());
      if (owner.then)
        owner.then(number);
    }
    Clockwork& owner;
    int number;
    Alarm alarm;
  };
  std::vector<std::unique_ptr<Hand>> hands_;
};

TEST(Wheel, FiresEventsOfOneCycleInTheOrderOfArming) {
  Clockwork c(3);
  for (const int i : {2, 0, 1})
    c.arm(i, 7);
  c.run();
  EXPECT_THAT(c.fired, ElementsAre(Pair(2, 7), Pair(0, 7), Pair(1, 7)));
}

TEST(Wheel, FiresCyclesInOrderWhateverTheOrderOfArming) {
  Clockwork c(3);
  c.arm(0, 9);
  c.arm(1, 3);
  c.arm(2, 5);
  c.run();
  EXPECT_THAT(c.fired, ElementsAre(Pair(1, 3), Pair(2, 5), Pair(0, 9)));
}

TEST(Wheel, FiresAnEventFarBeyondItsReachAtItsCycle) {
  Clockwork c(2);
  c.arm(0, 10'000'000'000);
  c.arm(1, 16'384);
  c.run();
  EXPECT_THAT(c.fired, ElementsAre(Pair(1, 16'384), Pair(0, 10'000'000'000)));
}

TEST(Wheel, KeepsTheOrderOfArmingBetweenAFarEventAndANearOne) {
  Clockwork c(3);
  c.arm(0, 20'000);
  c.arm(1, 19'000);
  c.then = [&](int i) {
    if (i == 1)
      c.arm(2, 20'000);
  };
  c.run();
  EXPECT_THAT(c.fired, ElementsAre(Pair(1, 19'000), Pair(0, 20'000), Pair(2, 20'000)));
}

TEST(Wheel, KeepsTheOrderOfArmingWhenTimePassedWithoutEvents) {
  Clockwork c(2);
  c.arm(0, 20'000);
  c.wheel.skip_to(19'000);
  c.arm(1, 20'000);
  c.run();
  EXPECT_THAT(c.fired, ElementsAre(Pair(0, 20'000), Pair(1, 20'000)));
}

TEST(Wheel, FiresAnEventArmedForThePastNow) {
  Clockwork c(1);
  c.wheel.skip_to(50);
  c.arm(0, 20);
  c.run();
  EXPECT_THAT(c.fired, ElementsAre(Pair(0, 50)));
}

TEST(Wheel, FiresInTheSameCycleWhatAnEventOfThatCycleArms) {
  Clockwork c(2);
  c.arm(0, 4);
  c.then = [&](int i) {
    if (i == 0)
      c.arm(1, 4);
  };
  c.wheel.advance();
  EXPECT_THAT(c.fired, ElementsAre(Pair(0, 4), Pair(1, 4)));
}

TEST(Wheel, ForgetsACancelledEvent) {
  Clockwork c(2);
  c.arm(0, 4);
  c.arm(1, 30'000);
  c.wheel.cancel(c.alarm(0));
  c.wheel.cancel(c.alarm(1));
  c.run();
  EXPECT_THAT(c.fired, IsEmpty());
  EXPECT_EQ(c.wheel.next(), arch::kNever);
}

TEST(Wheel, ArmsAnArmedEventAnewBehindOthersOfItsCycle) {
  Clockwork c(2);
  c.arm(0, 4);
  c.arm(1, 4);
  c.arm(0, 4);
  c.run();
  EXPECT_THAT(c.fired, ElementsAre(Pair(1, 4), Pair(0, 4)));
}

TEST(Wheel, MovesAnArmedEventToItsNewCycleOnly) {
  Clockwork c(1);
  c.arm(0, 30'000);
  c.arm(0, 6);
  c.run();
  EXPECT_THAT(c.fired, ElementsAre(Pair(0, 6)));
}

TEST(Wheel, SeedPermutesTheEventsOfOneCycle) {
  const auto order = [](std::optional<uint64_t> seed) {
    Clockwork c(8, seed);
    for (int i = 0; i < 8; ++i)
      c.arm(i, 3);
    c.run();
    return c.fired;
  };
  EXPECT_NE(order(1), order({}));
  EXPECT_NE(order(1), order(2));
  EXPECT_EQ(order(1), order(1));
  EXPECT_TRUE(std::ranges::is_permutation(order(1), order({})));
}

TEST(Wheel, SeedNeverChangesTheOrderOfCycles) {
  Clockwork c(6, 99);
  for (int i = 0; i < 6; ++i)
    c.arm(i, static_cast<Cycle>(i / 2 * 20'000));
  c.run();
  std::vector<Cycle> cycles;
  for (const auto& [number, cycle] : c.fired)
    cycles.push_back(cycle);
  EXPECT_THAT(cycles, ElementsAre(0, 0, 20'000, 20'000, 40'000, 40'000));
}

TEST(Wheel, AgreesWithASortedListOnRandomSchedules) {
  for (const uint64_t seed : {1, 2, 3, 4, 5}) {
    std::mt19937_64 random(seed);
    constexpr int kAlarms = 200;
    Clockwork c(kAlarms);
    std::vector<std::pair<Cycle, int>> expected;  // stable: order of arming
    for (int i = 0; i < kAlarms; ++i) {
      const Cycle at = random() % (random() % 2 ? 100 : 100'000);
      c.arm(i, at);
      expected.emplace_back(at, i);
    }
    for (int i = 0; i < kAlarms; i += 3) {
      c.wheel.cancel(c.alarm(i));
      std::erase_if(expected, [&](const auto& e) { return e.second == i; });
    }
    std::ranges::stable_sort(expected, {}, [](const auto& e) { return e.first; });
    Fired want;
    for (const auto& [at, i] : expected)
      want.emplace_back(i, at);
    c.run();
    EXPECT_THAT(c.fired, ElementsAreArray(want)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace npu::sim
