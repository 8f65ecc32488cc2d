// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/order.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "cli/operands.h"
#include "hw-model/diagnosis/check.h"
#include "hw-model/diagnosis/freshness.h"
#include "hw-model/diagnosis/lanes.h"

namespace npu::cli {
namespace {

/// FNV-1a.
uint64_t digest(const void* data, size_t bytes, uint64_t hash) {
  const auto* at = static_cast<const unsigned char*>(data);
  for (size_t i = 0; i < bytes; ++i)
    hash = (hash ^ at[i]) * 0x100'0000'01B3;
  return hash;
}

/// A run with the seed, or where a lock has several takers in the given order.
OrderTrial::Run run_with(uint64_t seed, const diagnosis::Schedule& grants, Workload& work,
                         const diagnosis::Image& image,
                         const std::function<bool(arch::Cycle)>& progress) {
  const Settings& settings = work.settings;
  sim::Options options = sim_options(settings, work.lowered.configuration);
  if (grants.empty())
    options.schedule_seed = seed;
  options.grants = grants;
  options.progress = progress;
  sim::Simulation simulation(settings.partition(), settings.device.timing, options);
  diagnosis::Lanes lanes(image, work.lowered.names);
  diagnosis::Freshness freshness(image);
  simulation.hub().attach(lanes);
  simulation.hub().attach(freshness);
  for (const auto& [id, commands] : work.lowered.loads)
    simulation.add_configuration(id, commands);
  simulation.configure(work.lowered.configuration);
  const std::vector<sim::HostBuffer> arguments = work.arguments();
  OrderTrial::Run run{.seed = seed};
  run.end = launch(simulation, settings, work.lowered, arguments, [&work] { work.prepare(); }).end;
  run.overtakings = lanes.overtakings();
  if (run.end != sim::End::Finished)
    return run;
  const std::optional<Comparison> comparison = work.check();
  run.wrong = comparison ? comparison->mismatches > 0 : !freshness.stale().empty();
  for (const sim::HostBuffer& buffer : arguments)
    if (buffer.data)
      run.result = digest(buffer.data, buffer.bytes, run.result);
  for (const auto& stale : freshness.stale())
    run.result = digest(&stale.bytes, sizeof stale.bytes, run.result);
  return run;
}

/// Tries the order in which somebody is overtaken, when there is one.
void try_unfair(OrderTrial& trial, Workload& work, const diagnosis::Image& image,
                const std::function<bool(arch::Cycle)>& progress) {
  const diagnosis::Check check = diagnosis::check(
      image, work.lowered.names, work.settings.device.timing, {}, work.lowered.load_names);
  if (check.exploration.verdict != diagnosis::Exploration::Verdict::Error ||
      check.unfairness.empty())
    return;
  OrderTrial::Run run = run_with(0, check.exploration.witness, work, image, progress);
  trial.interrupted = run.end == sim::End::Interrupted;
  if (trial.interrupted || run == trial.runs.front())
    return;
  trial.unfair = std::move(run);
  trial.unfairness = check.unfairness;
}

std::string_view verb(sim::End end) {
  constexpr std::string_view kVerbs[] = {"finishes", "hangs", "reaches the cycle limit",
                                         "is interrupted"};
  return kVerbs[static_cast<size_t>(end)];
}

}  // namespace

diagnosis::Schedule read_schedule(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error("--schedule {}: {}", path, std::strerror(errno))
        .hint("`airlock check -o FILE` writes one when a design can hang");
  std::ostringstream text;
  text << file.rdbuf();
  return diagnosis::parse_schedule(text.str(), path);
}

std::optional<size_t> OrderTrial::other() const {
  const auto found = std::find_if(runs.begin(), runs.end(),
                                  [&](const Run& run) { return !(run == runs.front()); });
  if (found == runs.end())
    return std::nullopt;
  return static_cast<size_t>(found - runs.begin());
}

OrderTrial try_orders(Workload& work, uint64_t seeds,
                      const std::function<bool(arch::Cycle)>& progress) {
  diagnosis::Image image(work.settings.partition(), work.settings.device.timing);
  image.add_loads(work.lowered.loads);
  image.configure(work.lowered.configuration);
  image.sequence(work.lowered.sequence);
  OrderTrial trial;
  for (uint64_t seed = 1; seed <= seeds && !trial.interrupted; ++seed) {
    OrderTrial::Run run = run_with(seed, {}, work, image, progress);
    trial.interrupted = run.end == sim::End::Interrupted;
    if (!trial.interrupted)
      trial.runs.push_back(std::move(run));
  }
  if (!trial.interrupted && !trial.runs.empty() && !trial.depends())
    try_unfair(trial, work, image, progress);
  return trial;
}

Status status_of(const OrderTrial& trial) {
  if (trial.depends())
    return kUndecided;
  if (trial.interrupted || trial.runs.empty())
    return kInterrupted;
  const OrderTrial::Run& run = trial.runs.front();
  if (run.end == sim::End::Finished)
    return run.wrong ? kWrong : kRight;
  return run.end == sim::End::Hang ? kHang : kLimit;
}

std::string to_text(const OrderTrial& trial) {
  if (trial.runs.empty())
    return "no schedule seed was tried to its end\n";
  const OrderTrial::Run& first = trial.runs.front();
  const auto other = trial.other();
  if (trial.unfair)
    return fmt::format(
        "order-dependent: with {} schedule seeds it {}, and in an order that no lock forbids it "
        "{}\n  because {}\n  hint: a lock for each of its takers leaves no choice\n",
        trial.runs.size(), verb(first.end), verb(trial.unfair->end), trial.unfairness);
  if (!other)
    return fmt::format("the outcome is the same with {} schedule seeds: it {}\n", trial.runs.size(),
                       verb(first.end));
  const OrderTrial::Run& second = trial.runs[*other];
  std::string text = fmt::format("order-dependent: seed {} {}, seed {} {}{}\n", first.seed,
                                 verb(first.end), second.seed, verb(second.end),
                                 first.end == second.end ? " with another result" : "");
  for (const std::string& overtaking :
       second.overtakings.empty() ? first.overtakings : second.overtakings)
    text += fmt::format("  because {}\n", overtaking);
  return text;
}

std::string to_json(const OrderTrial& trial) {
  nlohmann::ordered_json json;
  json["order_dependent"] = trial.depends();
  for (const OrderTrial::Run& run : trial.runs)
    json["runs"].push_back({{"seed", run.seed},
                            {"outcome", verb(run.end)},
                            {"result", fmt::format("{:016x}", run.result)},
                            {"overtakings", run.overtakings}});
  if (trial.unfair)
    json["unfair_order"] = {{"outcome", verb(trial.unfair->end)},
                            {"because", trial.unfairness},
                            {"overtakings", trial.unfair->overtakings}};
  return json.dump(2) + "\n";
}

}  // namespace npu::cli
