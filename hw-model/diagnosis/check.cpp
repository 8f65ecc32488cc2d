// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/check.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace npu::diagnosis {

using Verdict = Exploration::Verdict;

namespace {

/// Who was granted a lock twice while another that wants it had it not once; empty: nobody.
std::string unfairness(const Image& image, const arch::Names& names, const Schedule& witness) {
  std::map<LockRef, std::map<Agent, int>> grants;
  for (const GrantStep& step : witness) {
    if (step.arbiter)
      continue;
    const LockRef lock{step.tile, step.number};
    if (++grants[lock][step.agent] < 2)
      continue;
    for (const LockUser& other : image.takers(lock))
      if (grants[lock][other.agent] == 0) {
        const arch::LockName* name = names.lock(lock.tile, lock.lock);
        return fmt::format("lock {}{} of {} is granted twice to {} before {} has it once",
                           lock.lock, name ? fmt::format(" `{}`", name->name) : "",
                           arch::to_string(lock.tile), observe::to_string(step.agent),
                           observe::to_string(other.agent));
      }
  }
  return {};
}

std::string verdict_text(const Check& check) {
  const Exploration& e = check.exploration;
  switch (e.verdict) {
    case Verdict::Accept:
      return e.states == 0
                 ? "accept: nothing is left to the order of events, and the host comes to its end\n"
                 : fmt::format("accept: no order hangs; {} states with a choice\n", e.states);
    case Verdict::Error:
      return fmt::format("error: {}\n",
                         e.witness.empty() ? "every order of events hangs"
                         : e.fair          ? "the fair order of events hangs"
                                  : "an unfair order of events hangs, the fair one does not");
    case Verdict::Undecided:
      return fmt::format("undecided: {}\n", e.reason);
  }
  return {};
}

/// What holds between two loads.
Check check_stage(const Image& image, const arch::Names& names, const arch::Timing& timing,
                  const ExploreLimits& limits) {
  Check out{.exploration = explore(make_model(image, timing), limits),
            .findings = check_rules(image, names),
            .hang = {},
            .unfairness = {}};
  if (out.exploration.verdict != Verdict::Error)
    return out;
  History history;
  for (const GrantStep& step : out.exploration.witness)
    if (!step.arbiter)
      history.on(
          {0, observe::LockChanged{step.tile, step.number, observe::LockChanged::What::Acquired,
                                   step.agent, -1, 0}});
  for (const observe::Event& event : out.exploration.end)
    history.on(event);
  out.hang = diagnose(image, names, history);
  if (!out.exploration.fair)
    out.unfairness = unfairness(image, names, out.exploration.witness);
  return out;
}

/// Adds what is found of another configuration: its findings, and its verdict where it is worse.
void add(Check& all, Check one) {
  std::vector<Finding> findings = std::move(all.findings);
  for (Finding& finding : one.findings)
    if (std::ranges::none_of(findings, [&](const Finding& f) { return f.text == finding.text; }))
      findings.push_back(std::move(finding));
  const auto rank = [](const Check& check) { return static_cast<int>(check.exploration.verdict); };
  static_assert(Verdict::Accept < Verdict::Error && Verdict::Error < Verdict::Undecided);
  const bool error = all.exploration.verdict == Verdict::Error;
  one.exploration.states += all.exploration.states;
  if (!error && (one.exploration.verdict == Verdict::Error || rank(one) > rank(all)))
    all = std::move(one);
  else
    all.exploration.states = one.exploration.states;
  all.findings = std::move(findings);
}

}  // namespace

Check check(const Image& image, const arch::Names& names, const arch::Timing& timing,
            const ExploreLimits& limits, const std::map<uint32_t, arch::Names>& of_loads) {
  const std::vector<const Image*> stages = image.stages();
  std::optional<Check> all;
  for (const Image* stage : stages) {
    Check one = check_stage(*stage, names_of(*stage, names, of_loads), timing, limits);
    one.begin = stage->range().first;
    if (all)
      add(*all, std::move(one));
    else
      all = std::move(one);
  }
  all->stages = stages.size();
  return *std::move(all);
}

std::string to_text(const Check& check) {
  std::string text = verdict_text(check);
  if (check.stages > 1)
    text += fmt::format("  each of {} configurations is judged by itself{}\n", check.stages,
                        check.exploration.verdict == Verdict::Accept ? ""
                        : check.begin == 0
                            ? "; this is the first"
                            : fmt::format("; this is what host command {} loads", check.begin));
  if (!check.unfairness.empty())
    text += fmt::format("  because {}\n  hint: a lock for each of its takers leaves no choice\n",
                        check.unfairness);
  if (check.exploration.verdict == Verdict::Error)
    text += to_text(check.hang);
  for (const Finding& finding : check.findings)
    text += to_text(finding) + '\n';
  return text;
}

}  // namespace npu::diagnosis
