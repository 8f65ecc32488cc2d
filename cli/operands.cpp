// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/operands.h"

#include <algorithm>

#include "cli/inputs.h"
#include "cli/micro_kernels.h"
#include "compiler/design/staging.h"

namespace npu::cli {
namespace {

uint64_t elements(int64_t rows, int64_t columns) {
  return static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns);
}

}  // namespace

Operands::Operands(const Settings& settings, std::span<const compiler::Argument> design)
    : design_(design.begin(), design.end()) {
  const auto& p = settings.problem;
  if (settings.sim.timing_only())
    return;
  a = make_matrix(p.a, elements(p.batch * p.m, p.k), settings.sim.seed, 0, settings.host.inputs);
  b = make_matrix(p.b, elements(p.batch * p.k, p.n), settings.sim.seed, 1, settings.host.inputs);
  c.resize(elements(p.batch * p.m, p.n) * arch::bytes_of(p.c));
  if (p.epilogue.bias)
    bias = make_matrix(p.b, elements(1, p.n), settings.sim.seed, 2, settings.host.inputs);
  const std::array users{&a, &b, &c};
  for (size_t i = 0; i < users.size(); ++i)
    if (design_[i].staging)
      staged_[i] =
          compiler::stage(design_[i], *users[i],
                          compiler::extra_bytes(design_[i]) > 0 ? std::span<const std::byte>(bias)
                                                                : std::span<const std::byte>());
}

std::array<sim::HostBuffer, 3> Operands::arguments() {
  const std::array users{&a, &b, &c};
  std::array<sim::HostBuffer, 3> buffers;
  for (size_t i = 0; i < users.size(); ++i) {
    std::vector<std::byte>& bytes = design_[i].staging ? staged_[i] : *users[i];
    buffers[i] = {bytes.empty() ? nullptr : bytes.data(), design_[i].bytes()};
  }
  return buffers;
}

void Operands::spoil_result() {
  const std::byte spoiled = design_[2].zeroed ? std::byte{0} : std::byte{0xA5};
  std::ranges::fill(c, spoiled);
  std::ranges::fill(staged_[2], spoiled);
}

void Operands::collect_result() {
  if (!staged_[2].empty())
    compiler::unstage(design_[2], staged_[2], c);
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

sim::Options sim_options(const Settings& settings, std::span<const arch::Command> configuration) {
  sim::Options options;
  options.fidelity = settings.sim.fidelity;
  options.timing_only = settings.sim.timing_only();
  if (settings.sim.sampled())
    options.sample = settings.sim.seed;
  options.limit_cycles = settings.sim.limit_cycles.value_or(arch::kNever);
  options.schedule_seed = settings.sim.schedule_seed;
  options.user_kernels = external_kernels(settings.kernels, configuration);
  return options;
}

}  // namespace npu::cli
