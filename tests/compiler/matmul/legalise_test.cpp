// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/legalise.h"

#include <random>

#include <gmock/gmock.h>

#include "tests/compiler/matmul/plans.h"

namespace npu::compiler::testing {
namespace {

using matmul::legalise;
using matmul::Loop;
using matmul::Task;
using matmul::WrapTiling;
using ::testing::ElementsAre;

/// Word addresses that the loops touch, in order.
std::vector<uint64_t> walked(const std::vector<Loop>& loops) {
  std::vector<uint64_t> addresses{0};
  for (const Loop& loop : loops) {
    std::vector<uint64_t> next;
    for (const uint64_t base : addresses)
      for (int64_t i = 0; i < loop.size; ++i)
        next.push_back(base + static_cast<uint64_t>(i * loop.step));
    addresses = std::move(next);
  }
  return addresses;
}

std::vector<uint64_t> walked(const std::vector<Task>& tasks) {
  std::vector<uint64_t> addresses;
  for (const Task& task : tasks)
    for (int run = 0; run < task.repeat; ++run)
      for (uint64_t k = 0; k < task.length; ++k) {
        uint64_t address = task.offset + static_cast<uint64_t>(run) * task.iteration_step;
        uint64_t rest = k;
        for (size_t d = 0; d < task.dims.size(); ++d) {
          const bool last = d + 1 == task.dims.size();
          address += (last ? rest : rest % task.dims[d].size) * task.dims[d].step;
          rest /= task.dims[d].size;
        }
        addresses.push_back(task.dims.empty() ? address + k : address);
      }
  return addresses;
}

std::vector<Dim> dims(const std::vector<Loop>& loops) {
  const std::vector<Task> tasks = legalise(loops, WrapTiling::Default, "B");
  EXPECT_EQ(tasks.size(), 1u);
  return tasks[0].dims;
}

TEST(Legalise, AContiguousTransferNeedsNoWraps) {
  const std::vector<Task> tasks = legalise({{2304, 1152}, {1152, 1}}, WrapTiling::Default, "B");
  EXPECT_THAT(tasks, ElementsAre(Task{.length = 2304 * 1152}));
}

// Strips of 32 words, row pitch as given: the worked values.
TEST(Legalise, CutsKByTheLargestDivisorThatFits) {
  EXPECT_THAT(dims({{2304, 1152}, {32, 1}}),
              ElementsAre(Dim{32, 1}, Dim{768, 1152}, Dim{3, 768 * 1152}));
  EXPECT_THAT(dims({{2432, 1216}, {32, 1}}),
              ElementsAre(Dim{32, 1}, Dim{608, 1216}, Dim{4, 608 * 1216}));
}

TEST(Legalise, TakesASmallerDivisorWhenTheStepWouldNotFit) {
  EXPECT_THAT(dims({{7296, 1216}, {32, 1}}),
              ElementsAre(Dim{32, 1}, Dim{608, 1216}, Dim{12, 739328}));
  EXPECT_THAT(dims({{9728, 4864}, {32, 1}}),
              ElementsAre(Dim{32, 1}, Dim{152, 4864}, Dim{64, 739328}));
}

TEST(Legalise, LeavesWhatTheWrapHolds) {
  EXPECT_THAT(dims({{1023, 64}, {32, 1}}), ElementsAre(Dim{32, 1}, Dim{1023, 64}));
}

TEST(Legalise, LegacyCutsBy512) {
  EXPECT_THAT(legalise({{2048, 1152}, {32, 1}}, WrapTiling::Legacy, "B")[0].dims,
              ElementsAre(Dim{32, 1}, Dim{512, 1152}, Dim{4, 512 * 1152}));
}

TEST(Legalise, RefusesAStepThatNoDescriptorTakesWithItsSizes) {
  EXPECT_EQ(refusal([] {
              legalise({{5, 1 << 21}}, WrapTiling::Default, "B");
            }),
            "B: no descriptor walks 5x2097152 (sizes and steps in words, outermost first)");
}

TEST(Legalise, APrimeIsAWholeRunAndATaskForTheRest) {
  std::vector<std::string> cuts;
  const std::vector<Task> tasks =
      legalise({{1031, 1152}, {32, 1}}, WrapTiling::Default, "B0.in", &cuts);
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_THAT(tasks[0].dims, ElementsAre(Dim{32, 1}, Dim{1023, 1152}));
  EXPECT_EQ(tasks[1].length * static_cast<uint64_t>(tasks[1].repeat), 8u * 32);
  EXPECT_EQ(tasks[1].offset, 1023u * 1152);
  EXPECT_THAT(cuts,
              ElementsAre("B0.in: 1031 steps exceed the wrap limit of 1023: 1 of 1023 and 8"));
}

TEST(Legalise, WalksTheSameWordsAsALoopOfAPrimeAnywhere) {
  for (const int64_t prime : {1031, 2053, 4099}) {
    for (const std::vector<Loop>& loops :
         {std::vector<Loop>{{prime, 40}, {3, 10}, {4, 1}},
          std::vector<Loop>{{3, 0}, {prime, 40}, {4, 1}},
          std::vector<Loop>{{2, 5}, {3, 1 << 19}, {prime, 40}, {4, 1}},
          std::vector<Loop>{{2, 1 << 20}, {3, 1 << 17}, {2, 1 << 10}, {prime, 2}}}) {
      const std::vector<Task> tasks = legalise(loops, WrapTiling::Default, "x");
      EXPECT_EQ(walked(tasks), walked(loops)) << prime;
      for (const Task& task : tasks)
        for (size_t d = 0; d + 1 < task.dims.size(); ++d)
          EXPECT_LE(task.dims[d].size, 1023u);
    }
  }
}

TEST(Legalise, RepeatsWithoutMovingUpTo256Times) {
  const std::vector<Task> tasks = legalise({{300, 0}, {64, 100}, {8, 1}}, WrapTiling::Default, "A");
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].repeat, 256);
  EXPECT_EQ(tasks[1].repeat, 44);
}

TEST(Legalise, IteratesUpTo64Times) {
  const std::vector<Task> tasks =
      legalise({{100, 5000}, {3, 1000}, {2, 500}, {2, 100}, {8, 1}}, WrapTiling::Default, "C");
  for (const Task& task : tasks)
    EXPECT_LE(task.repeat, 64);
}

TEST(Legalise, WalksTheSameWordsAsTheLoops) {
  std::mt19937 random(7);
  const auto below = [&](int n) {
    return static_cast<int64_t>(random() % static_cast<uint32_t>(n));
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<Loop> loops{{2 + below(12), 1}};
    int64_t step = loops[0].size;
    for (int depth = 0; depth < 4; ++depth) {
      step += below(2) * below(5);
      loops.insert(loops.begin(), {1 + below(6), below(4) == 0 ? 0 : step});
      step *= loops[0].size;
    }
    SCOPED_TRACE(round);
    EXPECT_EQ(walked(legalise(loops, WrapTiling::Default, "x")), walked(loops));
  }
}

}  // namespace
}  // namespace npu::compiler::testing
