// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/findings.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "hw-model/diagnosis/wording.h"

namespace npu::diagnosis {

using observe::AgentKind;
using observe::MemoryMistake;

namespace {

/// The buffers of a task's descriptors, in order.
std::string buffers_of(const Task& task, const arch::Names& names) {
  std::vector<std::string> buffers;
  for (const TaskBd& bd : task.chain)
    if (const arch::BufferName* buffer = names.buffer_at(bd.memory, bd.address))
      buffers.push_back(fmt::format("`{}`", buffer->name));
  return fmt::format("{}", fmt::join(buffers, ", "));
}

/// The task that fills buffers in turn under one lock, that place among them.
const Task* ring_around(const Image& image, Coord tile, uint32_t address) {
  for (const Task& task : image.tasks()) {
    if (task.channel.kind != AgentKind::S2mm || task.chain.size() < 2)
      continue;
    const auto& lock = task.chain.front().release;
    const bool one_lock = lock && std::all_of(task.chain.begin(), task.chain.end(),
                                              [&](const TaskBd& bd) { return bd.release == lock; });
    const bool holds = std::any_of(task.chain.begin(), task.chain.end(), [&](const TaskBd& bd) {
      return bd.memory == tile && address >= bd.address &&
             address - bd.address < bd.bd.access.length * 4;
    });
    if (one_lock && holds)
      return &task;
  }
  return nullptr;
}

/// Of two agents that collide, the one whose use is known by its kind comes last.
std::string collision(Agent one, Agent other, const std::string& what, const Wording& say) {
  const auto rank = [](const Agent& agent) {
    return agent.kind == AgentKind::Mm2s ? 2 : agent.kind == AgentKind::S2mm ? 1 : 0;
  };
  if (rank(one) > rank(other))
    std::swap(one, other);
  const bool sender = other.kind == AgentKind::Mm2s;
  return fmt::format("{} {} {} while {} {} it", say.agent(one), sender ? "writes" : "uses", what,
                     say.agent(other),
                     sender                          ? "sends"
                     : other.kind == AgentKind::S2mm ? "fills"
                                                     : "uses");
}

}  // namespace

std::string to_text(const observe::MemoryFinding& finding, const Image& image,
                    const arch::Names& names) {
  const History none;
  const Wording say(image, names, none);
  const std::string what = finding.buffer.empty()
                               ? fmt::format("the memory of {}", to_string(finding.tile))
                               : fmt::format("`{}`", finding.buffer);
  if (finding.mistake == MemoryMistake::Conflict && finding.other)
    return collision(finding.agent, *finding.other, what, say);
  if (finding.mistake != MemoryMistake::UninitialisedRead)
    return finding.text();
  const Task* ring = finding.agent.kind == AgentKind::Core
                         ? ring_around(image, finding.tile, finding.address)
                         : nullptr;
  return fmt::format("{} reads {}, which nothing wrote{}", say.agent(finding.agent), what,
                     ring ? fmt::format(": {} fills {} in this order under one lock",
                                        say.agent(ring->channel), buffers_of(*ring, names))
                          : "");
}

std::string to_text(const observe::OrderFinding& finding, const Image& image,
                    const arch::Names& names) {
  const History none;
  const Wording say(image, names, none);
  if (finding.lock >= 0)
    return fmt::format("{} and {} acquire {} in an order that nothing fixes",
                       say.agent(finding.first), say.agent(finding.second),
                       say.lock({finding.tile, static_cast<uint8_t>(finding.lock)}));
  const std::vector<const Task*> tasks = image.tasks_of(finding.receiver);
  const bool turns = !tasks.empty() && tasks.front()->chain.size() > 1;
  return fmt::format(
      "{} and {} send to {} in an order that nothing fixes{}", say.agent(finding.first),
      say.agent(finding.second), say.agent(finding.receiver),
      turns ? fmt::format(", and it fills {} in turn", buffers_of(*tasks.front(), names)) : "");
}

}  // namespace npu::diagnosis
