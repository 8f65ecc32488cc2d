// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <nlohmann/json.hpp>

#include "cli/contexts_run.h"
#include "cli/explain_json.h"
#include "cli/version.h"

namespace npu::cli {
namespace {

using nlohmann::ordered_json;

std::string columns_text(const arch::Partition& partition) {
  const int last = partition.first_column + partition.columns - 1;
  return partition.columns == 1 ? fmt::format("column {}", last)
                                : fmt::format("columns {}-{}", partition.first_column, last);
}

std::string_view verdict_text(const KernelOutcome& kernel) {
  return kernel.started ? to_string(kernel.verdict) : "not started";
}

double percent(arch::Cycle part, arch::Cycle whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

/// A line for each dispatch: when it ran, and what came before it.
std::string dispatch_text(const Contexts& all, const DispatchOutcome& d) {
  const KernelContext& context = all.contexts[d.context];
  const std::string head =
      fmt::format("  {:<10} {:<12}", context.runs[d.run].name, columns_text(context.partition));
  if (!d.result.started)
    return head + "not started\n";
  return head + fmt::format(
                    "cycles {} to {}: {}{}\n", d.result.start, d.result.start + d.result.cycles,
                    d.result.cycles,
                    d.load == 0 ? "" : fmt::format(", after {} to load its configuration", d.load));
}

std::string kernel_text(const Contexts& all, const ContextsOutcome& outcome, size_t c, size_t r) {
  const ContextRun& run = all.contexts[c].runs[r];
  const KernelOutcome& kernel = outcome.kernels[c][r];
  std::string text = fmt::format("{}: {}: {}\n", run.name, run.work->title, verdict_text(kernel));
  const Outcome one{.settings = run.work->settings,
                    .lowered = run.work->lowered,
                    .counters = kernel.counters,
                    .verdict = kernel.verdict,
                    .cycles = kernel.span,
                    .title = run.work->title,
                    .macs = run.work->macs() * run.times,
                    .comparison = kernel.comparison,
                    .explanation = kernel.explanation};
  if (kernel.started)
    text += kernel_lines(one);
  return text + explanation_text(kernel.explanation);
}

}  // namespace

std::string report_text(const Contexts& all, const ContextsOutcome& outcome) {
  const double clock = all.settings.device.timing.clock_mhz.value;
  std::string text = fmt::format("verdict:  {}\n", to_string(outcome.verdict));
  text += fmt::format("cycles:   {} ({:.1f} us at {} MHz)\n", outcome.cycles,
                      static_cast<double>(outcome.cycles) / clock, config::number_text(clock));
  if (all.contexts.size() > 1)
    text += fmt::format("overlap:  several contexts at work for {} cycles ({:.1f} %)\n",
                        outcome.overlap, percent(outcome.overlap, outcome.cycles));
  text += "dispatches:\n";
  for (const DispatchOutcome& dispatch : outcome.dispatches)
    text += dispatch_text(all, dispatch);
  for (size_t c = 0; c < all.contexts.size(); ++c)
    for (size_t r = 0; r < all.contexts[c].runs.size(); ++r)
      text += kernel_text(all, outcome, c, r);
  return text;
}

std::string report_json(const Contexts& all, const ContextsOutcome& outcome) {
  ordered_json json{{"tool", fmt::format("airlock {}", kVersion)},
                    {"verdict", to_string(outcome.verdict)},
                    {"device", all.settings.device.device->name},
                    {"cycles", outcome.cycles},
                    {"overlap_cycles", outcome.overlap}};
  for (const DispatchOutcome& d : outcome.dispatches) {
    const KernelContext& context = all.contexts[d.context];
    json["dispatches"].push_back({{"kernel", context.runs[d.run].name},
                                  {"context", context.name},
                                  {"first_column", context.partition.first_column},
                                  {"columns", context.partition.columns},
                                  {"started", d.result.started},
                                  {"start", d.result.start},
                                  {"cycles", d.result.cycles},
                                  {"load_cycles", d.load},
                                  {"events", d.result.events}});
  }
  for (size_t c = 0; c < all.contexts.size(); ++c)
    for (size_t r = 0; r < all.contexts[c].runs.size(); ++r) {
      const ContextRun& run = all.contexts[c].runs[r];
      const KernelOutcome& kernel = outcome.kernels[c][r];
      json["kernels"].push_back(
          {{"kernel", run.name},
           {"problem", run.work->title},
           {"verdict", verdict_text(kernel)},
           {"cycles", kernel.cycles},
           {"checked", kernel.comparison.has_value()},
           {"mismatches",
            kernel.comparison ? ordered_json(kernel.comparison->mismatches) : nullptr},
           {"ddr_bytes",
            {{"read", kernel.counters.ddr_bytes_read()},
             {"written", kernel.counters.ddr_bytes_written()}}},
           {"diagnosis", to_json(kernel.explanation)}});
    }
  return json.dump(2) + "\n";
}

}  // namespace npu::cli
