// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/wait_graph.h"

#include <algorithm>
#include <deque>
#include <limits>

#include "hw-model/arch/register.h"

namespace npu::diagnosis {

using observe::AgentKind;
using observe::ChannelState;
using observe::CoreState;

namespace {

constexpr size_t kFar = std::numeric_limits<size_t>::max();

Agent agent_of(const logic::SinkId& sink) {
  return {sink.tile, sink.kind == logic::SinkKind::Core ? AgentKind::Core : AgentKind::S2mm,
          sink.channel};
}

void add_once(std::vector<Agent>& list, const Agent& agent) {
  if (std::find(list.begin(), list.end(), agent) == list.end())
    list.push_back(agent);
}

}  // namespace

WaitGraph::WaitGraph(const Image& image, const History& history)
    : image_(image), history_(history) {
  add_host();
  add_channels(AgentKind::S2mm);
  add_channels(AgentKind::Mm2s);
  add_cores();
  for (size_t i = 0; i < waits_.size(); ++i)
    index_[waits_[i].who] = i;
}

const Wait* WaitGraph::of(const Agent& agent) const {
  const auto found = index_.find(agent);
  return found == index_.end() ? nullptr : &waits_[found->second];
}

bool WaitGraph::alive(const Agent& agent) const {
  if (agent.kind == AgentKind::Host)
    return history_.host().what != observe::HostChanged::What::Done;
  if (!history_.knows(agent.tile))
    return true;
  if (agent.kind == AgentKind::Core) {
    const CoreState state = history_.core(agent.tile).state;
    return state != CoreState::Disabled && state != CoreState::Done && state != CoreState::Halted;
  }
  const History::Channel& channel = history_.channel(agent);
  return channel.state != ChannelState::Idle && channel.state != ChannelState::Stopped;
}

void WaitGraph::sort_helper(Wait& wait, const Agent& helper) const {
  if (helper != wait.who)
    add_once(alive(helper) ? wait.on : wait.cannot, helper);
}

void WaitGraph::add_channels(AgentKind kind) {
  for (int col = 0; col < image_.partition().columns; ++col) {
    for (int row = 0; row < arch::kRows; ++row) {
      const Coord tile{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
      const arch::TileFacts& facts = arch::facts(tile.kind());
      const int count = kind == AgentKind::S2mm ? facts.s2mm_channels : facts.mm2s_channels;
      for (int i = 0; i < count; ++i) {
        const Agent who{tile, kind, static_cast<uint8_t>(i)};
        const History::Channel& c = history_.channel(who);
        Wait wait{who, WaitFor::Lock, c.since, {}, 0, 0, 0, {}, {}};
        if (c.moving) {
          wait.done = std::min(c.moved, c.wanted);
          wait.wanted = c.wanted;
        }
        switch (c.state) {
          case ChannelState::Acquiring:
            if (!lock_wait(wait))
              continue;
            break;
          case ChannelState::Starved:
            words_wait(wait);
            break;
          case ChannelState::Backpressured:
            room_wait(wait);
            break;
          case ChannelState::Stopped:
            wait.what = WaitFor::Fault;
            break;
          case ChannelState::TokenStalled:
            wait.what = WaitFor::Token;
            break;
          default:
            continue;
        }
        waits_.push_back(std::move(wait));
      }
    }
  }
}

void WaitGraph::add_cores() {
  for (const auto& [tile, facts] : image_.cores()) {
    const History::Core& core = history_.core(tile);
    Wait wait{{tile, AgentKind::Core, 0}, WaitFor::Lock, core.since, {}, 0, 0, 0, {}, {}};
    switch (core.state) {
      case CoreState::LockStall:
        if (!lock_wait(wait))
          continue;
        break;
      case CoreState::StreamStall:
        core.detail == 0 ? words_wait(wait) : room_wait(wait);
        break;
      case CoreState::CascadeStall: {
        wait.what = WaitFor::Cascade;
        // Cascades run from north to south and from west to east.
        const int step = core.detail == 0 ? 1 : -1;
        const Coord vertical{tile.col, static_cast<uint8_t>(tile.row + step)};
        const Coord horizontal{static_cast<uint8_t>(tile.col - step), tile.row};
        for (const Coord other : {vertical, horizontal})
          if (image_.cores().contains(other))
            sort_helper(wait, {other, AgentKind::Core, 0});
        break;
      }
      case CoreState::Halted:
        wait.what = WaitFor::Fault;
        break;
      default:
        continue;
    }
    waits_.push_back(std::move(wait));
  }
}

void WaitGraph::add_host() {
  const History::Host& host = history_.host();
  Wait wait{{}, WaitFor::Token, host.since, {}, 0, 0, 0, {}, {}};
  if (host.command >= image_.host().size())
    return;
  const arch::Command& command = image_.host()[host.command];
  const auto channel = [&](int col, int row, arch::Direction direction, int index) {
    const Agent agent{{static_cast<uint8_t>(col), static_cast<uint8_t>(row)},
                      direction == arch::Direction::S2mm ? AgentKind::S2mm : AgentKind::Mm2s,
                      static_cast<uint8_t>(index)};
    sort_helper(wait, agent);
  };
  if (host.what == observe::HostChanged::What::Syncing) {
    const auto& sync = std::get<arch::Sync>(command);
    for (int col = sync.col; col < sync.col + sync.columns; ++col)
      for (int row = sync.row; row < sync.row + sync.rows; ++row)
        channel(col, row, sync.direction, sync.channel);
  } else if (host.what == observe::HostChanged::What::Polling) {
    wait.what = WaitFor::Poll;
    const uint32_t address = std::get<arch::MaskPoll>(command).address;
    const Coord tile = arch::tile_of(address);
    const auto at = arch::find_register(tile.kind(), image_.partition().device->generation,
                                        arch::offset_of(address));
    if (at && at->row->id == arch::RegisterId::S2mmStatus)
      channel(tile.col, tile.row, arch::Direction::S2mm, at->index);
    else if (at && at->row->id == arch::RegisterId::Mm2sStatus)
      channel(tile.col, tile.row, arch::Direction::Mm2s, at->index);
    else if (at && at->row->id == arch::RegisterId::CoreStatus)
      sort_helper(wait, {tile, AgentKind::Core, 0});
    else if (at && at->row->id == arch::RegisterId::LockValue)
      for (const LockUser& user : image_.givers({tile, static_cast<uint8_t>(at->index)}))
        sort_helper(wait, user.agent);
  } else {
    return;
  }
  waits_.push_back(std::move(wait));
}

/// An agent asks for a lock some cycles after its state says so, and a recording that begins late
/// does not have the question.
bool WaitGraph::deduce_lock(Wait& wait) const {
  bool found = false;
  const auto want = [&](LockRef lock, int amount) {
    wait.lock = lock;
    wait.amount = amount;
    found = true;
  };
  if (wait.who.kind == AgentKind::Core) {
    const auto core = image_.cores().find(wait.who.tile);
    const uint16_t number = history_.core(wait.who.tile).detail;
    if (core == image_.cores().end() || !core->second.program)
      return false;
    for (const CoreFacts::LockUse& use : core->second.locks)
      if (use.acquires && core->second.program->code[use.instruction].a == number)
        want(use.lock, use.value);
  } else {
    for (const Task* task : image_.tasks_of(wait.who))
      for (const TaskBd& each : task->chain)
        if (each.acquire && each.id == history_.channel(wait.who).bd)
          want(*each.acquire, each.bd.acquire->value);
  }
  const History::Lock& lock = history_.lock(wait.lock);
  const int value = lock.known ? lock.value : image_.initial(wait.lock);
  return found && (wait.amount < 0 ? value < -wait.amount : value != wait.amount);
}

bool WaitGraph::lock_wait(Wait& wait) const {
  wait.what = WaitFor::Lock;
  bool told = false;
  for (size_t index = 0; index < LockRef::kAll; ++index) {
    const LockRef ref = LockRef::at(index);
    for (const auto& [agent, amount] : history_.lock(ref).waiting) {
      if (agent != wait.who)
        continue;
      wait.lock = ref;
      wait.amount = amount;
      told = true;
    }
  }
  if (!told && !deduce_lock(wait))
    return false;
  for (const LockUser& giver : image_.givers(wait.lock))
    sort_helper(wait, giver.agent);
  // A core or descriptor that waits for equality is helped by whoever takes, too.
  if (wait.amount >= 0)
    for (const LockUser& taker : image_.takers(wait.lock))
      sort_helper(wait, taker.agent);
  return true;
}

void WaitGraph::words_wait(Wait& wait) const {
  wait.what = WaitFor::Words;
  for (const Agent& source : image_.sources(wait.who))
    sort_helper(wait, source);
}

/// Receivers that take nothing are the reason; when all take, another packet holds the way.
void WaitGraph::room_wait(Wait& wait) const {
  wait.what = WaitFor::Room;
  const std::vector<logic::Leg> legs = image_.legs(wait.who);
  bool known = legs.empty();
  for (const logic::Leg& leg : legs) {
    if (leg.sink.kind != logic::SinkKind::Dma && leg.sink.kind != logic::SinkKind::Core)
      continue;
    known = true;
    const Agent sink = agent_of(leg.sink);
    const bool takes = sink.kind == AgentKind::Core
                           ? history_.core(sink.tile).state == CoreState::StreamStall
                           : history_.channel(sink).state == ChannelState::Starved;
    if (!takes)
      sort_helper(wait, sink);
  }
  if (!known || !wait.on.empty() || !wait.cannot.empty())
    return;
  wait.what = WaitFor::Arbiter;
  for (const Agent& rival : image_.rivals(wait.who))
    if (history_.channel(rival).state == ChannelState::Backpressured)
      sort_helper(wait, rival);
}

std::vector<size_t> WaitGraph::distances() const {
  std::vector<size_t> distance(waits_.size(), kFar);
  std::deque<size_t> open;
  for (size_t i = 0; i < waits_.size(); ++i) {
    if (waits_[i].who.kind == AgentKind::Host) {
      distance[i] = 0;
      open.push_back(i);
    }
  }
  while (!open.empty()) {
    const size_t i = open.front();
    open.pop_front();
    for (const Agent& next : waits_[i].on) {
      const auto found = index_.find(next);
      if (found == index_.end() || distance[found->second] != kFar)
        continue;
      distance[found->second] = distance[i] + 1;
      open.push_back(found->second);
    }
  }
  return distance;
}

namespace {

/// Tarjan's strongly connected components, with an explicit graph of indices.
class Components {
 public:
  explicit Components(const std::vector<std::vector<size_t>>& edges)
      : edges_(edges), order_(edges.size(), kFar), low_(edges.size(), 0), open_(edges.size()) {
    for (size_t i = 0; i < edges.size(); ++i)
      if (order_[i] == kFar)
        visit(i);
  }
  std::vector<std::vector<size_t>> groups;

 private:
  void visit(size_t i) {
    order_[i] = low_[i] = count_++;
    stack_.push_back(i);
    open_[i] = true;
    for (const size_t next : edges_[i]) {
      if (order_[next] == kFar) {
        visit(next);
        low_[i] = std::min(low_[i], low_[next]);
      } else if (open_[next]) {
        low_[i] = std::min(low_[i], order_[next]);
      }
    }
    if (low_[i] != order_[i])
      return;
    std::vector<size_t> group;
    for (size_t member = kFar; member != i;) {
      member = stack_.back();
      stack_.pop_back();
      open_[member] = false;
      group.push_back(member);
    }
    std::sort(group.begin(), group.end());
    groups.push_back(std::move(group));
  }

  const std::vector<std::vector<size_t>>& edges_;
  std::vector<size_t> order_;
  std::vector<size_t> low_;
  std::vector<bool> open_;
  std::vector<size_t> stack_;
  size_t count_ = 0;
};

}  // namespace

std::vector<std::vector<const Wait*>> WaitGraph::roots() const {
  std::vector<std::vector<size_t>> edges(waits_.size());
  for (size_t i = 0; i < waits_.size(); ++i)
    for (const Agent& next : waits_[i].on)
      if (const auto found = index_.find(next); found != index_.end())
        edges[i].push_back(found->second);

  const std::vector<size_t> distance = distances();
  const auto near = [&](const std::vector<size_t>& group) {
    size_t best = kFar;
    for (const size_t member : group)
      best = std::min(best, distance[member]);
    return best;
  };
  std::vector<std::vector<size_t>> found;
  for (const std::vector<size_t>& group : Components(edges).groups) {
    const bool leaves = std::any_of(group.begin(), group.end(), [&](size_t member) {
      return std::any_of(edges[member].begin(), edges[member].end(), [&](size_t next) {
        return !std::binary_search(group.begin(), group.end(), next);
      });
    });
    if (!leaves)
      found.push_back(group);
  }
  std::stable_sort(found.begin(), found.end(),
                   [&](const auto& a, const auto& b) { return near(a) < near(b); });
  std::vector<std::vector<const Wait*>> roots;
  for (const auto& group : found) {
    roots.emplace_back();
    for (const size_t member : group)
      roots.back().push_back(&waits_[member]);
  }
  return roots;
}

std::vector<const Wait*> WaitGraph::chain(const std::vector<const Wait*>& root) const {
  const std::vector<size_t> distance = distances();
  size_t at = kFar;
  for (const Wait* wait : root) {
    const size_t i = index_.at(wait->who);
    if (at == kFar || distance[i] < distance[at])
      at = i;
  }
  std::vector<const Wait*> chain;
  while (at != kFar && distance[at] != kFar) {
    chain.push_back(&waits_[at]);
    size_t previous = kFar;
    for (size_t i = 0; i < waits_.size() && previous == kFar; ++i) {
      const auto& on = waits_[i].on;
      if (distance[i] != kFar && distance[i] + 1 == distance[at] &&
          std::find(on.begin(), on.end(), waits_[at].who) != on.end())
        previous = i;
    }
    at = previous;
  }
  return chain;
}

}  // namespace npu::diagnosis
