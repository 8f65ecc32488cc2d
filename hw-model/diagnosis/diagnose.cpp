// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/diagnose.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <set>

#include <fmt/format.h>

#include "hw-model/diagnosis/causes.h"
#include "hw-model/diagnosis/mistakes.h"
#include "hw-model/diagnosis/wording.h"

namespace npu::diagnosis {

using observe::AgentKind;

namespace {

constexpr size_t kNamed = 6;  // agents that a folded line spells out

/// Launches that the compiler's notes speak of: `launches: 2x5`.
uint64_t launches_of(const arch::Names& names) {
  for (const std::string& note : names.notes) {
    uint64_t rows = 0;
    uint64_t columns = 0;
    if (std::sscanf(note.c_str(), "launches: %" SCNu64 "x%" SCNu64, &rows, &columns) == 2)
      return rows * columns;
  }
  return 0;
}

/// Bytes that have reached the host, of those that the sequence asks for.
std::string progress_of(const Image& image, const arch::Names& names, const History& history) {
  uint64_t wanted = 0;
  std::set<Agent> channels;
  for (const Task& task : image.tasks()) {
    if (task.channel.tile.row != 0 || task.channel.kind != AgentKind::S2mm)
      continue;
    wanted += 4 * task.words().value_or(0);
    channels.insert(task.channel);
  }
  uint64_t done = 0;
  for (const Agent& channel : channels)
    done += 4 * history.channel(channel).total;
  const size_t commands = image.host().size();
  std::string text = fmt::format("host command {} of {}",
                                 std::min<size_t>(history.host().command + 1, commands), commands);
  if (history.partial())
    return text;
  text += fmt::format(", {} of {} output bytes written", done, wanted);
  if (const uint64_t launches = launches_of(names); launches > 0 && wanted > 0)
    text = fmt::format("after {} of {} output tiles; {}", done * launches / wanted, launches, text);
  return text;
}

std::string plural(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string_view reason(WaitFor what) {
  switch (what) {
    case WaitFor::Lock:
      return "waiting for a lock";
    case WaitFor::Words:
      return "starved of words";
    case WaitFor::Room:
      return "held up by a receiver";
    case WaitFor::Arbiter:
      return "waiting for an arbiter";
    case WaitFor::Cascade:
      return "waiting for a cascade stream";
    case WaitFor::Token:
      return "waiting for a token";
    case WaitFor::Poll:
      return "polling";
    case WaitFor::Fault:
      return "stopped";
  }
  return {};
}

/// Everybody whom neither a root nor the chain mentions, a line for each kind of wait.
std::vector<std::string> fold(const WaitGraph& graph, const std::set<Agent>& told) {
  std::map<std::pair<AgentKind, WaitFor>, std::vector<Agent>> groups;
  for (const Wait& wait : graph.waits())
    if (!told.contains(wait.who))
      groups[{wait.who.kind, wait.what}].push_back(wait.who);
  std::vector<std::string> lines;
  for (const auto& [key, agents] : groups) {
    const auto& [kind, what] = key;
    const std::string_view noun = kind == AgentKind::Core   ? "core"
                                  : kind == AgentKind::S2mm ? "s2mm channel"
                                  : kind == AgentKind::Mm2s ? "mm2s channel"
                                                            : "host";
    std::string line = fmt::format("{} {}:", plural(agents.size(), noun), reason(what));
    for (size_t i = 0; i < std::min(agents.size(), kNamed); ++i)
      line += " " + observe::to_string(agents[i]);
    if (agents.size() > kNamed)
      line += fmt::format(" and {} more", agents.size() - kNamed);
    lines.push_back(std::move(line));
  }
  return lines;
}

/// Errors in the order in which they happened, each kind and agent once.
std::vector<std::string> faults_of(const History& history, const Wording& say,
                                   arch::Generation generation) {
  std::vector<std::string> lines;
  std::set<std::pair<Agent, observe::FaultKind>> seen;
  for (const observe::Event& event : history.faults()) {
    const auto& fault = std::get<observe::Fault>(event.payload);
    if (fault.kind == observe::FaultKind::NotModelled ||
        !seen.insert({fault.agent, fault.kind}).second)
      continue;
    const bool address = fault.kind == observe::FaultKind::OutsidePartition;
    lines.push_back(
        fmt::format("cycle {}: {}: {} ({})", event.cycle, say.agent(fault.agent),
                    observe::to_string(fault.kind),
                    address ? arch::describe_address(generation, static_cast<uint32_t>(fault.value))
                            : fmt::format("{:#x}", fault.value)));
  }
  return lines;
}

/// The first mistake that explains a standstill by itself.
std::optional<std::string> stopping_mistake(const Image& image, const arch::Names& names,
                                            const History& history) {
  for (Mistake& mistake : mistakes(image, names, history))
    if (mistake.can_stop)
      return std::move(mistake.text);
  return std::nullopt;
}

}  // namespace

Diagnosis diagnose(const Image& image, const arch::Names& names, const History& history) {
  const Wording say(image, names, history);
  Diagnosis out;
  out.cycle = history.end();
  out.progress = progress_of(image, names, history);
  out.remarks = faults_of(history, say, image.partition().device->generation);
  if (history.host().what == observe::HostChanged::What::Done)
    return out;

  const WaitGraph graph(image, history);
  const auto roots = graph.roots();
  std::set<Agent> told;
  const auto link = [&](const Wait& wait) {
    told.insert(wait.who);
    return Link{wait.who, say.wait(wait)};
  };
  out.hang = true;
  for (const auto& group : roots) {
    // Roots that the host does not wait for are symptoms, unless there is no other, or the way to
    // the host leads through what is not known.
    const std::vector<const Wait*> way = graph.chain(group);
    const bool known_dead_end = history.partial() && group.front()->on.empty();
    if (way.empty() && !out.roots.empty() && !known_dead_end)
      continue;
    Diagnosis::Root root;
    root.cycle = group.size() > 1;
    for (const Wait* wait : group)
      root.links.push_back(link(*wait));
    const bool busy = !root.cycle && !group.front()->on.empty();
    out.running |= busy;
    const Cause cause = root.cycle ? cycle_cause(group, image, names, history)
                        : busy     ? Cause{say.busy(*group.front()), {}}
                                   : Cause{say.dead_end(*group.front()), {}};
    root.sentence = cause.sentence;
    root.hint = cause.hint;
    const bool told_before =
        std::any_of(out.roots.begin(), out.roots.end(),
                    [&](const Diagnosis::Root& other) { return other.sentence == root.sentence; });
    if (told_before)
      continue;
    if (!busy)
      explain(root, *group.front(), image, names, history);
    if (const auto mistake =
            out.roots.empty() ? stopping_mistake(image, names, history) : std::nullopt) {
      root.effect = std::move(root.sentence);
      root.sentence = *mistake;
    }
    if (out.roots.empty())
      for (size_t i = 1; i < way.size(); ++i)
        out.chain.push_back(link(*way[i]));
    out.roots.push_back(std::move(root));
  }
  out.symptoms = fold(graph, told);
  return out;
}

std::string to_text(const Diagnosis& d) {
  if (!d.hang)
    return "nothing waits: the host sequence is complete\n";
  std::string text =
      fmt::format("{}{}: {}\n", d.running ? "stopped" : "deadlock",
                  d.cycle > 0 ? fmt::format(" at cycle {}", d.cycle) : "", d.progress);
  for (size_t i = 0; i < d.roots.size(); ++i) {
    const Diagnosis::Root& root = d.roots[i];
    text += fmt::format("{}: {}\n", i == 0 ? "root" : "also", root.sentence);
    if (!root.effect.empty())
      text += fmt::format("  so {}\n", root.effect);
    for (const Link& link : root.links)
      text += fmt::format("  {} {}\n", observe::to_string(link.who), link.text);
    for (const std::string& because : root.because)
      text += fmt::format("  because {}\n", because);
    if (!root.hint.empty())
      text += fmt::format("  hint: {}\n", root.hint);
  }
  if (!d.chain.empty())
    text += "from there to the host:\n";
  for (const Link& link : d.chain)
    text += fmt::format("  {} {}\n", observe::to_string(link.who), link.text);
  if (!d.symptoms.empty())
    text += "symptoms:\n";
  for (const std::string& line : d.symptoms)
    text += fmt::format("  {}\n", line);
  if (!d.remarks.empty())
    text += "errors before:\n";
  for (const std::string& line : d.remarks)
    text += fmt::format("  {}\n", line);
  return text;
}

}  // namespace npu::diagnosis
