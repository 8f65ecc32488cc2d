// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/order.h"

#include <algorithm>

#include <fmt/format.h>

namespace npu::observe {

namespace {

/// Whether a lock of that value satisfies an acquire: negative amounts wait for at least, others
/// for exactly.
bool satisfies(int value, int amount) {
  return amount < 0 ? value >= -amount : value == amount;
}

}  // namespace

void VectorClock::tick(size_t agent) {
  if (agent >= counts_.size())
    counts_.resize(agent + 1);
  ++counts_[agent];
}

void VectorClock::join(const VectorClock& other) {
  if (counts_.size() < other.counts_.size())
    counts_.resize(other.counts_.size());
  for (size_t i = 0; i < other.counts_.size(); ++i)
    counts_[i] = std::max(counts_[i], other.counts_[i]);
}

std::string OrderFinding::text() const {
  const std::string both = fmt::format("{} and by {} in an order that nothing fixes",
                                       to_string(first), to_string(second));
  if (lock >= 0)
    return fmt::format("{}.lock{} is acquired by {}", to_string(tile), lock, both);
  return fmt::format("the port of {} is sent to by {}", to_string(receiver), both);
}

size_t OrderChecker::id(const Agent& agent) {
  const auto [found, is_new] = ids_.try_emplace(agent, agents_.size());
  if (is_new) {
    agents_.push_back(agent);
    clocks_.emplace_back();
    clocks_.back().tick(found->second);
  }
  return found->second;
}

void OrderChecker::on(const Event& event) {
  std::visit([&](const auto& payload) { add(event.cycle, payload); }, event.payload);
}

void OrderChecker::add(Cycle cycle, const LockChanged& e) {
  Lock& lock = locks_[{e.tile, e.lock}];
  switch (e.what) {
    case LockChanged::What::Acquired:
      acquired(cycle, e, lock);
      break;
    case LockChanged::What::Released:
      released(e, lock);
      break;
    case LockChanged::What::Set: {
      const size_t agent = id(e.agent);
      lock.credits = {{e.value, clocks_[agent]}};
      clocks_[agent].tick(agent);
      break;
    }
    case LockChanged::What::Waiting:
      lock.waiting[id(e.agent)] = e.amount;
      break;
    case LockChanged::What::Overflow:
    case LockChanged::What::Underflow:
      break;
  }
  lock.value = e.value;
}

void OrderChecker::finish(Cycle cycle) {
  for (const auto& [place, lock] : locks_)
    for (const auto& [agent, amount] : lock.waiting)
      compare(cycle, place.first, place.second, lock, agent, amount);
}

void OrderChecker::compare(Cycle cycle, Coord tile, int id, const Lock& lock, size_t agent,
                           int amount) {
  for (const auto& [other, acquire] : lock.acquires)
    if (other != agent && acquire.count > clocks_[agent].of(other) &&
        satisfies(acquire.before, amount))
      find({cycle, tile, id, {}, agents_[other], agents_[agent]});
}

void OrderChecker::acquired(Cycle cycle, const LockChanged& e, Lock& lock) {
  const size_t agent = id(e.agent);
  VectorClock& clock = clocks_[agent];
  lock.waiting.erase(agent);
  compare(cycle, e.tile, e.lock, lock, agent, e.amount);
  lock.acquires[agent] = {clock.of(agent), lock.value};
  if (e.amount < 0) {
    take(lock, -e.amount, clock);
  } else {
    // The exact value is the work of all who changed the lock so far; the acquire takes nothing
    // from it.
    for (const Credit& credit : lock.credits)
      clock.join(credit.clock);
  }
}

void OrderChecker::released(const LockChanged& e, Lock& lock) {
  const size_t agent = id(e.agent);
  if (e.amount > 0)
    lock.credits.push_back({e.amount, clocks_[agent]});
  else
    take(lock, -e.amount, clocks_[agent]);
  clocks_[agent].tick(agent);
}

void OrderChecker::take(Lock& lock, int units, VectorClock& clock) {
  while (units > 0 && !lock.credits.empty()) {
    Credit& oldest = lock.credits.front();
    clock.join(oldest.clock);
    const int taken = std::min(units, oldest.units);
    units -= taken;
    oldest.units -= taken;
    if (oldest.units <= 0)
      lock.credits.pop_front();
  }
}

void OrderChecker::add(Cycle cycle, const WordsMoved& e) {
  const size_t from = id(e.from);
  const size_t to = id(e.to);
  Port& port = ports_[e.to];
  for (const auto& [other, count] : port.sends)
    if (other != from && count > clocks_[from].of(other))
      find({cycle, e.to.tile, -1, e.to, agents_[other], e.from});
  port.sends[from] = clocks_[from].of(from);
  clocks_[to].join(clocks_[from]);
  clocks_[from].tick(from);
}

void OrderChecker::add(Cycle, const TaskChanged& e) {
  const size_t host = id(Agent{});
  if (e.what == TaskChanged::What::Pushed) {
    pushed_[e.channel].push_back(clocks_[host]);
    clocks_[host].tick(host);
    return;
  }
  auto& waiting = pushed_[e.channel];
  if (e.what == TaskChanged::What::Reset)
    waiting.clear();
  if (e.what != TaskChanged::What::Started || waiting.empty())
    return;
  clocks_[id(e.channel)].join(waiting.front());
  waiting.pop_front();
}

void OrderChecker::add(Cycle, const TokenIssued& e) {
  const size_t channel = id(e.channel);
  tokens_.join(clocks_[channel]);
  clocks_[channel].tick(channel);
}

void OrderChecker::add(Cycle, const HostChanged& e) {
  if (host_waits_)
    clocks_[id(Agent{})].join(tokens_);
  host_waits_ = e.what == HostChanged::What::Syncing;
}

void OrderChecker::find(const OrderFinding& finding) {
  const auto [low, high] = std::minmax(finding.first, finding.second);
  if (told_.emplace(finding.tile, finding.lock, finding.receiver, low, high).second)
    findings_.push_back(finding);
}

}  // namespace npu::observe
