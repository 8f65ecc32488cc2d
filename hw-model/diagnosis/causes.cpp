// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/causes.h"

#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "hw-model/diagnosis/wording.h"

namespace npu::diagnosis {

using observe::AgentKind;

namespace {

/// Channels that write or read a buffer.
std::set<Agent> users(const Image& image, const arch::BufferName& buffer, AgentKind kind) {
  std::set<Agent> out;
  for (const Task& task : image.tasks())
    for (const TaskBd& each : task.chain)
      if (task.channel.kind == kind && task.channel.tile.row != 0 && each.memory == buffer.tile &&
          each.address >= buffer.offset && each.address - buffer.offset < buffer.bytes)
        out.insert(task.channel);
  return out;
}

/// The text after `key: `, or after `key X: ` with X the operand.
std::optional<std::string_view> note(const arch::Names& names, std::string_view key) {
  for (const std::string_view line : names.notes)
    if (line.starts_with(key) && line.size() > key.size() + 2 && line[key.size()] == ':')
      return line.substr(key.size() + 2);
  return std::nullopt;
}

void explain_buffer(Diagnosis::Root& root, const arch::BufferName& buffer, const Image& image,
                    const arch::Names& names, const Wording& say) {
  const size_t writers = users(image, buffer, AgentKind::S2mm).size();
  const size_t readers = users(image, buffer, AgentKind::Mm2s).size();
  if (writers > 0 && readers > 0)
    return;
  if (buffer.tile.kind() == arch::TileKind::Core)
    return;  // its core is the other side
  root.because.push_back(fmt::format("{} has {} writer{} and {} reader{}", say.buffer(buffer),
                                     writers, writers == 1 ? "" : "s", readers,
                                     readers == 1 ? "" : "s"));
  const std::string operand = buffer.name.substr(0, buffer.name.find('@'));
  const auto split = note(names, "split-l2 " + operand);
  const auto orphans = note(names, "never-read " + operand);
  if (split)
    root.because.push_back(
        fmt::format("{} was split {}{}", operand, *split,
                    orphans ? fmt::format("; nothing reads the pieces at {}", *orphans) : ""));
  if (readers == 0)
    root.hint = split ? "`compiler.split-l2: fixed` splits by the first loop extent alone"
                      : fmt::format("give `{}` a reader, or drop what writes it", buffer.name);
}

void explain_lock(Diagnosis::Root& root, const Wait& wait, const Image& image, const Wording& say) {
  if (!wait.on.empty() || !wait.cannot.empty())
    return;
  std::set<Agent> takers;
  for (const LockUser& taker : image.takers(wait.lock))
    takers.insert(taker.agent);
  root.because.push_back(fmt::format(
      "{} starts at {} and has {} that acquire{} it, 0 that release it", say.lock(wait.lock),
      image.initial(wait.lock), takers.size(), takers.size() == 1 ? "s" : ""));
}

void explain_cycle(Diagnosis::Root& root, const History& history) {
  for (const Link& link : root.links) {
    const History::Channel& c = history.channel(link.who);
    if (link.who.kind == AgentKind::Core || c.port_words == 0)
      continue;
    root.because.push_back(fmt::format("{} words wait in the port of {}, which is all it holds",
                                       c.port_words, observe::to_string(link.who)));
  }
}

void explain_drop(Diagnosis::Root& root, const Wait& wait, const History& history) {
  for (const Agent& channel : wait.cannot) {
    const History::Channel& c = history.channel(channel);
    if (channel.kind == AgentKind::Core || c.tasks_dropped == 0)
      continue;
    root.hint = fmt::format("issue at most {} tasks on {} before awaiting one",
                            arch::kTaskQueueDepth, observe::to_string(channel));
  }
}

}  // namespace

void explain(Diagnosis::Root& root, const Wait& wait, const Image& image, const arch::Names& names,
             const History& history) {
  const Wording say(image, names, history);
  if (root.cycle)
    return explain_cycle(root, history);
  if (wait.what == WaitFor::Lock) {
    explain_lock(root, wait, image, say);
    if (const arch::BufferName* buffer = say.buffer_of(wait.lock))
      explain_buffer(root, *buffer, image, names, say);
  }
  explain_drop(root, wait, history);
}

}  // namespace npu::diagnosis
