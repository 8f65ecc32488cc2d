// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/sweep_row.h"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "cli/compiled.h"
#include "cli/operands.h"
#include "hw-model/diagnosis/diagnose.h"
#include "hw-model/diagnosis/freshness.h"
#include "hw-model/diagnosis/history.h"

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

void simulate(RowResult& result, Workload& work) {
  const Settings& settings = work.settings;
  const compiler::Lowered& lowered = work.lowered;
  diagnosis::Image image(settings.partition(), settings.device.timing);
  image.configure(lowered.configuration);
  image.sequence(lowered.sequence);
  diagnosis::History history;
  diagnosis::Freshness freshness(image);
  sim::Simulation simulation(settings.partition(), settings.device.timing,
                             sim_options(settings, lowered.configuration));
  simulation.hub().attach(history);
  simulation.hub().attach(freshness);
  simulation.configure(lowered.configuration);
  const sim::RunResult run =
      launch(simulation, settings, lowered, work.arguments(), [&work] { work.prepare(); });
  result.end = row_end(run.end);
  result.cycles = run.cycles;
  if (run.end == sim::End::Finished)
    return check(result, work, freshness);
  const diagnosis::Diagnosis why = diagnosis::diagnose(image, lowered.names, history);
  result.cause = why.roots.empty() ? why.progress : why.roots.front().sentence;
  result.detail = diagnosis::to_text(why);
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
  if (work)
    simulate(result, *work);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::string to_json(const RowResult& r) {
  return ordered_json{{"outcome", to_string(r.end)}, {"cycles", r.cycles},
                      {"checked", r.checked},        {"cause", r.cause},
                      {"detail", r.detail},          {"seconds", r.seconds}}
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
    json.at("seconds").get_to(r.seconds);
    return r;
  } catch (const ordered_json::exception& wrong) {
    throw Error("no result of a row: {}", wrong.what());
  }
}

}  // namespace npu::cli
