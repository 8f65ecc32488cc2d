// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/wording.h"

#include <cstdlib>

#include <fmt/format.h>

namespace npu::diagnosis {

using observe::AgentKind;

namespace {

std::string condition(int amount, int value) {
  return fmt::format("{} {}, is {}", amount < 0 ? ">=" : "==", std::abs(amount), value);
}

std::string times(int count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

/// Where a design in a file says it, without the folders; nothing for a design of the compiler.
std::string written(std::string_view source) {
  return source.empty() ? "" : fmt::format(" ({})", source.substr(source.rfind('/') + 1));
}

}  // namespace

std::string Wording::agent(const Agent& agent) const {
  std::string text = observe::to_string(agent);
  if (agent.kind != AgentKind::S2mm && agent.kind != AgentKind::Mm2s)
    return text;
  const auto direction =
      agent.kind == AgentKind::S2mm ? arch::Direction::S2mm : arch::Direction::Mm2s;
  const arch::FlowName* flow = names_.flow(agent.tile, direction, agent.index);
  return flow && !flow->name.empty()
             ? fmt::format("{} `{}`{}", text, flow->name, written(flow->source))
             : text;
}

std::string Wording::lock(LockRef lock) const {
  const arch::LockName* name = names_.lock(lock.tile, lock.lock);
  return name ? fmt::format("lock {} `{}`{} of {}", lock.lock, name->name, written(name->source),
                            to_string(lock.tile))
              : fmt::format("lock {} of {}", lock.lock, to_string(lock.tile));
}

std::string Wording::buffer(const arch::BufferName& buffer) const {
  return fmt::format("buffer `{}`{} [{}] of {}", buffer.name, written(buffer.source), buffer.shape,
                     to_string(buffer.tile));
}

std::string Wording::wait(const Wait& wait) const {
  const std::string moved =
      wait.wanted && !history_.partial()
          ? fmt::format("; {} of {} bytes moved", wait.done * 4, wait.wanted * 4)
          : "";
  switch (wait.what) {
    case WaitFor::Lock:
      return fmt::format("waits for {} {}{}", lock(wait.lock),
                         condition(wait.amount, history_.lock(wait.lock).value), moved);
    case WaitFor::Words: {
      std::string from;
      for (const auto* list : {&wait.on, &wait.cannot})
        for (const Agent& source : *list)
          from += fmt::format("{} {}", from.empty() ? " from" : ",", agent(source));
      return fmt::format("waits for words{}{}", from, moved);
    }
    case WaitFor::Room: {
      std::string to;
      for (const auto* list : {&wait.on, &wait.cannot})
        for (const Agent& sink : *list)
          to += fmt::format("{} {}", to.empty() ? " in" : ",", agent(sink));
      return fmt::format("waits for room{}{}", to, moved);
    }
    case WaitFor::Arbiter: {
      std::string who;
      for (const Agent& rival : wait.on)
        who += fmt::format("{} {}", who.empty() ? " held by the packet of" : ",", agent(rival));
      return fmt::format("waits for an arbiter{}{}", who, moved);
    }
    case WaitFor::Cascade:
      return "waits for its cascade stream";
    case WaitFor::Token: {
      std::string from;
      for (const auto* list : {&wait.on, &wait.cannot})
        for (const Agent& channel : *list)
          from += fmt::format("{} {}", from.empty() ? " of" : ",", agent(channel));
      return fmt::format("waits for the task-complete token{}", from);
    }
    case WaitFor::Poll:
      return fmt::format("polls: {}", arch::to_string(image_.host()[history_.host().command],
                                                      image_.partition().device->generation));
    case WaitFor::Fault:
      return "has stopped with an error";
  }
  return {};
}

std::string Wording::busy(const Wait& wait) const {
  const Agent& helper = wait.on.front();
  const bool known = helper.kind == AgentKind::Host || history_.knows(helper.tile);
  return fmt::format("{} {}, and {} {}", agent(helper),
                     known ? "still runs" : "is not in the trace", agent(wait.who),
                     this->wait(wait));
}

std::string Wording::dead_end(const Wait& wait) const {
  switch (wait.what) {
    case WaitFor::Lock:
      return lock_dead_end(wait);
    case WaitFor::Words:
      return words_dead_end(wait);
    case WaitFor::Room: {
      if (wait.cannot.empty())
        return fmt::format("{} has words to send and its stream leads nowhere", agent(wait.who));
      const Agent& sink = wait.cannot.front();
      return fmt::format("{} has {} bytes left to send and {} takes no more: {}", agent(wait.who),
                         (wait.wanted - wait.done) * 4, agent(sink), idle_because(sink));
    }
    case WaitFor::Token:
      return token_dead_end(wait);
    case WaitFor::Poll:
      return fmt::format("the host polls a register that nothing changes: {}",
                         arch::to_string(image_.host()[history_.host().command],
                                         image_.partition().device->generation));
    case WaitFor::Cascade:
      return fmt::format("{} waits for a cascade stream that nobody serves", agent(wait.who));
    case WaitFor::Arbiter:
      return fmt::format("{} waits for an arbiter that nobody gives up", agent(wait.who));
    case WaitFor::Fault:
      return fmt::format("{} has stopped with an error", agent(wait.who));
  }
  return {};
}

std::string Wording::lock_dead_end(const Wait& wait) const {
  const std::string head =
      fmt::format("{} is {} and", lock(wait.lock), history_.lock(wait.lock).value);
  if (wait.cannot.empty()) {
    const arch::BufferName* buffer = buffer_of(wait.lock);
    const bool replayed = wait.who.kind == AgentKind::Mm2s && buffer &&
                          image_.initialised(buffer->tile, buffer->offset);
    return fmt::format("{} nothing in the design releases it{}", head,
                       replayed ? fmt::format(": the initial data of `{}` is sent {} only",
                                              buffer->name, times(image_.initial(wait.lock)))
                                : "");
  }
  const Agent& giver = wait.cannot.front();
  const bool core = giver.kind == AgentKind::Core;
  return fmt::format("{} only {} would release it, {}", head, agent(giver),
                     core ? "whose program has ended" : idle_because(giver));
}

std::string Wording::idle_because(const Agent& channel) const {
  if (channel.kind == AgentKind::Core)
    return "its program has ended";
  const History::Channel& c = history_.channel(channel);
  if (c.state == observe::ChannelState::Stopped)
    return "it has stopped with an error";
  if (history_.partial())
    return "it has no task left";
  if (c.tasks_dropped > 0)
    return fmt::format("its {} tasks are done, and {} more {} dropped because its queue was full",
                       c.tasks_finished, c.tasks_dropped, c.tasks_dropped == 1 ? "was" : "were");
  if (c.tasks_pushed == 0)
    return "it was never given a task";
  return c.tasks_pushed == 1 ? "its only task is done"
                             : fmt::format("its {} tasks are done", c.tasks_pushed);
}

bool Wording::has_objects_of(const Agent& receiver, uint64_t words) const {
  for (const Task* task : image_.tasks_of(receiver))
    for (const TaskBd& each : task->chain)
      if (each.bd.access.length != words)
        return false;
  return true;
}

std::string Wording::words_dead_end(const Wait& wait) const {
  const std::string head = wait.wanted ? fmt::format("{} has {} of {} bytes and", agent(wait.who),
                                                     wait.done * 4, wait.wanted * 4)
                                       : fmt::format("{} wants words and", agent(wait.who));
  if (wait.cannot.empty())
    return fmt::format("{} no stream leads to it", head);
  const Agent& source = wait.cannot.front();
  const uint64_t came = wait.who.kind == AgentKind::Core ? 0 : history_.channel(wait.who).total;
  if (wait.done > 0 && has_objects_of(wait.who, wait.wanted) && came % wait.wanted != 0)
    return fmt::format(
        "{} its source {} is idle: the {} bytes that it sent are no whole number of objects", head,
        agent(source), came * 4);
  return fmt::format("{} its source {} is idle: {}", head, agent(source), idle_because(source));
}

std::string Wording::token_dead_end(const Wait& wait) const {
  if (wait.who.kind != AgentKind::Host)
    return fmt::format("{} has a token to send and its stream leads nowhere", agent(wait.who));
  if (wait.cannot.empty())
    return "the host waits for a token of a channel that does not exist";
  const Agent& channel = wait.cannot.front();
  const bool asks = [&] {
    for (const Task* task : image_.tasks_of(channel))
      if (task->token)
        return true;
    return false;
  }();
  return asks ? fmt::format("the host waits for a token of {}: {}", agent(channel),
                            idle_because(channel))
              : fmt::format("the host waits for a token of {}, and none of its tasks issues one",
                            agent(channel));
}

const arch::BufferName* Wording::buffer_of(LockRef lock) const {
  for (const Task& task : image_.tasks())
    for (const TaskBd& each : task.chain)
      if (each.acquire == lock || each.release == lock)
        if (const arch::BufferName* buffer = names_.buffer_at(each.memory, each.address))
          return buffer;
  return nullptr;
}

}  // namespace npu::diagnosis
