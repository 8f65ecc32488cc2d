// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/operands.h"

#include <algorithm>

#include "cli/inputs.h"

namespace npu::cli {
namespace {

uint64_t elements(int64_t rows, int64_t columns) {
  return static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns);
}

std::byte* data(std::vector<std::byte>& bytes) {
  return bytes.empty() ? nullptr : bytes.data();
}

}  // namespace

Operands::Operands(const Settings& settings) {
  const auto& p = settings.problem;
  bytes_ = {elements(p.m, p.k) * arch::bytes_of(p.a), elements(p.k, p.n) * arch::bytes_of(p.b),
            elements(p.m, p.n) * arch::bytes_of(p.c)};
  if (settings.sim.timing_only)
    return;
  a = make_matrix(p.a, elements(p.m, p.k), settings.sim.seed, 0, settings.host.inputs);
  b = make_matrix(p.b, elements(p.k, p.n), settings.sim.seed, 1, settings.host.inputs);
  c.resize(bytes_[2]);
}

std::array<sim::HostBuffer, 3> Operands::arguments() {
  return {{{data(a), bytes_[0]}, {data(b), bytes_[1]}, {data(c), bytes_[2]}}};
}

void Operands::spoil_result() {
  std::fill(c.begin(), c.end(), std::byte{0xA5});
}

sim::RunResult launch(sim::Simulation& simulation, const Settings& settings,
                      const compiler::Lowered& lowered, std::span<const sim::HostBuffer> arguments,
                      const std::function<void()>& prepare) {
  sim::RunResult all;
  for (int i = 0; i < settings.host.launches && all.end == sim::End::Finished; ++i) {
    prepare();
    const sim::RunResult one = simulation.run(lowered.sequence, arguments);
    all.end = one.end;
    all.cycles += one.cycles;
    all.events += one.events;
  }
  return all;
}

sim::RunResult launch(sim::Simulation& simulation, const Settings& settings,
                      const compiler::Lowered& lowered, Operands& operands) {
  const auto arguments = operands.arguments();
  return launch(simulation, settings, lowered, arguments, [&] { operands.spoil_result(); });
}

sim::Options sim_options(const Settings& settings) {
  sim::Options options;
  options.fidelity = settings.sim.fidelity;
  options.timing_only = settings.sim.timing_only;
  options.limit_cycles = settings.sim.limit_cycles.value_or(arch::kNever);
  options.schedule_seed = settings.sim.schedule_seed;
  return options;
}

}  // namespace npu::cli
