// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every schedule on random tilings: what the model counts on each hop is what the schedule's
// formula says, and the result has the bits of the reference.
#include <array>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "cli/inputs.h"
#include "cli/reference.h"
#include "compiler/compile.h"
#include "compiler/lower/lower.h"
#include "hw-model/arch/error.h"
#include "hw-model/config.h"
#include "hw-model/observe/counters.h"
#include "hw-model/sim/sim.h"

namespace npu {
namespace {

using arch::Layout;
using arch::Type;
using compiler::matmul::Herd;
using compiler::matmul::Problem;
using compiler::matmul::Tiles;

struct Case {
  Problem problem;
  Tiles tiles;
};

/// Bytes of each hop.
struct Bytes {
  int64_t l3_l2 = 0;
  int64_t l2_l1 = 0;
  int64_t l2_l1_received = 0;
  int64_t l1_l2 = 0;
  int64_t l2_l3 = 0;
  bool operator==(const Bytes&) const = default;
};
void PrintTo(const Bytes& bytes, std::ostream* out) {
  *out << bytes.l3_l2 << " " << bytes.l2_l1 << " (" << bytes.l2_l1_received << ") " << bytes.l1_l2
       << " " << bytes.l2_l3;
}

/// The formulas as they are written: a, b and c are the bytes of the matrices, T the L2 tile, t
/// the core tile, K the slices of L2 and k those of L1.
Bytes formula(std::string_view schedule, const Case& at) {
  const Problem& p = at.problem;
  const int64_t a = p.m * p.k * arch::bytes_of(p.a);
  const int64_t b = p.k * p.n * arch::bytes_of(p.b);
  const int64_t c = p.m * p.n * arch::bytes_of(p.c);
  const int64_t shared = a * (p.n / at.tiles.l2.n) + b * (p.m / at.tiles.l2.m);
  const int64_t each = a * (p.n / at.tiles.core.n) + b * (p.m / at.tiles.core.m);
  const int64_t inner = at.tiles.l2.k / at.tiles.core.k;
  const int64_t steps = p.k / at.tiles.core.k;
  const int64_t slices = p.k / at.tiles.l2.k;
  if (schedule == "S1")
    return {shared, each, each, c, c};
  if (schedule == "S2")
    return {shared * inner, each, each, c, c};
  if (schedule == "S3")
    return {each * inner + c, each + c * steps, each + c * steps, c * steps, c};
  if (schedule == "S4")
    return {shared + c, shared + c * steps, each + c * steps, c * steps, c};
  if (schedule == "S5")
    return {shared + c, shared + c * slices, each + c * slices, c * slices, c};
  if (schedule == "S6")
    return {shared + c, shared + c, each + c, c, c};
  return {shared, shared, each, c, c};  // S0 and S7
}

class Draw {
 public:
  explicit Draw(uint32_t seed) : random_(seed) {}
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }

 private:
  std::mt19937 random_;
};

/// A problem that its tiles divide, on up to two columns of two cores.
Case draw_case(uint32_t seed) {
  constexpr std::array kTypes{std::pair{Type::Bf16, Type::F32}, std::pair{Type::I8, Type::I32},
                              std::pair{Type::I32, Type::I32}, std::pair{Type::F32, Type::F32}};
  Draw draw(seed);
  const auto [operand, result] = kTypes[static_cast<size_t>(draw.between(0, 3))];
  const arch::MatmulBlock block = arch::matmul_block(operand);
  Tiles t{.pack = {block.m, block.n, block.k}};
  t.core = {block.m * draw.between(1, 3), block.n * draw.between(1, 3),
            block.k * draw.between(1, 2)};
  t.l2 = {t.core.m * draw.between(1, 2), t.core.n * draw.between(1, 2),
          t.core.k * draw.between(1, 4)};
  const auto layout = [&] { return draw.between(0, 1) == 0 ? Layout::Row : Layout::Column; };
  return {.problem = {.m = t.l2.m * draw.between(1, 3),
                      .k = t.l2.k * draw.between(1, 2),
                      .n = t.l2.n * draw.between(1, 3),
                      .a = operand,
                      .b = operand,
                      .c = result,
                      .a_layout = layout(),
                      .b_layout = layout()},
          .tiles = t};
}

struct Outcome {
  sim::End end;
  uint64_t mismatches;
  Bytes bytes;
};

Outcome run(std::string_view schedule, const Case& c) {
  const config::DeviceConfig device = config::builtin_device("npu1");
  const arch::Partition partition = arch::partition_of(*device.device, 4);
  const compiler::Lowered lowered = compiler::lower(compiler::build(
      c.problem, partition, device.timing, {.tiles = c.tiles, .schedule = std::string(schedule)}));
  const Problem& p = c.problem;
  auto a = cli::make_matrix(p.a, static_cast<uint64_t>(p.m * p.k), 1, 0, cli::Inputs::Uniform);
  auto b = cli::make_matrix(p.b, static_cast<uint64_t>(p.k * p.n), 1, 1, cli::Inputs::Uniform);
  const std::byte before = lowered.design.arguments[2].zeroed ? std::byte{0} : std::byte{0xA5};
  std::vector<std::byte> result(static_cast<size_t>(p.m * p.n) * arch::bytes_of(p.c), before);
  observe::Counters counters;
  sim::Simulation simulation(partition, device.timing, {});
  simulation.hub().attach(counters);
  simulation.configure(lowered.configuration);
  const sim::HostBuffer buffers[] = {
      {a.data(), a.size()}, {b.data(), b.size()}, {result.data(), result.size()}};
  const sim::End end = simulation.run(lowered.sequence, buffers).end;
  const auto bytes = [](uint64_t count) { return static_cast<int64_t>(count); };
  return {end,
          cli::compare(p, a, b, result).mismatches,
          {bytes(counters.bytes_l3_l2()), bytes(counters.bytes_l2_l1_sent()),
           bytes(counters.bytes_l2_l1_received()), bytes(counters.bytes_l1_l2()),
           bytes(counters.bytes_l2_l3())}};
}

class EverySchedule : public testing::TestWithParam<const char*> {};

TEST_P(EverySchedule, MovesTheBytesOfItsFormulaAndKeepsTheBits) {
  constexpr uint32_t kCases = 40;
  uint32_t ran = 0;
  for (uint32_t seed = 1; seed <= kCases; ++seed) {
    const Case c = draw_case(seed);
    SCOPED_TRACE(fmt::format("{}, seed {}, herd {}, core {}x{}x{}, slice {}", to_string(c.problem),
                             seed, to_string(c.tiles.herd()), c.tiles.core.m, c.tiles.core.n,
                             c.tiles.core.k, c.tiles.l2.k));
    std::optional<Outcome> outcome;
    try {
      outcome = run(GetParam(), c);
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("needs"), std::string::npos) << error.what();
      continue;
    }
    ++ran;
    EXPECT_EQ(outcome->end, sim::End::Finished);
    EXPECT_EQ(outcome->mismatches, 0u);
    EXPECT_EQ(outcome->bytes, formula(GetParam(), c));
  }
  EXPECT_GE(ran, kCases * 3 / 4);
}

INSTANTIATE_TEST_SUITE_P(Names, EverySchedule,
                         testing::Values("S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7"),
                         [](const auto& schedule) { return std::string(schedule.param); });

}  // namespace
}  // namespace npu
