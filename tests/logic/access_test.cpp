// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/access.h"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::logic {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::Pair;

constexpr uint64_t P = kPadding;

std::vector<uint64_t> all(const Access& access) {
  std::vector<uint64_t> out;
  for (uint64_t k = 0; k < access.length; ++k)
    out.push_back(address(access, k));
  return out;
}

std::vector<std::pair<uint64_t, uint64_t>> runs(const Access& access, uint64_t first,
                                                uint64_t count) {
  std::vector<std::pair<uint64_t, uint64_t>> out;
  Plan(access).for_each_run(first, count,
                            [&](uint64_t at, uint64_t words) { out.emplace_back(at, words); });
  return out;
}

TEST(Address, WalksAWindowRowByRow) {
  const Access window{.base = 100, .length = 6, .dims = {{{1, 3}, {8, 2}}}};
  EXPECT_THAT(all(window), ElementsAre(100, 101, 102, 108, 109, 110));
}

TEST(Address, ContinuesTheFirstDimensionWithoutAWrap) {
  const Access access{.length = 5, .dims = {{{1, 2}, {10, 0}, {1000, 7}}}};
  EXPECT_THAT(all(access), ElementsAre(0, 1, 10, 11, 20));
}

TEST(Address, IgnoresAWrapOnTheLastDimension) {
  const Access access{.length = 4, .dims = {{{1, 1}, {1, 1}, {1, 1}, {3, 2}}}};
  EXPECT_THAT(all(access), ElementsAre(0, 3, 6, 9));
}

TEST(Address, PadsRowsOnTopOfTheirWrap) {
  const Access access{.length = 16, .dims = {{{1, 13}, {13, 0}}}, .pads = {{{2, 1}}}};
  EXPECT_THAT(all(access), ElementsAre(P, P, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, P));
}

TEST(Address, PadsTheSecondDimensionInPaddedRows) {
  const Access access{.length = 9, .dims = {{{1, 2}, {8, 1}, {64, 0}}}, .pads = {{{1, 0}, {1, 1}}}};
  EXPECT_THAT(all(access), ElementsAre(P, P, P, P, 0, 1, P, P, P));
}

TEST(Address, PadsTheThirdDimensionInPaddedPlanes) {
  const Access access{
      .length = 8, .dims = {{{1, 1}, {1, 1}, {8, 2}, {64, 0}}}, .pads = {{{0, 1}, {}, {1, 1}}}};
  EXPECT_THAT(all(access), ElementsAre(P, P, 0, P, 8, P, P, P));
}

TEST(Plan, MergesDimensionsThatContinueEachOther) {
  const Plan plan({.base = 7, .length = 64, .dims = {{{1, 4}, {4, 8}, {32, 2}, {9, 0}}}});
  EXPECT_TRUE(plan.linear());
  EXPECT_EQ(plan.run(), 64u);
}

TEST(Plan, KeepsDimensionsThatOverlap) {
  const Access access{.length = 8, .dims = {{{1, 4}, {2, 2}}}};
  EXPECT_FALSE(Plan(access).linear());
  EXPECT_THAT(runs(access, 0, 8), ElementsAre(Pair(0, 4), Pair(2, 4)));
}

TEST(Plan, OverlappingScatterKeepsTheLastWord) {
  const Plan plan({.length = 4, .dims = {{{1, 2}, {1, 0}}}});
  const std::vector<uint32_t> in{1, 2, 3, 4};
  std::vector<uint32_t> memory(3);
  plan.scatter(memory.data(), 0, 4, in.data());
  EXPECT_THAT(memory, ElementsAre(1, 3, 4));
}

TEST(Plan, RunsAreCutWhereTheRangeIs) {
  const Access access{.base = 10, .length = 12, .dims = {{{1, 4}, {100, 0}}}};
  EXPECT_THAT(runs(access, 3, 7), ElementsAre(Pair(13, 1), Pair(110, 4), Pair(210, 2)));
}

TEST(Plan, RunsLeaveThePaddingOut) {
  const Access access{.length = 10, .dims = {{{1, 3}, {10, 0}}}, .pads = {{{1, 1}}}};
  EXPECT_THAT(runs(access, 0, 10), ElementsAre(Pair(0, 3), Pair(10, 3)));
}

TEST(Plan, OfNothingTouchesNothing) {
  const Plan plan({.base = 5, .length = 0, .dims = {{{3, 4}}}});
  EXPECT_EQ(plan.lowest(), plan.end());
}

TEST(Plan, OfPaddingAloneTouchesNothing) {
  const Plan plan({.base = 5, .length = 2, .dims = {{{1, 4}}}, .pads = {{{2, 0}}}});
  EXPECT_EQ(plan.lowest(), plan.end());
}

/// Random walks that overlap, continue each other, end early, or are padded.
class RandomAccesses : public ::testing::TestWithParam<int> {
 protected:
  static constexpr uint64_t kBase = 3;

  uint32_t pick(uint32_t low, uint32_t high) {
    return std::uniform_int_distribution<uint32_t>(low, high)(random_);
  }

  Access make(bool padded) {
    Access access{.base = kBase};
    uint64_t full = 1;
    uint32_t natural = 1;
    const uint32_t dims = pick(3, 4);
    for (uint32_t d = 0; d < dims; ++d) {
      const uint32_t wrap = d + 1 == dims ? 0 : pick(0, 9);
      access.dims[d] = {pick(0, 2) > 0 ? natural : pick(1, 40), wrap};
      natural = access.dims[d].step * std::max(wrap, 1u);
      if (padded && d < 3 && pick(0, 1) > 0)
        access.pads[d] = {static_cast<uint8_t>(pick(0, 3)),
                          static_cast<uint8_t>(wrap > 0 ? pick(0, 3) : 0)};
      full *= wrap > 0 ? access.pads[d].before + wrap + access.pads[d].after : pick(1, 5);
      if (wrap == 0)
        break;
    }
    access.length = pick(0, 1) > 0 ? full : pick(0, static_cast<uint32_t>(full));
    return access;
  }

  std::mt19937 random_{static_cast<uint32_t>(GetParam())};
};

TEST_P(RandomAccesses, GatherGivesTheWordsOfTheFormula) {
  for (int i = 0; i < 400; ++i) {
    const Access access = make(i % 2 > 0);
    const Plan plan(access);
    std::vector<uint32_t> memory(plan.end());
    for (size_t at = 0; at < memory.size(); ++at)
      memory[at] = static_cast<uint32_t>(at);
    const uint64_t first = pick(0, static_cast<uint32_t>(access.length));
    const uint64_t count = pick(0, static_cast<uint32_t>(access.length - first));
    std::vector<uint32_t> out(count);
    plan.gather(memory.data(), first, count, out.data(), 0xFFFFFFFF);
    std::vector<uint32_t> expected;
    for (uint64_t k = first; k < first + count; ++k)
      expected.push_back(static_cast<uint32_t>(address(access, k)));
    ASSERT_THAT(out, ElementsAreArray(expected)) << "access " << i;
  }
}

TEST_P(RandomAccesses, ScatterWritesTheWordsOfTheFormulaInOrder) {
  for (int i = 0; i < 400; ++i) {
    const Access access = make(i % 2 > 0);
    const Plan plan(access);
    const uint64_t first = pick(0, static_cast<uint32_t>(access.length));
    const uint64_t count = pick(0, static_cast<uint32_t>(access.length - first));
    std::vector<uint32_t> in(count), memory(plan.end()), expected(plan.end());
    for (uint64_t k = 0; k < count; ++k) {
      in[k] = static_cast<uint32_t>(k + 1);
      if (const uint64_t at = address(access, first + k); at != kPadding)
        expected[at] = in[k];
    }
    plan.scatter(memory.data(), first, count, in.data());
    ASSERT_THAT(memory, ElementsAreArray(expected)) << "access " << i;
  }
}

TEST_P(RandomAccesses, RunsAreTheRealWordsOfTheFormulaInOrder) {
  for (int i = 0; i < 400; ++i) {
    const Access access = make(i % 2 > 0);
    const uint64_t first = pick(0, static_cast<uint32_t>(access.length));
    const uint64_t count = pick(0, static_cast<uint32_t>(access.length - first));
    std::vector<uint64_t> words, expected;
    Plan(access).for_each_run(first, count, [&](uint64_t at, uint64_t n) {
      for (uint64_t w = 0; w < n; ++w)
        words.push_back(at + w);
    });
    for (uint64_t k = first; k < first + count; ++k)
      if (const uint64_t at = address(access, k); at != kPadding)
        expected.push_back(at);
    ASSERT_THAT(words, ElementsAreArray(expected)) << "access " << i;
  }
}

TEST_P(RandomAccesses, BoundsAreThoseOfTheFormula) {
  for (int i = 0; i < 400; ++i) {
    const Access access = make(i % 2 > 0);
    uint64_t lowest = access.base, end = access.base;
    for (uint64_t k = 0; k < access.length; ++k)
      if (const uint64_t at = address(access, k); at != kPadding) {
        lowest = std::min(lowest, at);
        end = std::max(end, at + 1);
      }
    const Plan plan(access);
    ASSERT_THAT(std::pair(plan.lowest(), plan.end()), Pair(lowest, end)) << "access " << i;
  }
}

TEST_P(RandomAccesses, RunsAreContiguousFromEveryMultiple) {
  for (int i = 0; i < 400; ++i) {
    const Access access = make(i % 2 > 0);
    const uint64_t run = Plan(access).run();
    for (uint64_t k = 0; k + 1 < access.length; ++k)
      if ((k + 1) % run != 0) {
        ASSERT_EQ(address(access, k + 1), address(access, k) + 1) << "access " << i;
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomAccesses, ::testing::Range(1, 6));

}  // namespace
}  // namespace npu::logic
