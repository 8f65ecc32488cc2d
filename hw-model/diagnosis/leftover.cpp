// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/leftover.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "hw-model/diagnosis/machine.h"
#include "hw-model/diagnosis/wording.h"

namespace npu::diagnosis {

using observe::AgentKind;
using observe::ChannelState;
using observe::CoreState;
using What = Leftover::What;

namespace {

constexpr uint64_t kStepsToRest = 10'000'000;

/// Channels that have been given a task, each once.
std::set<Agent> channels_of(const Image& image) {
  std::set<Agent> channels;
  for (const Task& task : image.tasks())
    channels.insert(task.channel);
  return channels;
}

void add_channel(const Image& image, const History& history, const Agent& agent,
                 std::vector<Leftover>& out) {
  const History::Channel& c = history.channel(agent);
  const uint32_t gone = c.tasks_finished + c.tasks_reset;
  uint32_t tasks = c.tasks_pushed - std::min(c.tasks_pushed, gone);
  if (tasks > 0 && std::ranges::any_of(image.tasks_of(agent), &Task::endless))
    --tasks;
  if (tasks > 0)
    out.push_back({What::Tasks, agent, {}, tasks, 0});
  if (c.moving && c.moved > 0 && c.moved < c.wanted)
    out.push_back({What::Part, agent, {}, c.moved, c.wanted});
  if (c.port_words > 0)
    out.push_back({What::Port, agent, {}, c.port_words, 0});
}

/// Where the locks are when the configuration alone has done all it can; nothing when the machine
/// does not know.
std::optional<std::map<LockRef, int>> resting_locks(const Image& image,
                                                    const arch::Timing& timing) {
  Model model = make_model(image, timing);
  if (!model.gaps.empty())
    return std::nullopt;
  model.host.assign(1, {Model::HostOp::What::Never, 0, kNone, 0, {}});
  Machine machine(model);
  machine.limit_steps(kStepsToRest);
  for (;;) {
    machine.settle();
    if (!machine.problem().empty())
      return std::nullopt;
    const auto choices = machine.choices();
    if (choices.empty())
      break;
    machine.grant(choices.front());
  }
  std::map<LockRef, int> rest;
  for (size_t i = 0; i < model.lock_ids.size(); ++i)
    rest[model.lock_ids[i]] = machine.state().locks[i];
  return rest;
}

/// Locks that one channel takes, or gives back, in turn; each lock is in one group.
std::vector<std::set<LockRef>> rings(const Image& image, const std::map<LockRef, int>& locks) {
  std::map<std::pair<Agent, bool>, std::set<LockRef>> sides;
  for (const Task& task : image.tasks())
    for (const TaskBd& bd : task.chain) {
      if (bd.acquire)
        sides[{task.channel, false}].insert(*bd.acquire);
      if (bd.release)
        sides[{task.channel, true}].insert(*bd.release);
    }
  std::vector<std::set<LockRef>> out;
  for (const auto& [lock, value] : locks)
    out.push_back({lock});
  for (const auto& side : sides) {
    const std::set<LockRef>& group = side.second;
    std::set<LockRef> merged;
    std::erase_if(out, [&](const std::set<LockRef>& each) {
      const bool shared = std::any_of(each.begin(), each.end(),
                                      [&](const LockRef& lock) { return group.contains(lock); });
      if (shared)
        merged.insert(each.begin(), each.end());
      return shared;
    });
    if (!merged.empty())
      out.push_back(std::move(merged));
  }
  return out;
}

bool moves(const History& history, const Agent& agent) {
  if (agent.kind == AgentKind::Core) {
    const CoreState state = history.core(agent.tile).state;
    return state == CoreState::Running || state == CoreState::Kernel;
  }
  const ChannelState state = history.channel(agent).state;
  return state == ChannelState::Starting || state == ChannelState::Running ||
         state == ChannelState::Releasing;
}

bool settled(const Image& image, const History& history, LockRef lock) {
  for (const auto& users : {image.givers(lock), image.takers(lock)})
    for (const LockUser& user : users)
      if (moves(history, user.agent))
        return false;
  return true;
}

/// Locks that the host's commands set: what a run leaves in them is nothing to the next.
std::set<LockRef> set_by_host(const Image& image) {
  std::set<LockRef> locks;
  for (const arch::Command& command : image.host()) {
    const auto* write = std::get_if<arch::Write>(&command);
    if (!write)
      continue;
    const Coord tile = arch::tile_of(write->address);
    const auto at = arch::find_register(tile.kind(), image.partition().device->generation,
                                        arch::offset_of(write->address));
    if (at && at->row->id == arch::RegisterId::LockValue)
      locks.insert({tile, static_cast<uint8_t>(at->index)});
  }
  return locks;
}

void add_locks(const Image& image, const arch::Timing& timing, const History& history,
               std::vector<Leftover>& out) {
  const auto rest = resting_locks(image, timing);
  if (!rest)
    return;
  const auto value = [&](LockRef lock) {
    const History::Lock& known = history.lock(lock);
    return known.known ? known.value : image.initial(lock);
  };
  const std::set<LockRef> set = set_by_host(image);
  std::vector<Leftover> found;
  for (const std::set<LockRef>& ring : rings(image, *rest)) {
    int difference = 0;
    bool still = true;
    for (const LockRef& lock : ring) {
      difference += value(lock) - rest->at(lock);
      still = still && settled(image, history, lock);
    }
    if (difference == 0 || !still)
      continue;
    for (const LockRef& lock : ring)
      if (value(lock) != rest->at(lock) && !set.contains(lock))
        found.push_back({What::Lock,
                         {},
                         lock,
                         static_cast<uint64_t>(value(lock)),
                         static_cast<uint64_t>(rest->at(lock))});
  }
  std::sort(found.begin(), found.end(),
            [](const Leftover& a, const Leftover& b) { return a.lock < b.lock; });
  out.insert(out.end(), found.begin(), found.end());
}

}  // namespace

std::vector<Leftover> leftovers(const Image& image, const arch::Timing& timing,
                                const History& history) {
  std::vector<Leftover> out;
  for (const Agent& agent : channels_of(image))
    add_channel(image, history, agent, out);
  add_locks(image, timing, history, out);
  return out;
}

std::string to_text(const Leftover& leftover, const Image& image, const arch::Names& names) {
  const History nothing;
  const Wording say(image, names, nothing);
  const uint64_t count = leftover.count;
  switch (leftover.what) {
    case What::Tasks:
      return fmt::format("{} has {} task{} not done", say.agent(leftover.agent), count,
                         count == 1 ? "" : "s");
    case What::Part:
      return fmt::format("{} has moved {} of {} bytes of a descriptor", say.agent(leftover.agent),
                         4 * count, 4 * leftover.wanted);
    case What::Port:
      return fmt::format("{} has {} bytes in its port", say.agent(leftover.agent), 4 * count);
    case What::Lock:
      return fmt::format("{} is {}, rests at {}", say.lock(leftover.lock), count, leftover.wanted);
  }
  return {};
}

}  // namespace npu::diagnosis
