// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "compiler/design/design.h"
#include "compiler/lower/lower.h"
#include "hw-model/arch/timing.h"
#include "hw-model/sim/sim.h"

// Classes of hangs and silent corruptions, each as a small design that shows it and a twin in which
// it is repaired.
namespace npu::zoo {

using compiler::Design;
using compiler::Lowered;
using Words = std::vector<uint32_t>;

/// A design on the model, with all observers that look for mistakes.
struct Specimen {
  Design design;
  std::vector<Words> arguments = {};               ///< what the host's buffers hold at first
  std::optional<std::pair<int, Words>> want = {};  ///< an argument, and what it should hold then
  /// What another tool chain does with the registers or the host sequence that we would not.
  std::function<void(Lowered&)> tamper = {};
  /// The same array ran this sequence before, and was not configured again.
  std::optional<Design> before = {};
  bool reset = false;  ///< it was reset after that, and configured
  arch::Timing timing = {};
  arch::Cycle limit = arch::kNever;
  std::optional<uint64_t> schedule_seed = {};
  sim::Fidelity fidelity = sim::Fidelity::Flow;
};

enum class Verdict : uint8_t {
  Passes,    ///< finishes, right, nothing found, nothing left over
  Refused,   ///< does not compile
  Hangs,     ///< the model's word for it, without a limit of time
  Wrong,     ///< finishes with other data
  Suspect,   ///< finishes with the right data, by luck: something was found
  TimesOut,  ///< a watchdog came first
};
void PrintTo(Verdict verdict, std::ostream* os);

struct Report {
  Verdict verdict = Verdict::Passes;
  std::string cause;                  ///< in one sentence
  std::vector<std::string> findings;  ///< all of them, the first is the cause
  std::string text;                   ///< the whole diagnosis, of a run that does not finish
  std::string from_trace;             ///< the same from the trace of that run alone
  std::vector<Words> arguments;       ///< what the host's buffers hold in the end
};

/// Lowers and runs a specimen and says what became of it. Errors of lowering are a verdict.
Report examine(const Specimen& specimen);

/// Expects a verdict and its cause, word for word, in both fidelities, and that the trace of a run
/// that does not finish is explained as the run itself; where they differ, all that was found is
/// shown.
void expect(const Specimen& specimen, Verdict verdict, const std::string& cause);
/// Expects that it finishes with the right data, with no finding, and leaves nothing over, in
/// whatever order the events of a cycle come.
void expect_healthy(const Specimen& specimen);

}  // namespace npu::zoo
