// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/history.h"

#include <algorithm>
#include <utility>

namespace npu::diagnosis {

using namespace observe;

void History::on(const Event& event) {
  end_ = std::max(end_, event.cycle);
  replayed_ = true;
  std::visit([&](const auto& payload) { take(event.cycle, payload); }, event.payload);
}

void History::take(Cycle cycle, const ChannelChanged& e) {
  Channel& c = channels_[index(e.channel)];
  c.state = e.state;
  c.since = cycle;
  c.bd = e.bd;
  c.queued = e.queued;
}

void History::take(Cycle, const WordsMoved& e) {
  const auto count = [&](Channel& c) {
    c.moved += e.words;
    c.total += e.words;
  };
  if (e.first)
    count(channels_[index(e.from)]);
  count(channels_[index(e.to)]);
}

void History::take(Cycle cycle, const CoreChanged& e) {
  Core& core = cores_[static_cast<size_t>(e.core.tile.index())];
  core.state = e.state;
  core.since = cycle;
  core.detail = e.detail;
}

void History::take(Cycle, const RouteFill& e) {
  channels_[index(e.to)].port_words = e.words;
}

void History::take(Cycle cycle, const Fault& e) {
  faults_.push_back({cycle, e});
}

void History::take(Cycle, const LockChanged& e) {
  Lock& lock = locks_[LockRef{e.tile, e.lock}.index()];
  lock.value = e.value;
  lock.known = true;
  // The last state of a lock, of a run that was not followed: who waits is told anew.
  if (e.what == LockChanged::What::Set && !replayed_)
    lock.waiting.clear();
  if (e.what == LockChanged::What::Waiting)
    lock.waiting.emplace_back(e.agent, e.amount);
  if (e.what != LockChanged::What::Acquired)
    return;
  if (!lock.waiting.empty())
    take_off(lock, e.agent);
  if (e.agent.kind == AgentKind::S2mm)
    take_turn(lock, e.agent);
}

void History::take_off(Lock& lock, const Agent& agent) {
  std::erase_if(lock.waiting, [&](const auto& waiting) { return waiting.first == agent; });
}

void History::take_turn(Lock& lock, const Agent& agent) {
  const auto ahead = [](Lock::Turns& fast, const Agent& slow, uint64_t lead) {
    if (lead <= fast.lead)
      return;
    fast.lead = lead;
    fast.over = slow;
  };
  auto mine = std::find_if(lock.turns.begin(), lock.turns.end(),
                           [&](const Lock::Turns& t) { return t.agent == agent; });
  if (mine == lock.turns.end()) {
    for (Lock::Turns& other : lock.turns)
      ahead(other, agent, other.count);
    mine = lock.turns.insert(mine, {agent, 0, 0, {}});
  }
  ++mine->count;
  for (const Lock::Turns& other : lock.turns)
    if (mine->count > other.count)
      ahead(*mine, other.agent, mine->count - other.count);
}

void History::take(Cycle, const TaskChanged& e) {
  Channel& c = channels_[index(e.channel)];
  c.queued = e.queued;
  c.tasks_pushed += e.what == TaskChanged::What::Pushed;
  c.tasks_finished += e.what == TaskChanged::What::Finished;
  c.tasks_reset += e.what == TaskChanged::What::Reset;
  if (e.what == TaskChanged::What::Dropped && c.tasks_dropped == 0)
    c.first_dropped = c.tasks_pushed + 1;
  c.tasks_dropped += e.what == TaskChanged::What::Dropped;
}

void History::take(Cycle cycle, const HostChanged& e) {
  host_ = {e.what, e.command, cycle};
  if (e.what != HostChanged::What::Running || e.command != 0 || !std::exchange(has_run_, true))
    return;
  residue_.clear();
  for (size_t tile = 0; tile < kTiles; ++tile) {
    for (const AgentKind kind : {AgentKind::S2mm, AgentKind::Mm2s}) {
      for (uint8_t i = 0; i < kChannels; ++i) {
        const Agent agent{LockRef::at(tile * LockRef::kPerTile).tile, kind, i};
        const Channel& c = channel(agent);
        const bool shim = agent.tile.row == 0 && c.state != ChannelState::Idle;
        const bool half = c.moving && c.moved > 0 && c.moved < c.wanted;
        if (shim || half || c.port_words > 0)
          residue_.push_back({agent, half ? c.moved : 0, c.wanted, c.port_words, c.queued});
      }
    }
  }
}

void History::take(Cycle, const DescriptorChanged& e) {
  Channel& c = channels_[index(e.channel)];
  c.moving = !e.finished;
  c.bd = e.bd;
  if (e.finished) {
    // What came for the next descriptor while it was not open yet counts for that one.
    c.moved = c.moved > e.words ? c.moved - e.words : 0;
  } else {
    c.wanted = e.words;
  }
}

}  // namespace npu::diagnosis
