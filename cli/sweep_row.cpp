// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/sweep_row.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "cli/compiled.h"
#include "cli/operands.h"
#include "cli/order.h"
#include "hw-model/diagnosis/diagnose.h"
#include "hw-model/diagnosis/freshness.h"
#include "hw-model/diagnosis/history.h"
#include "hw-model/observe/counters.h"

namespace npu::cli {
namespace {

using nlohmann::ordered_json;

RowEnd row_end(sim::End end) {
  switch (end) {
    case sim::End::Finished:
      return RowEnd::Pass;
    case sim::End::Hang:
      return RowEnd::Hang;
    case sim::End::Limit:
    case sim::End::Interrupted:
      return RowEnd::Limit;
  }
  return RowEnd::Crash;
}

std::string difference(const Comparison& c) {
  const std::string place = c.place.empty() ? fmt::format("C[{},{}]", c.row, c.column) : c.place;
  return fmt::format("{} of {} {} differ, first {}: {} instead of {}", c.mismatches, c.elements,
                     c.unit, place, c.got, c.expected);
}

/// Compares what came out with the reference, and says which bytes were never written: without
/// values the latter alone tells that a result is wrong.
void check(RowResult& result, Workload& work, const diagnosis::Freshness& freshness) {
  for (const diagnosis::Freshness::Stale& stale : freshness.stale()) {
    const std::string text = diagnosis::to_text(stale, work.lowered.names);
    if (result.cause.empty())
      result.cause = text;
    result.detail += text + "\n";
  }
  if (const std::optional<Comparison> comparison = work.check()) {
    result.checked = true;
    if (comparison->mismatches == 0)
      return result.cause.clear();
    result.detail += difference(*comparison) + "\n";
    if (result.cause.empty())
      result.cause = difference(*comparison);
  }
  if (!result.cause.empty())
    result.end = RowEnd::Wrong;
}

/// The bytes of a hop that the compiler says the schedule moves: `l3_l2=3932160` in its note.
std::optional<uint64_t> planned(const std::vector<std::string>& notes, std::string_view hop) {
  for (const std::string& note : notes) {
    const size_t at = note.starts_with("bytes: ") ? note.find(fmt::format(" {}=", hop)) : note.npos;
    if (at != note.npos)
      return std::strtoull(note.c_str() + at + hop.size() + 2, nullptr, 10);
  }
  return std::nullopt;
}

/// Whose time the run is made of: the cores' kernels, or the busiest channel of one kind.
std::string bound_of(const observe::Counters& counters, const compiler::Design& design,
                     arch::Cycle cycles) {
  const auto share = [&](arch::Cycle part) {
    return static_cast<double>(part) / static_cast<double>(std::max<arch::Cycle>(cycles, 1));
  };
  std::pair<double, std::string> most{0, "nothing"};
  for (const compiler::Core& core : design.cores) {
    const auto& states = counters.core(core.tile).cycles;
    const double busy = share(states[static_cast<size_t>(observe::CoreState::Kernel)]);
    most = std::max(most, {busy, "compute"});
  }
  const auto channel = [&](arch::Coord tile, observe::AgentKind kind, int index) {
    const observe::Agent agent{tile, kind, static_cast<uint8_t>(index)};
    const auto& states = counters.channel(agent).cycles;
    const bool sends = kind == observe::AgentKind::Mm2s;
    const std::string name = tile.row == 0   ? "DDR and shim"
                             : tile.row == 1 ? (sends ? "memtile output" : "memtile input")
                                             : (sends ? "C out of L1" : "L1 input");
    most =
        std::max(most, {share(states[static_cast<size_t>(observe::ChannelState::Running)]), name});
  };
  for (int col = 0; col < design.partition.columns; ++col)
    for (int row = 0; row < arch::kRows; ++row)
      for (const auto kind : {observe::AgentKind::S2mm, observe::AgentKind::Mm2s})
        for (int index = 0; index < observe::kChannelsPerDirection; ++index)
          channel({static_cast<uint8_t>(col), static_cast<uint8_t>(row)}, kind, index);
  return fmt::format("{} {:.0f} %", most.second, 100 * most.first);
}

/// What was counted, and what the compiler plans where that differs.
std::string traffic_of(const observe::Counters& counters, const compiler::Design& design,
                       arch::Cycle cycles) {
  const std::pair<std::string_view, uint64_t> hops[] = {{"l3_l2", counters.bytes_l3_l2()},
                                                        {"l2_l1_sent", counters.bytes_l2_l1_sent()},
                                                        {"l1_l2", counters.bytes_l1_l2()},
                                                        {"l2_l3", counters.bytes_l2_l3()}};
  std::string text;
  for (const auto& [hop, counted] : hops) {
    const std::optional<uint64_t> plan = planned(design.notes, hop);
    if (!plan)
      return {};
    text += fmt::format("{} {}{}, ", hop, counted,
                        counted == *plan ? "" : fmt::format(" instead of {}", *plan));
  }
  return text + "bound by " + bound_of(counters, design, cycles);
}

void simulate(RowResult& result, Workload& work) {
  const Settings& settings = work.settings;
  const compiler::Lowered& lowered = work.lowered;
  diagnosis::Image image(settings.partition(), settings.device.timing);
  image.add_loads(lowered.loads);
  image.configure(lowered.configuration);
  image.sequence(lowered.sequence);
  diagnosis::History history;
  diagnosis::Freshness freshness(image);
  sim::Simulation simulation(settings.partition(), settings.device.timing,
                             sim_options(settings, lowered.configuration));
  simulation.hub().attach(history);
  simulation.hub().attach(freshness);
  observe::Counters counters;
  simulation.hub().attach(counters);
  for (const auto& [id, commands] : lowered.loads)
    simulation.add_configuration(id, commands);
  simulation.configure(lowered.configuration);
  const sim::RunResult run =
      launch(simulation, settings, lowered, work.arguments(), [&work] { work.prepare(); });
  result.end = row_end(run.end);
  result.cycles = run.cycles;
  if (run.end == sim::End::Finished) {
    result.traffic = traffic_of(counters, lowered.design, run.cycles);
    return check(result, work, freshness);
  }
  const diagnosis::Image& now = image.at(history.host().command);
  const diagnosis::Diagnosis why = diagnosis::diagnose(
      now, diagnosis::names_of(now, lowered.names, lowered.load_names), history);
  result.cause = why.roots.empty() ? why.progress : why.roots.front().sentence;
  result.detail = diagnosis::to_text(why);
}

/// Whether the outcome depends on the order of events, if that is asked.
bool depends_on_order(RowResult& result, Workload& work) {
  if (work.settings.sim.schedule_seeds == 0)
    return false;
  const OrderTrial trial = try_orders(work, work.settings.sim.schedule_seeds, {});
  if (!trial.depends())
    return false;
  result.end = RowEnd::Order;
  result.cause = to_text(trial);
  result.cause = result.cause.substr(0, result.cause.find('\n'));
  result.detail = to_text(trial);
  return true;
}

}  // namespace

RowResult run_row(const Settings& settings) {
  const auto start = std::chrono::steady_clock::now();
  RowResult result;
  std::unique_ptr<Workload> work;
  try {
    work = compile_workload(settings);
  } catch (const Error& refusal) {
    result.end = RowEnd::Refused;
    result.cause = refusal.what();
    result.detail = refusal.hint().empty() ? "" : "hint: " + refusal.hint() + "\n";
  }
  if (work && !depends_on_order(result, *work))
    simulate(result, *work);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::string to_json(const RowResult& r) {
  return ordered_json{{"outcome", to_string(r.end)}, {"cycles", r.cycles},
                      {"checked", r.checked},        {"cause", r.cause},
                      {"detail", r.detail},          {"traffic", r.traffic},
                      {"seconds", r.seconds}}
      .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

RowResult row_from_json(std::string_view text) {
  try {
    const ordered_json json = ordered_json::parse(text);
    RowResult r;
    const auto end = std::ranges::find(kRowEnds, json.at("outcome").get<std::string>());
    if (end == kRowEnds.end())
      throw Error("`{}` is no outcome", json.at("outcome").get<std::string>());
    r.end = static_cast<RowEnd>(end - kRowEnds.begin());
    json.at("cycles").get_to(r.cycles);
    json.at("checked").get_to(r.checked);
    json.at("cause").get_to(r.cause);
    json.at("detail").get_to(r.detail);
    json.at("traffic").get_to(r.traffic);
    json.at("seconds").get_to(r.seconds);
    return r;
  } catch (const ordered_json::exception& wrong) {
    throw Error("no result of a row: {}", wrong.what());
  }
}

}  // namespace npu::cli
