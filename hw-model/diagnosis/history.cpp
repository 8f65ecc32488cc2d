// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/history.h"

#include <algorithm>
#include <utility>

namespace npu::diagnosis {

using namespace observe;

void History::on(const Event& event) {
  end_ = std::max(end_, event.cycle);
  if (const auto* e = std::get_if<ChannelChanged>(&event.payload)) {
    Channel& c = channels_[index(e->channel)];
    c.state = e->state;
    c.since = event.cycle;
    c.bd = e->bd;
    c.queued = e->queued;
  } else if (const auto* w = std::get_if<WordsMoved>(&event.payload)) {
    const auto count = [&](Channel& c) {
      c.moved += w->words;
      c.total += w->words;
    };
    if (w->first)
      count(channels_[index(w->from)]);
    count(channels_[index(w->to)]);
  } else if (const auto* l = std::get_if<LockChanged>(&event.payload)) {
    on_lock(*l);
  } else if (const auto* d = std::get_if<DescriptorChanged>(&event.payload)) {
    on_descriptor(*d);
  } else if (const auto* t = std::get_if<TaskChanged>(&event.payload)) {
    on_task(*t);
  } else if (const auto* k = std::get_if<CoreChanged>(&event.payload)) {
    Core& core = cores_[static_cast<size_t>(k->core.tile.index())];
    core.state = k->state;
    core.since = event.cycle;
    core.detail = k->detail;
    core.kernels += k->state == CoreState::Kernel;
  } else if (const auto* h = std::get_if<HostChanged>(&event.payload)) {
    on_host(event.cycle, *h);
  } else if (const auto* f = std::get_if<RouteFill>(&event.payload)) {
    channels_[index(f->to)].port_words = f->words;
  } else if (const auto* k2 = std::get_if<TokenIssued>(&event.payload)) {
    ++channels_[index(k2->channel)].tokens;
  } else if (std::holds_alternative<Fault>(event.payload)) {
    faults_.push_back(event);
  }
}

void History::on_lock(const LockChanged& e) {
  Lock& lock = locks_[LockRef{e.tile, e.lock}.index()];
  lock.value = e.value;
  lock.known = true;
  if (e.what == LockChanged::What::Waiting)
    lock.waiting.emplace_back(e.agent, e.amount);
  else if (e.what == LockChanged::What::Acquired)
    std::erase_if(lock.waiting, [&](const auto& w) { return w.first == e.agent; });
  if (e.what == LockChanged::What::Acquired && e.agent.kind == AgentKind::S2mm)
    take_turn(lock, e.agent);
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

void History::on_task(const TaskChanged& e) {
  Channel& c = channels_[index(e.channel)];
  c.queued = e.queued;
  c.tasks_pushed += e.what == TaskChanged::What::Pushed;
  c.tasks_started += e.what == TaskChanged::What::Started;
  c.tasks_finished += e.what == TaskChanged::What::Finished;
  if (e.what == TaskChanged::What::Dropped && c.tasks_dropped == 0)
    c.first_dropped = c.tasks_pushed + 1;
  c.tasks_dropped += e.what == TaskChanged::What::Dropped;
}

void History::on_host(Cycle cycle, const HostChanged& e) {
  host_ = {e.what, e.command, cycle};
  if (e.what != HostChanged::What::Running || e.command != 0 || !std::exchange(has_run_, true))
    return;
  residue_.clear();
  for (size_t tile = 0; tile < kTiles; ++tile) {
    for (const AgentKind kind : {AgentKind::S2mm, AgentKind::Mm2s}) {
      for (uint8_t i = 0; i < kPlaceOfCore; ++i) {
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

void History::on_descriptor(const DescriptorChanged& e) {
  Channel& c = channels_[index(e.channel)];
  c.moving = !e.finished;
  c.bd = e.bd;
  if (e.finished) {
    ++c.finished;
    // What came for the next descriptor while it was not open yet counts for that one.
    c.moved = c.moved > e.words ? c.moved - e.words : 0;
  } else {
    c.wanted = e.words;
  }
}

}  // namespace npu::diagnosis
