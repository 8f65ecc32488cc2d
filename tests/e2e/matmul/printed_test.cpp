// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matmuls printed as MLIR and read back: nothing tells them from the designs themselves.
#include <array>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "cli/inputs.h"
#include "cli/kernel_names.h"
#include "compiler/compile.h"
#include "compiler/design/mlir_printer.h"
#include "compiler/import/import.h"
#include "compiler/lower/lower.h"
#include "compiler/mlir/reader.h"
#include "hw-model/arch/error.h"
#include "hw-model/config.h"
#include "hw-model/sim/sim.h"

namespace npu {
namespace {

using arch::Type;
using compiler::Design;
using compiler::matmul::Herd;
using compiler::matmul::Problem;

struct Case {
  const arch::Device* device = &arch::kNpu1;
  Problem problem = {};
  compiler::matmul::Options options = {};

  std::string text() const {
    return fmt::format("{} on {}, schedule {}, herd {}", to_string(problem), device->name,
                       options.schedule, options.herd ? to_string(*options.herd) : "free");
  }
};

Case draw_case(uint32_t seed) {
  constexpr std::array kTypes{std::pair{Type::Bf16, Type::F32}, std::pair{Type::Bf16, Type::Bf16},
                              std::pair{Type::I8, Type::I32}, std::pair{Type::I8, Type::I8},
                              std::pair{Type::F32, Type::F32}};
  constexpr std::array kSchedules{"S0", "S0", "S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7"};
  std::mt19937 random(seed);
  const auto between = [&](uint32_t low, uint32_t high) {
    return low + static_cast<uint32_t>(random()) % (high - low + 1);
  };
  const auto [operand, result] = kTypes[between(0, kTypes.size() - 1)];
  Case c{.problem = {.m = 32 * between(1, 6),
                     .k = 32 * between(1, 20),
                     .n = 32 * between(1, 6),
                     .a = operand,
                     .b = operand,
                     .c = result}};
  if (between(0, 1) == 1)
    c.device = &arch::kNpu4;
  if (between(0, 2) == 0)
    c.problem.batch = between(2, 3);
  c.problem.epilogue.relu = between(0, 3) == 0;
  c.options.schedule = kSchedules[between(0, kSchedules.size() - 1)];
  c.options.herd = Herd{static_cast<int>(between(1, 2)), static_cast<int>(between(1, 2))};
  return c;
}

Design read_back(const Design& design) {
  const compiler::KernelNames kernels = cli::kernel_names({});
  return compiler::import_module(
      compiler::mlir::read(compiler::print_mlir(design), "printed.mlir"),
      {.file = "printed.mlir",
       .kernel = [&](std::string_view name, std::span<const compiler::CallArgument> arguments) {
         return kernels.find(name, arguments);
       }});
}

/// What a run leaves: its end and cycles, the host's buffers, the memories and locks of all tiles.
struct Outcome {
  sim::End end = sim::End::Hang;
  arch::Cycle cycles = 0;
  std::vector<std::vector<std::byte>> host = {};
  std::vector<uint32_t> tiles = {};
  bool operator==(const Outcome&) const = default;
};

Outcome run(const compiler::Lowered& lowered) {
  const Design& design = lowered.design;
  const arch::Timing timing = config::builtin_device(design.partition.device->name).timing;
  Outcome outcome;
  for (const compiler::Argument& argument : design.arguments)
    outcome.host.push_back(cli::make_matrix(argument.type, argument.elements, 1,
                                            outcome.host.size(), cli::Inputs::Uniform));
  std::vector<sim::HostBuffer> buffers;
  for (auto& data : outcome.host)
    buffers.push_back({data.data(), data.size()});
  sim::Simulation simulation(design.partition, timing, {});
  simulation.configure(lowered.configuration);
  const sim::RunResult result = simulation.run(lowered.sequence, buffers);
  outcome.end = result.end;
  outcome.cycles = result.cycles;
  for (const compiler::Buffer& buffer : design.buffers) {
    const uint32_t memory =
        arch::register_offset(buffer.tile.kind(), arch::RegisterId::DataMemory) + *buffer.address;
    for (uint32_t byte = 0; byte < buffer.bytes(); byte += 4)
      outcome.tiles.push_back(simulation.read(arch::address_of(buffer.tile, memory + byte)));
  }
  for (const compiler::Lock& lock : design.locks)
    outcome.tiles.push_back(simulation.read(arch::address_of(
        lock.tile,
        arch::register_offset(lock.tile.kind(), arch::RegisterId::LockValue, *lock.id))));
  return outcome;
}

TEST(PrintedMatmul, ReadBackTakesTheSameCyclesAndLeavesTheSameMemory) {
  constexpr uint32_t kCases = 60;
  uint32_t ran = 0;
  for (uint32_t seed = 1; seed <= kCases; ++seed) {
    const Case c = draw_case(seed);
    SCOPED_TRACE(fmt::format("{}, seed {}", c.text(), seed));
    const config::DeviceConfig device = config::builtin_device(c.device->name);
    compiler::Lowered lowered;
    try {
      lowered = compiler::lower(
          compiler::build(c.problem, arch::partition_of(*c.device, 4), device.timing, c.options));
    } catch (const Error&) {
      continue;  // the schedule does not fit
    }
    ++ran;
    const Outcome own = run(lowered);
    EXPECT_EQ(own.end, sim::End::Finished);
    const Outcome printed = run(compiler::lower(read_back(lowered.design)));
    EXPECT_EQ(printed.cycles, own.cycles);
    EXPECT_TRUE(printed == own) << "other memory";
  }
  EXPECT_GE(ran, kCases * 2 / 3);
}

}  // namespace
}  // namespace npu
