// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/reference.h"
#include "compiler/compile.h"
#include "compiler/lower/lower.h"
#include "hw-model/config.h"
#include "hw-model/observe/checker.h"
#include "hw-model/observe/counters.h"
#include "hw-model/sim/sim.h"

namespace npu {
namespace {

using arch::Layout;
using arch::Type;
using compiler::matmul::Herd;
using compiler::matmul::Problem;

/// A problem, where it runs, and how.
struct Case {
  Problem problem;
  const char* device = "npu1";
  int columns = 4;
  std::optional<Herd> herd = {};
  compiler::matmul::L2Locks l2_locks = compiler::matmul::L2Locks::Shared;
};

std::string name_of(const testing::TestParamInfo<Case>& info) {
  const Case& c = info.param;
  const Problem& p = c.problem;
  std::string name = fmt::format("{}x{}x{}_{}_{}_{}{}_{}_{}columns", p.m, p.k, p.n, to_string(p.a),
                                 to_string(p.c), p.a_layout == Layout::Row ? "r" : "c",
                                 p.b_layout == Layout::Row ? "r" : "c", c.device, c.columns);
  if (c.herd)
    name += fmt::format("_herd{}x{}", c.herd->columns, c.herd->rows);
  if (c.l2_locks == compiler::matmul::L2Locks::PerWriter)
    name += "_per_writer";
  return name;
}

std::vector<std::byte> operand(Type type, int64_t elements, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::byte> bytes(static_cast<size_t>(elements) * arch::bytes_of(type));
  for (int64_t i = 0; i < elements; ++i) {
    // Floats of mixed sign and magnitude, integers of full range.
    const auto word = static_cast<uint32_t>(random());
    const float real = std::ldexp(static_cast<float>(static_cast<int>(word % 2001) - 1000),
                                  static_cast<int>(word >> 16) % 9 - 14);
    uint32_t bits = word;
    if (type == Type::F32 || type == Type::Bf16)
      std::memcpy(&bits, &real, 4);
    if (type == Type::Bf16)
      bits >>= 16;
    std::memcpy(&bytes[static_cast<size_t>(i) * arch::bytes_of(type)], &bits, arch::bytes_of(type));
  }
  return bytes;
}

/// A compiled case with its operands.
class Matmul {
 public:
  explicit Matmul(const Case& c)
      : problem_(c.problem),
        device_(config::builtin_device(c.device)),
        partition_(arch::partition_of(*device_.device, c.columns)) {
    compiler::matmul::Options options;
    options.herd = c.herd;
    options.l2_locks = c.l2_locks;
    lowered_ = compiler::lower(compiler::build(problem_, partition_, device_.timing, options));
    a = operand(problem_.a, problem_.m * problem_.k, 1);
    b = operand(problem_.b, problem_.k * problem_.n, 2);
    result.assign(static_cast<size_t>(problem_.m * problem_.n) * arch::bytes_of(problem_.c),
                  std::byte{0xA5});
  }

  sim::RunResult run(const sim::Options& options,
                     const std::vector<observe::Observer*>& observers = {}) {
    sim::Simulation simulation(partition_, device_.timing, options);
    for (observe::Observer* observer : observers)
      simulation.hub().attach(*observer);
    simulation.configure(lowered_.configuration);
    const sim::HostBuffer arguments[] = {
        {a.data(), a.size()}, {b.data(), b.size()}, {result.data(), result.size()}};
    return simulation.run(lowered_.sequence, arguments);
  }

  cli::Comparison compare() const { return cli::compare(problem_, a, b, result); }
  const compiler::Lowered& lowered() const { return lowered_; }

  std::vector<std::byte> a;
  std::vector<std::byte> b;
  std::vector<std::byte> result;

 private:
  Problem problem_;
  config::DeviceConfig device_;
  arch::Partition partition_;
  compiler::Lowered lowered_;
};

class EveryMatmul : public testing::TestWithParam<Case> {};

TEST_P(EveryMatmul, FinishesWithTheBitsOfTheReference) {
  Matmul matmul(GetParam());
  EXPECT_EQ(matmul.run({}).end, sim::End::Finished);
  const cli::Comparison comparison = matmul.compare();
  EXPECT_EQ(comparison.mismatches, 0u)
      << "first at (" << comparison.row << "," << comparison.column << "): " << comparison.got
      << ", want " << comparison.expected;
}

Case bf16(int64_t m, int64_t k, int64_t n) {
  return {.problem = {.m = m, .k = k, .n = n}};
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryMatmul,
                         testing::Values(bf16(512, 512, 512), bf16(512, 512, 640),
                                         bf16(512, 640, 512), bf16(512, 640, 640),
                                         bf16(640, 512, 512), bf16(640, 512, 640),
                                         bf16(640, 640, 512), bf16(640, 640, 640),
                                         bf16(2048, 2432, 2048), bf16(64, 64, 64),
                                         bf16(256, 1024, 128)),
                         name_of);

Case typed(Type operand_type, Type result_type) {
  return {
      .problem = {
          .m = 512, .k = 512, .n = 512, .a = operand_type, .b = operand_type, .c = result_type}};
}

INSTANTIATE_TEST_SUITE_P(Types, EveryMatmul,
                         testing::Values(typed(Type::Bf16, Type::Bf16), typed(Type::I8, Type::I32),
                                         typed(Type::I8, Type::I16), typed(Type::I8, Type::I8),
                                         typed(Type::I16, Type::I32), typed(Type::I32, Type::I32),
                                         typed(Type::F32, Type::F32)),
                         name_of);

std::vector<Case> layouts() {
  std::vector<Case> cases;
  for (const auto& [operand_type, result_type] :
       {std::pair{Type::Bf16, Type::F32}, {Type::I8, Type::I32}, {Type::F32, Type::F32}})
    for (const Layout a : {Layout::Row, Layout::Column})
      for (const Layout b : {Layout::Row, Layout::Column})
        cases.push_back({.problem = {.m = 128,
                                     .k = 256,
                                     .n = 192,
                                     .a = operand_type,
                                     .b = operand_type,
                                     .c = result_type,
                                     .a_layout = a,
                                     .b_layout = b}});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Layouts, EveryMatmul, testing::ValuesIn(layouts()), name_of);

std::vector<Case> herds() {
  std::vector<Case> cases;
  for (int columns = 1; columns <= 4; ++columns)
    for (int rows = 1; rows <= 4; ++rows)
      cases.push_back(
          {.problem = {.m = 64 * columns, .k = 192, .n = 64 * rows}, .herd = Herd{columns, rows}});
  for (int columns = 1; columns <= 3; ++columns)
    cases.push_back({.problem = {.m = 128 * columns, .k = 256, .n = 256},
                     .columns = columns,
                     .herd = Herd{columns, 4}});
  for (const Herd herd : {Herd{8, 4}, Herd{8, 1}, Herd{3, 2}, Herd{1, 4}})
    cases.push_back({.problem = {.m = 64 * herd.columns, .k = 256, .n = 64 * herd.rows},
                     .device = "npu4",
                     .columns = 8,
                     .herd = herd});
  cases.push_back({.problem = {.m = 1024, .k = 1024, .n = 1024},
                   .device = "npu4",
                   .columns = 8,
                   .herd = Herd{8, 4}});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Herds, EveryMatmul, testing::ValuesIn(herds()), name_of);

Case per_writer(Case c) {
  c.l2_locks = compiler::matmul::L2Locks::PerWriter;
  return c;
}
INSTANTIATE_TEST_SUITE_P(LocksOfTheirOwn, EveryMatmul,
                         testing::Values(per_writer(bf16(512, 512, 640)),
                                         per_writer(bf16(256, 256, 256))),
                         name_of);

const Case kSmall = bf16(128, 128, 128);

TEST(Matmul, TakesTheSameCyclesInBothFidelities) {
  Matmul matmul(kSmall);
  sim::Options word;
  word.fidelity = sim::Fidelity::Word;
  EXPECT_EQ(matmul.run({}).cycles, matmul.run(word).cycles);
}

TEST(Matmul, HasTheSameBitsInBothFidelities) {
  Matmul matmul(kSmall);
  sim::Options word;
  word.fidelity = sim::Fidelity::Word;
  matmul.run(word);
  EXPECT_EQ(matmul.compare().mismatches, 0u);
}

TEST(Matmul, TakesTheSameCyclesWithoutData) {
  Matmul matmul(kSmall);
  sim::Options timing;
  timing.timing_only = true;
  EXPECT_EQ(matmul.run(timing).cycles, matmul.run({}).cycles);
}

TEST(Matmul, GivesTheSameBitsUnderEveryOrderOfTies) {
  Matmul matmul(per_writer(bf16(256, 256, 128)));
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    sim::Options options;
    options.schedule_seed = seed;
    ASSERT_EQ(matmul.run(options).end, sim::End::Finished) << "seed " << seed;
    ASSERT_EQ(matmul.compare().mismatches, 0u) << "seed " << seed;
  }
}

TEST(Matmul, TouchesNoMemoryWithoutItsLock) {
  Matmul matmul(kSmall);
  observe::MemoryChecker checker(matmul.lowered().names);
  matmul.run({}, {&checker});
  std::vector<std::string> findings;
  for (const observe::MemoryFinding& finding : checker.findings())
    findings.push_back(finding.text());
  EXPECT_THAT(findings, testing::IsEmpty());
}

TEST(Matmul, MovesTheBytesOfItsSchedule) {
  Matmul matmul(bf16(512, 512, 640));
  observe::Counters counters;
  matmul.run({}, {&counters});
  // C leaves each level once.
  EXPECT_EQ(counters.bytes_l1_l2(), 512u * 640 * 4);
  EXPECT_EQ(counters.bytes_l2_l3(), 512u * 640 * 4);
  // Nothing is sent twice over a broadcast.
  EXPECT_EQ(counters.bytes_l2_l1_sent(), counters.bytes_l3_l2());
}

}  // namespace
}  // namespace npu
