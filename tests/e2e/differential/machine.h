// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hw-model/sim/sim.h"
#include "tests/e2e/differential/generator.h"

namespace npu::differential {

struct RunOptions {
  sim::Fidelity fidelity = sim::Fidelity::Flow;
  bool timing_only = false;
  std::optional<uint64_t> schedule_seed = {};
  bool observed = false;
};

/// Registers or memory words with their addresses, in the same order for every run of a design.
using Words = std::vector<std::pair<uint32_t, uint32_t>>;

/// What is left of a design after its run, when nothing moves any more.
struct Outcome {
  sim::RunResult result;              ///< of the host sequence
  std::vector<sim::RunResult> after;  ///< until nothing moves, and of what the host tries then
  Words memory;                       ///< of the tiles, by address
  Words locks;                        ///< and their over- and underflow bits
  Words registers;                    ///< status, counts, descriptors, cores
  std::vector<std::vector<uint32_t>> host;
  bool cut_short = false;  ///< some descriptor has part of its words
  // From the events; of observed runs only.
  bool order_dependent = false;
  std::string race;
  uint64_t descriptors = 0;
  uint64_t words = 0;
};

/// Runs a design to its end and on until nothing moves.
Outcome run(const Case& c, const RunOptions& options);

/// The differences between two outcomes that matter, one a line; empty: none.
std::string differences(const Case& c, const Outcome& a, const Outcome& b);
/// The same without memory, for a run that moved no data.
std::string control_differences(const Case& c, const Outcome& a, const Outcome& b);

/// How far apart the cycles of the two fidelities may be: a cycle a descriptor and a few more; with
/// several shim channels, the time that DDR needs for a transfer that came first by a cycle.
int64_t cycles_allowed(const Case& c, const Outcome& outcome);

}  // namespace npu::differential
