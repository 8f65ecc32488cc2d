// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How many simple instructions of a core body are executed per second: by the machine alone, and by
// a core of a simulated array.
#include <array>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "hw-model/arch/register.h"
#include "hw-model/logic/machine.h"
#include "hw-model/sim/sim.h"

namespace npu {
namespace {

constexpr arch::Coord kTile{0, 2};

/// The inner loop of a scalar matmul: two loads, multiply-add, two address steps, the loop.
std::string dot_product(int64_t turns, std::string_view type, std::string_view multiply,
                        std::string_view add) {
  return fmt::format(R"(
      const r1, 458752
      const r2, 462848
      const r3, 0
      const r4, {0}
      const r5, 458752
    again:
      load.{1} r6, r1, 0
      load.{1} r7, r2, 0
      {2}.{1} r8, r6, r7
      {3}.{1} r3, r3, r8
      add_imm r1, r1, 0
      add_imm r2, r2, 0
      loop r4, again
      store.{1} r3, r5, 0
      done
)",
                     turns, type, multiply, add);
}

void machine(benchmark::State& state, const std::string& text) {
  const logic::Machine machine(arch::parse_program(text));
  std::vector<std::byte> data(0x10000);
  const logic::CoreMemory memory{nullptr, nullptr, nullptr, data.data()};
  uint64_t executed = 0;
  for (auto _ : state) {
    size_t pc = 0;
    logic::Machine::Registers registers{};
    executed += machine.run(pc, registers, memory, ~uint64_t{0});
    benchmark::DoNotOptimize(registers);
  }
  state.counters["ops"] =
      benchmark::Counter(static_cast<double>(executed), benchmark::Counter::kIsRate);
}

void core(benchmark::State& state, const std::string& text) {
  const auto offset = [](arch::RegisterId id) {
    return arch::address_of(kTile, arch::register_offset(arch::TileKind::Core, id));
  };
  const arch::Partition partition = arch::partition_of(arch::device_named("npu1"), 1);
  const arch::Commands configuration{arch::BlockWrite{offset(arch::RegisterId::ProgramMemory),
                                                      arch::encode(arch::parse_program(text))},
                                     arch::Write{offset(arch::RegisterId::CoreControl), 1}};
  constexpr uint32_t kDone = 1u << 20;
  const arch::Commands sequence{arch::MaskPoll{offset(arch::RegisterId::CoreStatus), kDone, kDone}};
  uint64_t cycles = 0;
  for (auto _ : state) {
    sim::Simulation simulation(partition, {}, {});
    simulation.configure(configuration);
    cycles += simulation.run(sequence, {}).cycles;
  }
  state.counters["ops"] =
      benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
}

constexpr int64_t kTurns = 1'000'000;

void add_all() {
  const std::string integers = dot_product(kTurns, "i32", "mul", "add");
  const std::string floats = dot_product(kTurns, "bf16", "fmul", "fadd");
  benchmark::RegisterBenchmark("machine/i32", machine, integers);
  benchmark::RegisterBenchmark("machine/bf16", machine, floats);
  benchmark::RegisterBenchmark("core/i32", core, integers);
  benchmark::RegisterBenchmark("core/bf16", core, floats);
}

}  // namespace
}  // namespace npu

int main(int argc, char** argv) {
  npu::add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
