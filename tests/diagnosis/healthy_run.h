// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "cli/design_source.h"
#include "cli/settings.h"
#include "compiler/compile.h"
#include "compiler/lower/lower.h"
#include "hw-model/sim/sim.h"
#include "tests/source_directory.h"

namespace npu {

/// A matmul, lowered, as a user would ask for it on the command line.
inline cli::Settings settings_of(const std::vector<std::string>& keys) {
  cli::Source source{std::string(kSourceDirectory) + "/configs/problems/matmul_512.yaml", {}};
  for (const std::string& key : keys)
    source.overrides.push_back(cli::parse_override(key));
  return cli::load(source);
}

inline cli::DesignFacts lowered_facts(const cli::Settings& settings) {
  const compiler::Lowered lowered = compiler::lower(compiler::build(
      settings.problem, settings.partition(), settings.device.timing, settings.compiler));
  return {settings.partition(), settings.device.timing, lowered.configuration, lowered.sequence,
          lowered.names};
}

/// Runs the design without values, `attach` first gets the hub.
template <typename Attach>
sim::RunResult run_timing(const cli::DesignFacts& facts, const cli::Settings& settings,
                          Attach attach, int launches = 1) {
  sim::Options options;
  options.timing_only = true;
  options.limit_cycles = settings.sim.limit_cycles.value_or(arch::kNever);
  sim::Simulation simulation(facts.partition, facts.timing, options);
  attach(simulation.hub());
  simulation.configure(facts.configuration);
  const auto& p = settings.problem;
  const std::vector<sim::HostBuffer> arguments{
      {nullptr, static_cast<uint64_t>(p.m * p.k) * arch::bytes_of(p.a)},
      {nullptr, static_cast<uint64_t>(p.k * p.n) * arch::bytes_of(p.b)},
      {nullptr, static_cast<uint64_t>(p.m * p.n) * arch::bytes_of(p.c)}};
  sim::RunResult result;
  for (int i = 0; i < launches && result.end == sim::End::Finished; ++i)
    result = simulation.run(facts.sequence, arguments);
  return result;
}

/// 512x512x640 as it was compiled before the L2 split was repaired: it hangs.
inline const std::vector<std::string> kHung{
    "problem.n=640", "compiler.strategy=pad-pack-2024-04-24", "compiler.split-l2=legacy"};

}  // namespace npu
