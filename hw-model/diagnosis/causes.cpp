// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/causes.h"

#include <algorithm>
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

void explain_drop(Diagnosis::Root& root, const Wait& wait, const Image& image,
                  const History& history) {
  for (const Agent& channel : wait.cannot) {
    const History::Channel& c = history.channel(channel);
    if (channel.kind == AgentKind::Core || c.tasks_dropped == 0)
      continue;
    root.hint = fmt::format("issue at most {} tasks on {} before awaiting one", image.queue_depth(),
                            observe::to_string(channel));
  }
}

const Wait* find(const std::vector<const Wait*>& group, const Agent& agent) {
  for (const Wait* wait : group)
    if (wait->who == agent)
      return wait;
  return nullptr;
}

/// The lock that a lock's giver takes before: `free` of a `full`.
std::optional<LockRef> partner(const Image& image, LockRef lock) {
  for (const Task& task : image.tasks())
    for (const TaskBd& each : task.chain)
      if (task.channel.kind == AgentKind::S2mm && each.release == lock)
        return each.acquire;
  return std::nullopt;
}

/// A core that keeps some objects of a fifo and asks for more than are left.
std::optional<Cause> too_many_objects(const std::vector<const Wait*>& group, const Image& image,
                                      const History& history, const Wording& say) {
  for (const Wait* wait : group) {
    if (wait->who.kind != AgentKind::Core || wait->what != WaitFor::Lock || wait->amount >= 0)
      continue;
    const auto free = partner(image, wait->lock);
    if (!free)
      continue;
    const int all = image.initial(wait->lock) + image.initial(*free);
    int held = all - history.lock(wait->lock).value - history.lock(*free).value;
    for (const LockUser& giver : image.givers(wait->lock))
      held -= giver.agent.kind != AgentKind::Core && history.channel(giver.agent).moving;
    if (held > 0 && held - wait->amount > all)
      return Cause{
          fmt::format("{} holds {} of the {} objects that {} counts and asks for {} more",
                      say.agent(wait->who), held, all, say.lock(wait->lock), -wait->amount),
          "ask for what the window is missing, not for the whole window"};
  }
  return std::nullopt;
}

bool feeds(const logic::Route& route, const Agent& agent) {
  const auto kind = agent.kind == AgentKind::Core ? logic::SinkKind::Core : logic::SinkKind::Dma;
  return std::any_of(route.legs.begin(), route.legs.end(), [&](const logic::Leg& leg) {
    return leg.sink.tile == agent.tile && leg.sink.kind == kind && leg.sink.channel == agent.index;
  });
}

/// What two receivers have in common that the same channel feeds.
std::string_view common_feed(const Image& image, const Agent& source, const Agent& one,
                             const Agent& other) {
  for (const logic::Route& route : image.routes(source))
    if (feeds(route, one) && feeds(route, other))
      return "which the same broadcast feeds";
  return "which other packets of the same channel feed";
}

/// A receiver is full until another receiver of the same channel has got more.
std::optional<Cause> coupled_broadcast(const std::vector<const Wait*>& group, const Image& image,
                                       const Wording& say) {
  for (const Wait* source : group) {
    const Wait* full = source->what == WaitFor::Room && !source->on.empty()
                           ? find(group, source->on.front())
                           : nullptr;
    if (!full || full->what != WaitFor::Lock)
      continue;
    for (const Wait* starved : group)
      if (starved->what == WaitFor::Words && starved->on.size() == 1 &&
          starved->on.front() == source->who)
        return Cause{
            fmt::format("{} has room for {} object{} and frees none before {}, {}, gets more",
                        say.agent(full->who), image.initial(full->lock),
                        image.initial(full->lock) == 1 ? "" : "s", say.agent(starved->who),
                        common_feed(image, source->who, full->who, starved->who)),
            fmt::format("give {} more objects, or let less depend on {}", say.agent(full->who),
                        say.agent(starved->who))};
  }
  return std::nullopt;
}

/// A packet holds an arbiter that another one needs before the first can end.
std::optional<Cause> held_arbiter(const std::vector<const Wait*>& group, const Image& image,
                                  const Wording& say) {
  for (const Wait* late : group) {
    const Wait* holder = late->what == WaitFor::Arbiter && !late->on.empty()
                             ? find(group, late->on.front())
                             : nullptr;
    const auto arbiter = holder ? image.contested(late->who, holder->who) : std::nullopt;
    if (!arbiter || holder->on.empty())
      continue;
    const Agent& sink = holder->on.front();
    const Wait* stuck = find(group, sink);
    const std::string why =
        stuck && stuck->what == WaitFor::Lock ? fmt::format(": it {}", say.wait(*stuck)) : "";
    return Cause{
        fmt::format("{} holds arbiter {} of {} until its packet ends, and {} takes no more "
                    "of it before {} gets that arbiter{}",
                    say.agent(holder->who), arbiter->arbiter, to_string(arbiter->tile),
                    say.agent(sink), say.agent(late->who), why),
        "give the flows switch channels of their own, or circuits"};
  }
  return std::nullopt;
}

}  // namespace

Cause cycle_cause(const std::vector<const Wait*>& group, const Image& image,
                  const arch::Names& names, const History& history) {
  const Wording say(image, names, history);
  if (auto cause = too_many_objects(group, image, history, say))
    return *cause;
  if (auto cause = held_arbiter(group, image, say))
    return *cause;
  if (auto cause = coupled_broadcast(group, image, say))
    return *cause;
  std::string who;
  for (size_t i = 0; i < group.size(); ++i)
    who += fmt::format("{}{}",
                       i == 0                  ? ""
                       : i + 1 == group.size() ? " and "
                                               : ", ",
                       say.agent(group[i]->who));
  return {fmt::format("{} wait for each other", who), {}};
}

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
  explain_drop(root, wait, image, history);
}

}  // namespace npu::diagnosis
