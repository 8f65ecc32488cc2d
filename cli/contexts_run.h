// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/contexts.h"
#include "cli/recorder.h"
#include "cli/report.h"
#include "hw-model/sim/group.h"

namespace npu::cli {

/// One dispatch, as it came out.
struct DispatchOutcome {
  size_t context = 0;  ///< index into `Contexts::contexts`
  size_t run = 0;      ///< index into its runs
  sim::JobResult result;
  arch::Cycle load = 0;  ///< of the cycles before its start: loading its configuration
};

/// A kernel over all its dispatches.
struct KernelOutcome {
  bool started = false;
  Verdict verdict = Verdict::Pass;
  arch::Cycle cycles = 0;  ///< of its dispatches together
  arch::Cycle span = 0;    ///< from the start of the first to the end of the last
  std::optional<Comparison> comparison;
  Explanation explanation;
  observe::Counters counters;
};

struct ContextsOutcome {
  std::vector<DispatchOutcome> dispatches;
  std::vector<std::vector<KernelOutcome>> kernels;  ///< by context and run
  arch::Cycle cycles = 0;                           ///< from the first start to the last end
  arch::Cycle overlap = 0;                          ///< of them, with several contexts at work
  Verdict verdict = Verdict::Pass;
};

/// Runs the contexts at the same time. The first kernel of a context is loaded before time begins,
/// as for a single run; every further one costs a dispatch, and loading its configuration.
/// `progress` may stop the run.
ContextsOutcome run_contexts(Contexts& all, const RecorderOptions& traces,
                             const std::function<bool(arch::Cycle)>& progress);

/// For people and for programs.
std::string report_text(const Contexts& all, const ContextsOutcome& outcome);
std::string report_json(const Contexts& all, const ContextsOutcome& outcome);

}  // namespace npu::cli
