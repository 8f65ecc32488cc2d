// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/report.h"

#include <algorithm>
#include <array>
#include <set>

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "cli/explain_json.h"
#include "cli/version.h"

namespace npu::cli {
namespace {

using arch::Coord;
using nlohmann::ordered_json;
using observe::ChannelState;
using observe::CoreState;

struct VerdictRow {
  std::string_view name;
  Status status;
};
/// In order of the enumeration.
constexpr std::array<VerdictRow, 6> kVerdicts{{
    {"pass", kRight},
    {"wrong", kWrong},
    {"hang", kHang},
    {"limit", kLimit},
    {"interrupted", kInterrupted},
    {"order-dependent", kUndecided},
}};

/// The numbers that both forms of the report show.
struct Figures {
  double time_us = 0;
  double macs = 0;
  double macs_per_cycle = 0;
  double peak_macs_per_cycle = 0;
  double utilisation = 0;
  int cores = 0;
  std::array<double, observe::kCoreStates> core_share{};  ///< of all cores' cycles, by state
  observe::Agent busiest;
  double busiest_share = 0;
};

/// MACs a cycle of one core's fastest matmul kernel, as the device file has it.
double peak_of(const compiler::Core& core, const arch::Timing& timing) {
  double peak = 0;
  for (const arch::KernelSpec& kernel : core.program.kernels)
    if (kernel.op == arch::KernelOp::Matmul)
      if (const arch::KernelCost* row = timing.row_of(kernel))
        peak = std::max(peak, row->rate.value);
  return peak;
}

void find_busiest(const Outcome& outcome, Figures& figures) {
  const arch::Partition& partition = outcome.lowered.design.partition;
  for (int col = 0; col < partition.columns; ++col)
    for (int row = 0; row < arch::kRows; ++row)
      for (observe::AgentKind kind : {observe::AgentKind::S2mm, observe::AgentKind::Mm2s})
        for (int index = 0; index < observe::kChannelsPerDirection; ++index) {
          const observe::Agent agent{{static_cast<uint8_t>(col), static_cast<uint8_t>(row)},
                                     kind,
                                     static_cast<uint8_t>(index)};
          const auto& cycles = outcome.counters.channel(agent).cycles;
          const double share =
              static_cast<double>(cycles[static_cast<size_t>(ChannelState::Running)]) /
              static_cast<double>(std::max<arch::Cycle>(outcome.cycles, 1));
          if (share > figures.busiest_share) {
            figures.busiest_share = share;
            figures.busiest = agent;
          }
        }
}

/// Cores of the design, and those that what it loads has enabled.
std::set<arch::Coord> cores_of(const Outcome& outcome) {
  std::set<arch::Coord> cores;
  for (const compiler::Core& core : outcome.lowered.design.cores)
    cores.insert(core.tile);
  const arch::Partition partition = outcome.settings.partition();
  for (uint8_t col = 0; col < partition.columns; ++col)
    for (uint8_t row = arch::kFirstCoreRow; row < arch::kRows; ++row) {
      const auto& cycles = outcome.counters.core({col, row}).cycles;
      const auto enabled = std::next(cycles.begin(), static_cast<size_t>(CoreState::Disabled) + 1);
      if (std::any_of(enabled, cycles.end(), [](arch::Cycle spent) { return spent > 0; }))
        cores.insert({col, row});
    }
  return cores;
}

Figures figures_of(const Outcome& outcome) {
  Figures figures;
  const arch::Timing& timing = outcome.settings.device.timing;
  const double cycles = static_cast<double>(std::max<arch::Cycle>(outcome.cycles, 1));
  figures.time_us = static_cast<double>(outcome.cycles) / timing.clock_mhz.value;
  figures.macs = outcome.macs;
  figures.macs_per_cycle = figures.macs / cycles;
  for (const compiler::Core& core : outcome.lowered.design.cores)
    figures.peak_macs_per_cycle += peak_of(core, timing);
  for (const arch::Coord tile : cores_of(outcome)) {
    ++figures.cores;
    const observe::CoreCount& count = outcome.counters.core(tile);
    for (size_t state = 0; state < count.cycles.size(); ++state)
      figures.core_share[state] += static_cast<double>(count.cycles[state]);
  }
  for (double& share : figures.core_share)
    share /= cycles * std::max(figures.cores, 1);
  if (figures.peak_macs_per_cycle > 0)
    figures.utilisation = figures.macs_per_cycle / figures.peak_macs_per_cycle;
  find_busiest(outcome, figures);
  return figures;
}

bool finished(const Outcome& outcome) {
  return outcome.verdict == Verdict::Pass || outcome.verdict == Verdict::Wrong ||
         outcome.verdict == Verdict::OrderDependent;
}

std::string check_line(const Outcome& outcome) {
  if (outcome.settings.sim.timing_only())
    return "not checked: timing only";
  if (!outcome.comparison)
    return finished(outcome) ? "not checked: nothing to compare with"
                             : "not checked: the run did not finish";
  const Comparison& c = *outcome.comparison;
  const std::string sample =
      c.sampled == 0 ? "" : fmt::format(" (sampled {} of {})", c.sampled, c.elements);
  if (c.mismatches == 0 && c.sampled > 0)
    return fmt::format(
        "sampled {} of {} {}, equal to the reference bit by bit; the others in place", c.sampled,
        c.elements, c.unit);
  if (c.mismatches == 0)
    return fmt::format("{} {}, equal to the reference bit by bit", c.elements, c.unit);
  const std::string place = c.place.empty() ? fmt::format("C[{},{}]", c.row, c.column) : c.place;
  return fmt::format("{} of {} {} differ{}, first {}: {} instead of {}", c.mismatches, c.elements,
                     c.unit, sample, place, c.got, c.expected);
}

std::string shares(const Figures& figures) {
  std::string text;
  for (size_t state = 0; state < figures.core_share.size(); ++state)
    if (figures.core_share[state] >= 0.0005)
      text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : ", ",
                          observe::to_string(static_cast<CoreState>(state)),
                          100 * figures.core_share[state]);
  return text;
}

std::string faults_text(const Outcome& outcome) {
  std::string text;
  for (const observe::FaultCount& count : outcome.counters.faults())
    text += fmt::format("  cycle {}: {}: {} ({}){}\n", count.first,
                        observe::to_string(count.fault.agent), observe::to_string(count.fault.kind),
                        count.fault.value,
                        count.times > 1 ? fmt::format(", {} times", count.times) : "");
  return text.empty() ? text : "faults:\n" + text;
}

std::string line_of(std::string_view key, const std::string& value) {
  return fmt::format("{:<9} {}\n", fmt::format("{}:", key), value);
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)].name;
}
Status status_of(Verdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)].status;
}

Verdict verdict_of(sim::End end, const std::optional<Comparison>& comparison,
                   const Explanation& explanation) {
  switch (end) {
    case sim::End::Finished:
      // Without values, bytes that nobody wrote are all there is to tell a wrong result by.
      if (comparison ? comparison->mismatches > 0 : !explanation.stale.empty())
        return Verdict::Wrong;
      return explanation.order.empty() ? Verdict::Pass : Verdict::OrderDependent;
    case sim::End::Hang:
      return Verdict::Hang;
    case sim::End::Limit:
      return Verdict::Limit;
    case sim::End::Interrupted:
      return Verdict::Interrupted;
  }
  return Verdict::Hang;
}

Verdict worse(Verdict a, Verdict b) {
  constexpr std::array kBySeverity{Verdict::Pass,  Verdict::OrderDependent, Verdict::Wrong,
                                   Verdict::Limit, Verdict::Hang,           Verdict::Interrupted};
  const auto rank = [&](Verdict v) { return std::ranges::find(kBySeverity, v); };
  return rank(a) < rank(b) ? b : a;
}

std::string report_text(const Outcome& outcome) {
  const double clock = outcome.settings.device.timing.clock_mhz.value;
  return line_of("verdict", std::string(to_string(outcome.verdict))) +
         line_of("cycles", fmt::format("{} ({:.1f} us at {} MHz)", outcome.cycles,
                                       static_cast<double>(outcome.cycles) / clock,
                                       config::number_text(clock))) +
         kernel_lines(outcome) +
         line_of("host",
                 fmt::format("compiled in {:.0f} ms, simulated in {:.0f} ms, checked in {:.0f} ms",
                             outcome.compile_ms, outcome.wall_ms, outcome.check_ms)) +
         faults_text(outcome);
}

std::string kernel_lines(const Outcome& outcome) {
  const Figures f = figures_of(outcome);
  const observe::Counters& counters = outcome.counters;
  std::string text;
  const auto line = [&](std::string_view key, const std::string& value) {
    text += line_of(key, value);
  };
  if (f.macs > 0 && !finished(outcome))
    line("macs", fmt::format("{:.0f} to do, not all done", f.macs));
  else if (f.macs > 0 && f.peak_macs_per_cycle > 0)
    line("macs", fmt::format("{:.0f}, {:.1f} a cycle of {:.1f} at most ({:.1f} %)", f.macs,
                             f.macs_per_cycle, f.peak_macs_per_cycle, 100 * f.utilisation));
  else if (f.macs > 0)
    line("macs", fmt::format("{:.0f}, {:.1f} a cycle", f.macs, f.macs_per_cycle));
  line("cores", f.cores > 0 ? fmt::format("{}: {}", f.cores, shares(f)) : "none");
  if (f.busiest_share > 0)
    line("channels", fmt::format("busiest {}, running {:.1f} %", observe::to_string(f.busiest),
                                 100 * f.busiest_share));
  line(
      "bytes",
      fmt::format("L3 to L2 {}, L2 to L1 {} sent and {} received, L1 to L2 {}, L2 to L3 {}",
                  counters.bytes_l3_l2(), counters.bytes_l2_l1_sent(),
                  counters.bytes_l2_l1_received(), counters.bytes_l1_l2(), counters.bytes_l2_l3()));
  line("result", check_line(outcome));
  return text;
}

std::string report_json(const Outcome& outcome) {
  const Figures f = figures_of(outcome);
  const observe::Counters& counters = outcome.counters;
  ordered_json json{
      {"tool", fmt::format("airlock {}", kVersion)},
      {"verdict", to_string(outcome.verdict)},
      {"device", outcome.settings.device.device->name},
      {"problem", outcome.title},
      {"cycles", outcome.cycles},
      {"time_us", f.time_us},
      {"macs", static_cast<uint64_t>(f.macs)},
      {"macs_per_cycle", finished(outcome) ? ordered_json(f.macs_per_cycle) : nullptr},
      {"peak_macs_per_cycle", f.peak_macs_per_cycle},
      {"utilisation", finished(outcome) ? ordered_json(f.utilisation) : nullptr},
      {"checked", outcome.comparison.has_value()},
      {"mismatches", outcome.comparison ? ordered_json(outcome.comparison->mismatches) : nullptr},
      {"bytes",
       {{"l3_l2", counters.bytes_l3_l2()},
        {"l2_l1_sent", counters.bytes_l2_l1_sent()},
        {"l2_l1_received", counters.bytes_l2_l1_received()},
        {"l1_l2", counters.bytes_l1_l2()},
        {"l2_l3", counters.bytes_l2_l3()}}},
      {"ddr_bytes",
       {{"read", counters.ddr_bytes_read()}, {"written", counters.ddr_bytes_written()}}},
      {"cores", {{"count", f.cores}}},
      {"events", outcome.events},
      {"compile_ms", outcome.compile_ms},
      {"wall_ms", outcome.wall_ms},
      {"check_ms", outcome.check_ms}};
  if (outcome.comparison && outcome.comparison->sampled > 0)
    json["sampled"] = {{"computed", outcome.comparison->sampled},
                       {"of", outcome.comparison->elements}};
  for (size_t state = 0; state < f.core_share.size(); ++state)
    json["cores"]["share"][std::string(observe::to_string(static_cast<CoreState>(state)))] =
        f.core_share[state];
  json["faults"] = ordered_json::array();
  for (const observe::FaultCount& count : counters.faults())
    json["faults"].push_back({{"cycle", count.first},
                              {"agent", observe::to_string(count.fault.agent)},
                              {"kind", observe::to_string(count.fault.kind)},
                              {"value", count.fault.value},
                              {"times", count.times}});
  json["diagnosis"] = to_json(outcome.explanation);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  json["peak_rss_kib"] = usage.ru_maxrss;
  return json.dump(2) + "\n";
}

}  // namespace npu::cli
