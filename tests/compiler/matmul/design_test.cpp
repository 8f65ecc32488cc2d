// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>

#include <gmock/gmock.h>

#include "compiler/lower/lower.h"
#include "compiler/matmul/limits.h"
#include "tests/compiler/matmul/machine.h"
#include "tests/compiler/matmul/plans.h"

namespace npu::compiler::testing {
namespace {

using arch::KernelOp;
using arch::TileKind;
using matmul::Schedule;
using matmul::TileUse;

/// A small whole number that every type holds, different at neighbouring places.
double element(char matrix, int64_t row, int64_t col) {
  return static_cast<double>((row * 31 + col * 17 + (row * col) % 5 + matrix) % 13) - 6;
}

int64_t place(int64_t row, int64_t col, int64_t rows, int64_t cols, Layout layout) {
  return layout == Layout::Row ? row * cols + col : col * rows + row;
}

std::vector<Machine::Bytes> arguments(const Problem& p, const Design& design) {
  std::vector<Machine::Bytes> buffers;
  for (const Argument& argument : design.arguments)
    buffers.emplace_back(argument.bytes());
  for (int64_t m = 0; m < p.m; ++m)
    for (int64_t k = 0; k < p.k; ++k)
      set(buffers[0], p.a, place(m, k, p.m, p.k, p.a_layout), element('a', m, k));
  for (int64_t k = 0; k < p.k; ++k)
    for (int64_t n = 0; n < p.n; ++n)
      set(buffers[1], p.b, place(k, n, p.k, p.n, p.b_layout), element('b', k, n));
  return buffers;
}

/// Places where C is not the product, at most a few.
std::vector<std::string> mismatches(const Problem& p, const Machine& machine) {
  std::vector<std::string> list;
  Machine::Bytes expected(8);
  for (int64_t m = 0; m < p.m; ++m)
    for (int64_t n = 0; n < p.n && list.size() < 4; ++n) {
      double sum = 0;
      for (int64_t k = 0; k < p.k; ++k)
        sum += element('a', m, k) * element('b', k, n);
      set(expected, p.c, 0, sum);
      const double got = get(machine.argument(2), p.c, m * p.n + n);
      if (got != get(expected, p.c, 0))
        list.push_back(fmt::format("C[{},{}] is {}, not {}", m, n, got, get(expected, p.c, 0)));
    }
  return list;
}

void expect_product(const Problem& p, const Options& options = {}, int columns = 4,
                    const arch::Device& device = arch::kNpu1) {
  const Design design = plan(p, options, columns, device).design;
  Machine machine(design, arguments(p, design));
  ASSERT_TRUE(machine.run()) << ::testing::PrintToString(machine.waiting());
  EXPECT_THAT(mismatches(p, machine), ::testing::IsEmpty());
  EXPECT_LE(machine.most_outstanding(), static_cast<size_t>(arch::kTaskQueueDepth));
  EXPECT_EQ(machine.words_in_streams(), 0u);
}

class EveryHerd : public ::testing::TestWithParam<std::tuple<int, int>> {
 protected:
  int columns() const { return std::get<0>(GetParam()); }
  int rows() const { return std::get<1>(GetParam()); }
};

TEST_P(EveryHerd, MultipliesOverSeveralLaunchesAndSteps) {
  const Problem problem = of(Type::I32, Type::I32, 16 * columns(), 32, 16 * rows());
  Options options{.herd = Herd{columns(), rows()}};
  expect_product(problem, options);
}
TEST_P(EveryHerd, MultipliesInAPartitionOfItsOwnWidth) {
  const Problem problem = bf16(48 * columns(), 320, 48 * rows());
  expect_product(problem, {.herd = Herd{columns(), rows()}}, columns());
}
TEST_P(EveryHerd, MultipliesWithALockPairForEachWriter) {
  const Problem problem = bf16(32 * columns(), 64, 128 * rows());
  expect_product(problem, {.herd = Herd{columns(), rows()}, .l2_locks = matmul::L2Locks::PerWriter},
                 columns());
}
TEST_P(EveryHerd, LowersToCommands) {
  const Problem problem = bf16(128 * columns(), 320, 128 * rows());
  const Options options{.herd = Herd{columns(), rows()}};
  for (const int width : {columns(), 4})
    EXPECT_FALSE(lower(plan(problem, options, width).design).configuration.empty());
}
INSTANTIATE_TEST_SUITE_P(Npu1, EveryHerd,
                         ::testing::Combine(::testing::Range(1, 5), ::testing::Range(1, 5)));

class EveryDepth : public ::testing::TestWithParam<std::tuple<int, int, int, int>> {};

TEST_P(EveryDepth, Multiplies) {
  const auto& [a_l2, b_l2, a_l1, b_l1] = GetParam();
  Options options{.herd = Herd{2, 2}};
  options.tiles = plan(bf16(64, 320, 64), options, 2).tiles;
  options.depths = {a_l2, b_l2, a_l1, b_l1};
  options.tiles->core.k = 32;
  options.tiles->l2.k = 64;
  expect_product(bf16(64, 320, 64), options, 2);
}
INSTANTIATE_TEST_SUITE_P(Npu1, EveryDepth,
                         ::testing::Combine(::testing::Range(1, 5), ::testing::Range(1, 5),
                                            ::testing::Range(1, 3), ::testing::Range(1, 3)));

TEST(Depths, OfOneHoldASliceOnce) {
  Options options;
  options.depths = {1, 1, 1, 1};
  const Design design = plan(bf16(128, 128, 128), options).design;
  for (const Buffer& buffer : design.buffers)
    EXPECT_EQ(buffer.name.find('.'), std::string::npos) << buffer.name;
}

TEST(Herds, EightByFourMultipliesOnNpu4) {
  expect_product(bf16(256, 128, 256), {.herd = Herd{8, 4}}, 8, arch::kNpu4);
}

TEST(Herds, EightByFourLowersOnNpu4) {
  const Design design = plan(bf16(1024, 1024, 1024), {.herd = Herd{8, 4}}, 8, arch::kNpu4).design;
  EXPECT_FALSE(lower(design).design.connections.empty());
}

TEST(Herds, ACollapsedHerdMultipliesInOneColumn) {
  expect_product(bf16(128, 128, 128), {.strategy = std::string(kApril)}, 1);
  expect_product(bf16(256, 64, 64), {.strategy = std::string(kApril)}, 1);
}

struct Types {
  Type type;
  Type c;
};
class EveryType : public ::testing::TestWithParam<std::tuple<Types, bool, bool>> {};

TEST_P(EveryType, MultipliesInEveryLayout) {
  const auto& [types, a_columns, b_columns] = GetParam();
  Problem problem = of(types.type, types.c, 64, 96, 128);
  problem.a_layout = a_columns ? Layout::Column : Layout::Row;
  problem.b_layout = b_columns ? Layout::Column : Layout::Row;
  expect_product(problem);
  expect_product(problem, {.herd = Herd{1, 4}}, 1);
  expect_product(problem, {.herd = Herd{2, 4}}, 2);
}
INSTANTIATE_TEST_SUITE_P(
    Types, EveryType,
    ::testing::Combine(::testing::Values(Types{Type::Bf16, Type::F32},
                                         Types{Type::Bf16, Type::Bf16}, Types{Type::I8, Type::I32},
                                         Types{Type::I8, Type::I16}, Types{Type::I8, Type::I8},
                                         Types{Type::I16, Type::I32}, Types{Type::I32, Type::I32},
                                         Types{Type::F32, Type::F32}),
                       ::testing::Bool(), ::testing::Bool()));

TEST(Launches, RunOverAGridWithAnOddNumberOfSteps) {
  expect_product(bf16(256, 192, 512), {.strategy = "pad-pack-2024-05-10"});
}

TEST(Launches, MoreRowsOfThemThanAQueueHolds) {
  expect_product(of(Type::I32, Type::I32, 8 * 36, 8, 36), {.herd = Herd{2, 1}}, 2);
}

TEST(Launches, ASecondRunStartsFromACleanState) {
  const Problem p = bf16(128, 64, 256);
  const Design design = plan(p).design;
  Machine machine(design, arguments(p, design));
  ASSERT_TRUE(machine.run());
  machine.clear(2);
  machine.rewind();
  EXPECT_TRUE(machine.run());
  EXPECT_THAT(mismatches(p, machine), ::testing::IsEmpty());
}

TEST(Launches, BytesPerHopAreWhatThePlanExpects) {
  const Problem p = bf16(256, 128, 512);
  const Schedule s = plan(p, {.strategy = "pad-pack-2024-05-10"});
  Machine machine(s.design, arguments(p, s.design), false);
  ASSERT_TRUE(machine.run());
  matmul::PlanReport counted;
  for (const matmul::Stream& stream : s.streams) {
    const uint64_t bytes = machine.delivered(stream.name);
    switch (stream.hop) {
      case matmul::Hop::L3ToL2:
        counted.l3_l2 += bytes;
        break;
      case matmul::Hop::L2ToL1:
        counted.l2_l1_received += bytes;
        counted.l2_l1_sent += bytes / stream.destinations.size();
        break;
      case matmul::Hop::L1ToL2:
        counted.l1_l2 += bytes;
        break;
      case matmul::Hop::L2ToL3:
        counted.l2_l3 += bytes;
        break;
    }
  }
  EXPECT_EQ(counted.l3_l2, s.report.l3_l2);
  EXPECT_EQ(counted.l2_l1_sent, s.report.l2_l1_sent);
  EXPECT_EQ(counted.l2_l1_received, s.report.l2_l1_received);
  EXPECT_EQ(counted.l1_l2, s.report.l1_l2);
  EXPECT_EQ(counted.l2_l3, s.report.l2_l3);
}

// Slices as they lie in L1, against the formula of the packed layout.
TEST(Packing, EveryCallSeesItsSlicesInBlocks) {
  const Problem p = bf16(128, 192, 128);
  const Schedule s = plan(p, {.herd = Herd{2, 2}});
  Machine machine(s.design, arguments(p, s.design), false);
  std::map<Coord, int64_t> calls;
  int checked = 0;
  machine.on_call = [&](const Core& core, const arch::KernelSpec& spec,
                        std::span<const int> buffers) {
    if (spec.op != KernelOp::Matmul)
      return;
    const int64_t call = calls[core.tile]++;
    const int64_t steps = p.k / spec.k;
    const int64_t launch = call / steps;
    const int64_t row = launch / s.launches_n() * s.tiles.l2.m + core.tile.col * spec.m;
    const int64_t col = launch % s.launches_n() * s.tiles.l2.n + (core.tile.row - 2) * spec.n;
    const int64_t depth = call % steps * spec.k;
    int64_t at = 0;
    for (int64_t mb = 0; mb < spec.m; mb += 4)
      for (int64_t kb = 0; kb < spec.k; kb += 8)
        for (int64_t m = mb; m < mb + 4; ++m)
          for (int64_t k = kb; k < kb + 8; ++k)
            ASSERT_EQ(get(machine.memory(buffers[0]), p.a, at++), element('a', row + m, depth + k));
    at = 0;
    for (int64_t kb = 0; kb < spec.k; kb += 8)
      for (int64_t nb = 0; nb < spec.n; nb += 4)
        for (int64_t k = kb; k < kb + 8; ++k)
          for (int64_t n = nb; n < nb + 4; ++n)
            ASSERT_EQ(get(machine.memory(buffers[1]), p.b, at++), element('b', depth + k, col + n));
    ++checked;
  };
  ASSERT_TRUE(machine.run());
  EXPECT_EQ(checked, 4 * s.launches() * p.k / s.tiles.core.k);
}

TileUse use_of(const Schedule& s, Coord tile) {
  for (const TileUse& use : matmul::tile_uses(s.design))
    if (use.tile == tile)
      return use;
  return {};
}

// The design of 64x64x64 core tiles on 4x4 cores with K slices of 256.
class FourByFour : public ::testing::Test {
 protected:
  Schedule s = plan(bf16(512, 512, 512), {.strategy = std::string(kHalved)});
};

TEST_F(FourByFour, TakesFortyEightKiBOfL1) {
  EXPECT_EQ(use_of(s, {1, 3}).bytes, 48 * 1024 + Core{}.stack_bytes);
}
TEST_F(FourByFour, Takes192KiBOfEachMemtile) {
  for (uint8_t column = 0; column < 4; ++column)
    EXPECT_EQ(use_of(s, {column, 1}).bytes, 192 * 1024);
}
TEST_F(FourByFour, TakesAllMemtileS2mmAndHalfTheMm2sChannels) {
  EXPECT_EQ(use_of(s, {2, 1}).s2mm, 6);
  EXPECT_EQ(use_of(s, {2, 1}).mm2s, 3);
}
TEST_F(FourByFour, TakesThirteenDescriptorsAndSixLocksOfAMemtile) {
  EXPECT_EQ(use_of(s, {2, 1}).descriptors, 13);
  EXPECT_EQ(use_of(s, {2, 1}).locks, 6);
}
TEST_F(FourByFour, TakesBothShimMm2sAndOneS2mm) {
  EXPECT_EQ(use_of(s, {3, 0}).mm2s, 2);
  EXPECT_EQ(use_of(s, {3, 0}).s2mm, 1);
}
TEST_F(FourByFour, TakesFiveDescriptorsAndSixLocksOfACore) {
  EXPECT_EQ(use_of(s, {0, 5}).descriptors, 5);
  EXPECT_EQ(use_of(s, {0, 5}).locks, 6);
  EXPECT_EQ(use_of(s, {0, 5}).s2mm, 2);
}

TEST(OneColumn, TakesAllChannelsOfItsMemtile) {
  const Schedule s = plan(bf16(64, 64, 256), {.herd = Herd{1, 4}}, 1);
  EXPECT_EQ(use_of(s, {0, 1}).s2mm, 6);
  EXPECT_EQ(use_of(s, {0, 1}).mm2s, 6);
  EXPECT_EQ(use_of(s, {0, 0}).mm2s, 2);
}

TEST(Limits, SayWhatIsNeededAndWhoAsked) {
  Design design;
  for (int i = 0; i < 3; ++i)
    design.channels.push_back({.name = fmt::format("S{}", i), .tile = {1, 2}});
  EXPECT_EQ(refusal([&] { matmul::check_limits(design); }),
            "core(1,2): needs 3 mm2s channels, has 2: S0, S1, S2");
}

}  // namespace
}  // namespace npu::compiler::testing
