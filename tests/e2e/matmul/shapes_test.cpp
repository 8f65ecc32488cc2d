// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <array>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/inputs.h"
#include "cli/micro_kernels.h"
#include "cli/reference.h"
#include "compiler/compile.h"
#include "compiler/design/staging.h"
#include "compiler/lower/lower.h"
#include "hw-model/config.h"
#include "hw-model/diagnosis/freshness.h"
#include "hw-model/observe/checker.h"
#include "hw-model/sim/sim.h"
#include "tests/e2e/matmul/random_shapes.h"

namespace npu {
namespace {

using arch::Layout;
using arch::Type;
using compiler::matmul::Herd;
using compiler::matmul::Options;
using compiler::matmul::Problem;

constexpr size_t kGuard = 4096;
constexpr std::byte kGuardByte{0x5A};

struct Case {
  Problem problem;
  const arch::Device* device = &arch::kNpu1;
  int columns = 4;
  Options options = {};
  cli::Inputs inputs = cli::Inputs::Special;

  std::string text() const {
    return fmt::format("{} on {} with {} columns{}", to_string(problem), device->name, columns,
                       options.herd ? ", herd " + to_string(*options.herd) : "");
  }
};

class Draw {
 public:
  explicit Draw(uint32_t seed) : random_(seed) {}

  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  template <typename T, size_t kCount>
  T one_of(const std::array<T, kCount>& choices) {
    return choices[static_cast<size_t>(between(0, kCount - 1))];
  }

 private:
  std::mt19937 random_;
};

Case random_case(uint32_t seed) {
  constexpr std::array kTypes{std::pair{Type::Bf16, Type::F32}, std::pair{Type::Bf16, Type::Bf16},
                              std::pair{Type::I8, Type::I32},   std::pair{Type::I8, Type::I16},
                              std::pair{Type::I8, Type::I8},    std::pair{Type::I16, Type::I32},
                              std::pair{Type::I32, Type::I32},  std::pair{Type::F32, Type::F32}};
  Draw draw(seed);
  const auto [operand, result] = draw.one_of(kTypes);
  const std::array layouts{Layout::Row, Layout::Column};
  const std::array longest{int64_t{20}, int64_t{70}, int64_t{300}};
  const int64_t side = draw.one_of(longest);
  Case c{.problem = {.m = draw.between(1, side),
                     .k = draw.between(1, side),
                     .n = draw.between(1, side),
                     .a = operand,
                     .b = operand,
                     .c = result,
                     .a_layout = draw.one_of(layouts),
                     .b_layout = draw.one_of(layouts)}};
  if (side < 100 && draw.between(0, 2) == 0)
    c.problem.batch = draw.between(2, 5);
  c.problem.epilogue.bias = draw.between(0, 3) == 0;
  c.problem.epilogue.relu = draw.between(0, 3) == 0;
  if (result == Type::I8 || result == Type::I16)
    c.problem.epilogue.shift = static_cast<int>(draw.between(0, 8));
  if (result == Type::Bf16 && draw.between(0, 1) == 0)
    c.problem.epilogue.rounding = arch::Rounding::Floor;
  if (result != Type::I32 && c.problem.epilogue.shift == 0 && draw.between(0, 3) == 0)
    c.problem.epilogue.scale = draw.one_of(std::array{0.0078125F, -0.3F, 1.7F});
  if (draw.between(0, 1) == 1)
    c.device = &arch::kNpu4;
  c.columns = static_cast<int>(draw.between(1, c.device->max_partition));
  if (draw.between(0, 2) == 0)
    c.options.herd =
        Herd{static_cast<int>(draw.between(1, c.columns)), static_cast<int>(draw.between(1, 4))};
  if (draw.between(0, 4) == 0)
    c.options.l2_locks = compiler::matmul::L2Locks::PerWriter;
  const auto depth = [&] { return static_cast<int>(draw.between(1, 2)); };
  if (draw.between(0, 2) == 0)
    c.options.depths = {depth(), depth(), depth(), depth()};
  return c;
}

/// A case compiled, with its operands and a guard behind whatever the design writes.
class Trial {
 public:
  explicit Trial(const Case& c)
      : case_(c),
        timing_(config::builtin_device(c.device->name).timing),
        partition_(arch::partition_of(*c.device, c.columns)),
        lowered_(compiler::lower(design_of(c))) {
    const Problem& p = c.problem;
    a_ = cli::make_matrix(p.a, static_cast<uint64_t>(p.batch * p.m * p.k), 1, 0, c.inputs);
    b_ = cli::make_matrix(p.b, static_cast<uint64_t>(p.batch * p.k * p.n), 1, 1, c.inputs);
    if (p.epilogue.bias)
      bias_ = cli::make_matrix(p.b, static_cast<uint64_t>(p.n), 1, 2, c.inputs);
    result_.assign(static_cast<size_t>(p.batch * p.m * p.n) * arch::bytes_of(p.c), std::byte{0xA5});
  }

  compiler::Design design_of(const Case& c) const {
    compiler::Design design = compiler::build(c.problem, partition_, timing_, c.options);
    cli::decide_kernels(design, {});
    return design;
  }

  sim::End run() {
    const auto& arguments = lowered_.design.arguments;
    std::vector<std::byte> a = compiler::stage(arguments[0], a_);
    std::vector<std::byte> b = compiler::stage(arguments[1], b_, bias_);
    c_.assign(2 * kGuard + arguments[2].bytes(), kGuardByte);
    diagnosis::Image image(partition_, timing_);
    image.configure(lowered_.configuration);
    image.sequence(lowered_.sequence);
    diagnosis::Freshness freshness(image);
    sim::Simulation simulation(partition_, timing_, {});
    simulation.hub().attach(freshness);
    simulation.configure(lowered_.configuration);
    const sim::HostBuffer buffers[] = {
        {a.data(), a.size()}, {b.data(), b.size()}, {c_.data() + kGuard, arguments[2].bytes()}};
    const sim::End end = simulation.run(lowered_.sequence, buffers).end;
    compiler::unstage(arguments[2], std::span(c_).subspan(kGuard, arguments[2].bytes()), result_);
    stale = freshness.stale().size();
    return end;
  }

  cli::Comparison compare() const { return cli::compare(case_.problem, a_, b_, result_, bias_); }
  bool guards_stand() const {
    const auto untouched = [](std::byte byte) { return byte == kGuardByte; };
    const std::span all(c_);
    return std::ranges::all_of(all.first(kGuard), untouched) &&
           std::ranges::all_of(all.last(kGuard), untouched);
  }

  size_t stale = 0;  ///< descriptors that sent what nothing had written

 private:
  Case case_;
  arch::Timing timing_;
  arch::Partition partition_;
  compiler::Lowered lowered_;
  std::vector<std::byte> a_;
  std::vector<std::byte> b_;
  std::vector<std::byte> bias_;
  std::vector<std::byte> c_;
  std::vector<std::byte> result_;
};

void expect_exact(const Case& c) {
  SCOPED_TRACE(c.text());
  Trial trial(c);
  ASSERT_EQ(trial.run(), sim::End::Finished);
  const cli::Comparison comparison = trial.compare();
  EXPECT_EQ(comparison.mismatches, 0u)
      << "first at (" << comparison.row << "," << comparison.column << "): " << comparison.got
      << ", want " << comparison.expected;
  EXPECT_TRUE(trial.guards_stand());
  EXPECT_EQ(trial.stale, 0u);
}

TEST(AnyShape, HasTheBitsOfTheReferenceAndWritesNothingElse) {
  const ShapeSeeds seeds = shape_seeds();
  for (uint32_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    ASSERT_NO_THROW(expect_exact(random_case(seed))) << random_case(seed).text();
    if (testing::Test::HasFailure())
      break;
  }
}

TEST(AnyIntegers, HaveTheBitsOfTheReferenceWhereNoKernelIsBuiltIn) {
  constexpr std::array kTypes{Type::I8, Type::I16, Type::I32};
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    Case c = random_case(seed);
    Draw draw(seed);
    Problem& p = c.problem;
    p.a = draw.one_of(kTypes);
    p.b = draw.one_of(std::array{Type::I8, Type::I16, Type::I32});
    p.c = draw.one_of(kTypes);
    p.m = draw.between(1, 40);
    p.n = draw.between(1, 40);
    p.k = draw.between(1, 40);
    p.epilogue = {.bias = draw.between(0, 1) == 0};
    SCOPED_TRACE(fmt::format("seed {}", seed));
    ASSERT_NO_THROW(expect_exact(c)) << c.text();
  }
}

}  // namespace
}  // namespace npu
