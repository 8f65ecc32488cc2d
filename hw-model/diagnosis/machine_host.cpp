// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The host of the abstract machine, and the state as others see it.
#include <algorithm>

#include <fmt/format.h>

#include "hw-model/diagnosis/machine.h"

namespace npu::diagnosis {

using observe::AgentKind;
using What = Model::HostOp::What;

void Machine::step_host() {
  while (problem_.empty() && !host_done() && execute(model_.host[state_.host]))
    ++state_.host;
}

bool Machine::busy(int agent) const {
  const Agent& a = at(agent);
  return a.task != kNone || a.queued > 0;
}

/// False when the host must wait.
bool Machine::execute(const Model::HostOp& op) {
  switch (op.what) {
    case What::Push:
      return push(op);
    case What::Sync:
      return sync(op);
    case What::SetLock:
      return set_lock(op);
    case What::Rewrite:
      return rewrite(op);
    case What::WaitDone:
      return at(op.subject).phase == Phase::Done;
    case What::WaitIdle:
      return !busy(op.subject);
    case What::WaitStalled:
      return stalled(op);
    case What::Never:
      return false;
  }
  return false;
}

bool Machine::push(const Model::HostOp& op) {
  Agent& a = at(op.subject);
  const int filled = a.queued + (a.task != kNone && model_.running_task_counts ? 1 : 0);
  if (filled >= model_.queue_depth) {
    if (!nothing_else_) {
      host_full_ = true;
      return false;
    }
    ++a.dropped;
    host_full_ = false;
    return true;
  }
  if (host_full_) {
    trouble(fmt::format("host command {} pushes a task to {}, whose queue may be full",
                        op.command + 1, observe::to_string(fixed(op.subject).id)));
    return false;
  }
  a.queue[static_cast<size_t>(a.queued++)] = op.value;
  wake(op.subject);
  return true;
}

bool Machine::sync(const Model::HostOp& op) {
  for (const int channel : op.agents)
    if (at(channel).tokens == 0)
      return false;
  for (const int channel : op.agents)
    --at(channel).tokens;
  return true;
}

/// Whether a channel waits for a lock at the descriptor. In order with all else only when nobody
/// gives the lock, so that it waits for good.
bool Machine::stalled(const Model::HostOp& op) {
  if (at(op.subject).phase != Phase::Acquire)
    return false;
  const Model::Step& step = descriptor(op.subject);
  if (step.acquire == kNone || (op.value != kNone && step.bd != op.value) ||
      state_.locks[static_cast<size_t>(step.acquire)] >= -step.request.value)
    return false;
  if (model_.locks[static_cast<size_t>(step.acquire)].givers.empty())
    return true;
  trouble(fmt::format("host command {} polls whether {} waits for a lock that others give",
                      op.command + 1, observe::to_string(fixed(op.subject).id)));
  return false;
}

/// Setting a lock is in order with all else only when nobody can change it meanwhile.
bool Machine::set_lock(const Model::HostOp& op) {
  const auto index = static_cast<size_t>(op.subject);
  const Model::Shared& lock = model_.locks[index];
  const auto at_work = [&](int user) { return is_core(user) || busy(user); };
  if (std::ranges::any_of(lock.givers, at_work) ||
      (state_.locks[index] != 0 && std::ranges::any_of(lock.takers, at_work))) {
    trouble(fmt::format("host command {} sets lock {} of {} while others use it", op.command + 1,
                        model_.lock_ids[index].lock, arch::to_string(model_.lock_ids[index].tile)));
    return false;
  }
  state_.locks[index] = op.value;
  if (!lock.contended())
    for (const int taker : lock.takers)
      wake(taker);
  return true;
}

bool Machine::rewrite(const Model::HostOp& op) {
  const auto has = [&](int task) {
    const auto& chain = model_.tasks[static_cast<size_t>(task)].chain;
    return std::any_of(chain.begin(), chain.end(),
                       [&](const Model::Step& d) { return d.bd == op.value; });
  };
  for (const int channel : op.agents) {
    const Agent& a = at(channel);
    bool used = a.task != kNone && has(a.task);
    for (int i = 0; i < a.queued; ++i)
      used = used || has(a.queue[static_cast<size_t>(i)]);
    if (used)
      trouble(fmt::format("host command {} rewrites bd{} of {} while a task may still use it",
                          op.command + 1, op.value, observe::to_string(fixed(channel).id)));
  }
  return problem_.empty();
}

void Machine::blockers(int agent, std::vector<int>& out) const {
  out.clear();
  const auto add = [&](const std::vector<int>& list) {
    out.insert(out.end(), list.begin(), list.end());
  };
  if (agent == model_.host_agent()) {
    const Model::HostOp& op = model_.host[state_.host];
    if (op.what == What::Sync) {
      for (const int channel : op.agents)
        if (at(channel).tokens == 0)
          return out.push_back(channel);
    } else if (op.what != What::SetLock && op.what != What::Never && op.subject != kNone) {
      out.push_back(op.subject);
    }
    return;
  }
  const Agent& a = at(agent);
  switch (a.phase) {
    case Phase::Idle:
      return out.push_back(model_.host_agent());
    case Phase::Acquire: {
      const bool core = is_core(agent);
      const auto place = static_cast<size_t>(a.at);
      const int lock = core ? fixed(agent).lock_of[place] : descriptor(agent).acquire;
      const int amount = core ? static_cast<int8_t>(fixed(agent).code[place].imm)
                              : descriptor(agent).request.value;
      const Model::Shared& shared = model_.locks[static_cast<size_t>(lock)];
      const bool enough = state_.locks[static_cast<size_t>(lock)] >= -amount;
      add(enough ? shared.takers : shared.givers);
      if (shared.host_sets)
        out.push_back(model_.host_agent());
      return;
    }
    case Phase::Get:
      return add(fixed(agent).sources);
    case Phase::Put:
    case Phase::Move: {
      if (receives(agent))
        return add(fixed(agent).sources);
      if (a.route < 0)
        return;
      const Model::Route& route = model_.routes[static_cast<size_t>(a.route)];
      if (!a.granted) {
        const auto arbiter = static_cast<size_t>(route.arbiters[static_cast<size_t>(a.held)]);
        if (state_.holders[arbiter] != kNone)
          return out.push_back(state_.holders[arbiter]);
        return add(model_.arbiters[arbiter].takers);
      }
      for (const Model::Leg& leg : route.legs)
        if (room(a, leg) == 0)
          return out.push_back(leg.sink);
      return;
    }
    case Phase::CascadeGet:
      for (size_t i = 0; i < model_.agents.size(); ++i)
        if (model_.agents[i].cascade_target == agent)
          out.push_back(static_cast<int>(i));
      return;
    case Phase::CascadePut:
      if (fixed(agent).cascade_target != kNone)
        out.push_back(fixed(agent).cascade_target);
      return;
    default:
      return;
  }
}

std::vector<observe::Event> Machine::events() const {
  std::vector<observe::Event> out;
  for (size_t i = 0; i < model_.locks.size(); ++i)
    out.push_back({0, observe::LockChanged{model_.lock_ids[i].tile,
                                           model_.lock_ids[i].lock,
                                           observe::LockChanged::What::Set,
                                           {},
                                           0,
                                           static_cast<uint8_t>(state_.locks[i])}});
  for (size_t i = 0; i < state_.agents.size(); ++i) {
    const int agent = static_cast<int>(i);
    is_core(agent) ? core_events(agent, out) : channel_events(agent, out);
  }
  if (host_done()) {
    out.push_back({0, observe::HostChanged{observe::HostChanged::What::Done, model_.commands}});
    return out;
  }
  const Model::HostOp& op = model_.host[state_.host];
  const bool syncs = op.what == What::Sync || (op.what == What::Never && op.subject == kNone);
  out.push_back({0, observe::HostChanged{syncs ? observe::HostChanged::What::Syncing
                                               : observe::HostChanged::What::Polling,
                                         op.command}});
  return out;
}

void Machine::channel_events(int agent, std::vector<observe::Event>& out) const {
  using observe::ChannelState;
  using observe::TaskChanged;
  const Agent& a = at(agent);
  const observe::Agent id = fixed(agent).id;
  const auto task = [&](TaskChanged::What what, int count) {
    for (int i = 0; i < count; ++i)
      out.push_back({0, TaskChanged{id, what, 0, static_cast<uint8_t>(a.queued), 1, false}});
  };
  const int running = a.task != kNone;
  task(TaskChanged::What::Pushed, a.finished + a.queued + running);
  task(TaskChanged::What::Started, a.finished + running);
  task(TaskChanged::What::Finished, a.finished);
  task(TaskChanged::What::Dropped, a.dropped);
  if (receives(agent) && a.credit < 0)
    out.push_back({0, observe::RouteFill{id, static_cast<uint32_t>(-a.credit)}});
  if (!running)
    return;
  const Model::Step& d = descriptor(agent);
  ChannelState state_now = ChannelState::Stopped;
  if (a.phase == Phase::Acquire) {
    state_now = ChannelState::Acquiring;
    const LockRef lock = model_.lock_ids[static_cast<size_t>(d.acquire)];
    out.push_back(
        {0, observe::LockChanged{
                lock.tile, lock.lock, observe::LockChanged::What::Waiting, id, d.request.value,
                static_cast<uint8_t>(state_.locks[static_cast<size_t>(d.acquire)])}});
  } else if (a.phase == Phase::TokenStalled) {
    state_now = ChannelState::TokenStalled;
  } else if (a.phase == Phase::Move) {
    state_now = receives(agent) ? ChannelState::Starved : ChannelState::Backpressured;
    out.push_back(
        {0, observe::DescriptorChanged{id, false, d.bd, static_cast<uint32_t>(d.words), 0}});
    const int64_t moved = d.words - std::max<int64_t>(receives(agent) ? a.credit : a.left, 0);
    if (moved > 0)
      out.push_back({0, observe::WordsMoved{id, id, static_cast<uint32_t>(moved), false}});
  }
  out.push_back(
      {0, observe::ChannelChanged{id, state_now, d.bd, static_cast<uint8_t>(a.queued + 1)}});
}

void Machine::core_events(int agent, std::vector<observe::Event>& out) const {
  using observe::CoreState;
  const Agent& a = at(agent);
  const observe::Agent id = fixed(agent).id;
  CoreState core = CoreState::Running;
  uint16_t detail = 0;
  if (a.phase == Phase::Acquire) {
    core = CoreState::LockStall;
    const auto& in = fixed(agent).code[static_cast<size_t>(a.at)];
    const auto lock = static_cast<size_t>(fixed(agent).lock_of[static_cast<size_t>(a.at)]);
    out.push_back({0, observe::LockChanged{model_.lock_ids[lock].tile, model_.lock_ids[lock].lock,
                                           observe::LockChanged::What::Waiting, id,
                                           static_cast<int8_t>(in.imm),
                                           static_cast<uint8_t>(state_.locks[lock])}});
  } else if (a.phase == Phase::Get || a.phase == Phase::Put) {
    core = CoreState::StreamStall;
    detail = a.phase == Phase::Put;
  } else if (a.phase == Phase::CascadeGet || a.phase == Phase::CascadePut) {
    core = CoreState::CascadeStall;
    detail = a.phase == Phase::CascadePut;
  } else if (a.phase == Phase::Done) {
    core = CoreState::Done;
  } else if (a.phase == Phase::Stopped) {
    core = CoreState::Halted;
  }
  out.push_back({0, observe::CoreChanged{id, core, detail, 0}});
}

}  // namespace npu::diagnosis
