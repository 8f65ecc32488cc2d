// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/commands.h"
#include "cli/explain.h"
#include "cli/reference.h"
#include "compiler/lower/lower.h"
#include "hw-model/observe/counters.h"
#include "hw-model/sim/sim.h"

namespace npu::cli {

enum class Verdict : uint8_t { Pass, Wrong, Hang, Limit, Interrupted, OrderDependent };
std::string_view to_string(Verdict verdict);
Status status_of(Verdict verdict);
/// How a run came out by its end, its result and what was found besides.
Verdict verdict_of(sim::End end, const std::optional<Comparison>& comparison,
                   const Explanation& explanation);
/// Of two kernels that ran together: a hang outranks a wrong result.
Verdict worse(Verdict a, Verdict b);

/// Everything that is told about a run.
struct Outcome {
  const Settings& settings;
  const compiler::Lowered& lowered;
  const observe::Counters& counters;
  Verdict verdict = Verdict::Pass;
  arch::Cycle cycles = 0;
  uint64_t events = 0;
  const std::string& title;  ///< what was computed
  double macs = 0;           ///< of all launches
  std::optional<Comparison>
      comparison;  ///< missing: no values were computed, or the run did not finish
  double compile_ms = 0;
  double wall_ms = 0;  ///< configuration and simulation
  double check_ms = 0;
  const Explanation& explanation;
};

/// For people: verdict, cycles, where they went, bytes, the check. Why comes in
/// `explanation_text`.
std::string report_text(const Outcome& outcome);
/// The lines of it that are of one kernel, when several ran.
std::string kernel_lines(const Outcome& outcome);
/// For programs, with the keys that `airlock run --json` promises.
std::string report_json(const Outcome& outcome);

}  // namespace npu::cli
