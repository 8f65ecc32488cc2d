// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/machine.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

namespace npu::diagnosis {

using Phase = MachineState::Phase;

namespace {

/// Two lanes of multiply and rotate over 64-bit words.
class Digest {
 public:
  void add(const void* data, size_t bytes) {
    const auto* at = static_cast<const unsigned char*>(data);
    for (; bytes > 0; at += 8, bytes -= std::min<size_t>(bytes, 8)) {
      uint64_t word = 0;
      std::memcpy(&word, at, std::min<size_t>(bytes, 8));
      a_ = (std::rotl(a_, 23) ^ word) * 0x9E37'79B9'7F4A'7C15;
      b_ = (std::rotl(b_, 41) + word) * 0xC2B2'AE3D'27D4'EB4F;
    }
  }
  template <typename T>
  void add(const std::vector<T>& values) {
    const uint64_t count = values.size();
    add(&count, sizeof count);
    add(values.data(), values.size() * sizeof(T));
  }
  std::pair<uint64_t, uint64_t> value() const { return {a_ ^ a_ >> 29, b_ ^ b_ >> 31}; }

 private:
  uint64_t a_ = 1;
  uint64_t b_ = 2;
};

}  // namespace

std::pair<uint64_t, uint64_t> MachineState::digest() const {
  static_assert(std::has_unique_object_representations_v<Agent>);
  Digest digest;
  digest.add(agents);
  digest.add(registers);
  digest.add(known);
  digest.add(locks);
  digest.add(holders);
  for (const auto& [sink, words] : marks) {
    digest.add(&sink, sizeof sink);
    digest.add(&words, sizeof words);
  }
  digest.add(&host, sizeof host);
  return digest.value();
}

size_t MachineState::bytes() const {
  return agents.size() * sizeof(Agent) + registers.size() * 9 +
         4 * (locks.size() + holders.size()) + marks.size() * 16 + sizeof(MachineState);
}

Machine::Machine(const Model& model) : model_(model), queued_(model.agents.size()) {
  state_.agents.resize(model.agents.size());
  state_.registers.assign(static_cast<size_t>(model.registers), 0);
  state_.known.assign(static_cast<size_t>(model.registers), 1);
  state_.locks.assign(model.initial.begin(), model.initial.end());
  state_.holders.assign(model.arbiters.size(), kNone);
  for (size_t i = 0; i < model.agents.size(); ++i) {
    const int agent = static_cast<int>(i);
    if (is_core(agent))
      at(agent).phase = fixed(agent).code.empty() ? Phase::Stopped : Phase::Run;
    for (const int task : model.first_tasks[i])
      push({Model::HostOp::What::Push, 0, agent, task, {}});
    wake(agent);
  }
}

void Machine::restore(MachineState state) {
  state_ = std::move(state);
  work_.clear();
  std::fill(queued_.begin(), queued_.end(), 0);
  host_ready_ = true;
  host_full_ = nothing_else_ = false;
  problem_.clear();
}

void Machine::trouble(std::string text) {
  if (problem_.empty())
    problem_ = std::move(text);
}

void Machine::wake(int agent) {
  if (std::exchange(queued_[static_cast<size_t>(agent)], 1))
    return;
  work_.push_back(agent);
}

void Machine::settle() {
  while (problem_.empty() && !host_done()) {
    if (std::exchange(host_ready_, false)) {
      step_host();
    } else if (!work_.empty()) {
      const int agent = work_.front();
      work_.pop_front();
      queued_[static_cast<size_t>(agent)] = 0;
      step(agent);
      if (++steps_ > limit_)
        trouble(fmt::format("it still runs after {} steps", limit_));
    } else if (host_full_ && choices().empty()) {
      // Nothing else can happen: the queue stays full, and the task is dropped in every order.
      nothing_else_ = true;
      step_host();
      nothing_else_ = false;
    } else {
      return;
    }
  }
}

void Machine::step(int agent) {
  is_core(agent) ? step_core(agent) : step_channel(agent);
}

// Channels

void Machine::step_channel(int agent) {
  Agent& a = at(agent);
  switch (a.phase) {
    case Phase::Idle:
      if (start_task(agent))
        wake(agent);
      return;
    case Phase::Acquire:
      if (acquire(agent))
        begin_move(agent);
      else if (model_.host[state_.host].subject == agent)
        host_ready_ = true;  // it may look for just that
      return;
    case Phase::Move:
      if (receives(agent) ? a.credit <= 0 : move(agent))
        end_descriptor(agent);
      return;
    default:
      return;
  }
}

bool Machine::start_task(int agent) {
  Agent& a = at(agent);
  if (a.queued == 0)
    return false;
  a.task = a.queue[0];
  std::rotate(a.queue.begin(), a.queue.begin() + 1, a.queue.end());
  a.queue[static_cast<size_t>(--a.queued)] = 0;
  a.queue.back() = 0;
  a.executions = model_.tasks[static_cast<size_t>(a.task)].repeat;
  a.at = 0;
  a.phase = Phase::Acquire;
  if (host_full_)
    host_ready_ = true;
  return true;
}

bool Machine::acquire(int agent) {
  const Model::Step& d = descriptor(agent);
  if (d.stops) {
    at(agent).phase = Phase::Stopped;
    return false;
  }
  return d.acquire == kNone || take(d.acquire, d.request.value);
}

void Machine::begin_move(int agent) {
  const Model::Step& d = descriptor(agent);
  Agent& a = at(agent);
  a.phase = Phase::Move;
  if (d.words == 0)
    return end_descriptor(agent);
  if (receives(agent))
    open(agent, d.words);
  else
    offer(agent, d.route, d.words + (d.header ? 1 : 0), d.tlast);
  wake(agent);
}

void Machine::end_descriptor(int agent) {
  const Model::Step& d = descriptor(agent);
  Agent& a = at(agent);
  if (a.open && fixed(agent).id.tile.row == 0)
    state_.delivered += d.words;
  a.open = 0;
  if (d.stops_at_release) {
    a.phase = Phase::Stopped;
    return;
  }
  if (d.release != kNone)
    give(agent, d.release, d.release_amount);
  const Model::Task& task = model_.tasks[static_cast<size_t>(a.task)];
  a.phase = Phase::Acquire;
  if (static_cast<size_t>(a.at) + 1 < task.chain.size())
    ++a.at;
  else if (task.again != kNone)
    a.at = task.again;
  else if (--a.executions > 0)
    a.at = 0;
  else
    return end_task(agent);
  wake(agent);
}

void Machine::end_task(int agent) {
  Agent& a = at(agent);
  if (model_.tasks[static_cast<size_t>(a.task)].token) {
    if (!fixed(agent).token_leaves) {
      a.phase = Phase::TokenStalled;
      return;
    }
    ++a.tokens;
  }
  ++a.finished;
  a.task = kNone;
  a.at = 0;
  a.phase = Phase::Idle;
  host_ready_ = true;
  wake(agent);
}

// Locks

bool Machine::take(int lock, int amount) {
  // Who gets a lock that several want is a choice.
  if (model_.locks[static_cast<size_t>(lock)].contended() ||
      state_.locks[static_cast<size_t>(lock)] < -amount)
    return false;
  take_now(lock, amount);
  return true;
}

void Machine::take_now(int lock, int amount) {
  state_.locks[static_cast<size_t>(lock)] += amount;
}

void Machine::give(int agent, int lock, int amount) {
  int32_t& value = state_.locks[static_cast<size_t>(lock)];
  value += amount;
  if (value > arch::kMaxLockValue)
    return trouble(fmt::format(
        "{} can raise lock {} of {} beyond {}", observe::to_string(fixed(agent).id),
        model_.lock_ids[static_cast<size_t>(lock)].lock,
        arch::to_string(model_.lock_ids[static_cast<size_t>(lock)].tile), arch::kMaxLockValue));
  const Model::Shared& shared = model_.locks[static_cast<size_t>(lock)];
  if (!shared.contended())
    for (const int taker : shared.takers)
      wake(taker);
}

// Choices

std::vector<Machine::Choice> Machine::choices() const {
  std::vector<Choice> out;
  for (size_t i = 0; i < model_.locks.size(); ++i) {
    const Model::Shared& lock = model_.locks[i];
    if (!lock.contended())
      continue;
    for (const int taker : lock.takers) {
      const Agent& a = at(taker);
      if (a.phase != Phase::Acquire)
        continue;
      const bool core = is_core(taker);
      const int wanted =
          core ? fixed(taker).lock_of[static_cast<size_t>(a.at)] : descriptor(taker).acquire;
      const int amount = core
                             ? static_cast<int8_t>(fixed(taker).code[static_cast<size_t>(a.at)].imm)
                             : descriptor(taker).request.value;
      if (wanted == static_cast<int>(i) && state_.locks[i] >= -amount)
        out.push_back({false, static_cast<int>(i), taker});
    }
  }
  for (size_t i = 0; i < model_.arbiters.size(); ++i) {
    if (!model_.arbiters[i].contended() || state_.holders[i] != kNone)
      continue;
    for (const int taker : model_.arbiters[i].takers) {
      const Agent& a = at(taker);
      if (!a.in_packet || a.granted)
        continue;
      const auto& route = model_.routes[static_cast<size_t>(a.route)];
      if (route.arbiters[static_cast<size_t>(a.held)] == static_cast<int>(i))
        out.push_back({true, static_cast<int>(i), taker});
    }
  }
  return out;
}

void Machine::grant(const Choice& choice) {
  Agent& a = at(choice.agent);
  if (choice.arbiter) {
    state_.holders[static_cast<size_t>(choice.object)] = choice.agent;
    ++a.held;
    return wake(choice.agent);
  }
  if (is_core(choice.agent)) {
    const auto& in = fixed(choice.agent).code[static_cast<size_t>(a.at)];
    take_now(choice.object, static_cast<int8_t>(in.imm));
    a.phase = Phase::Run;
    ++a.at;
    return wake(choice.agent);
  }
  take_now(choice.object, descriptor(choice.agent).request.value);
  begin_move(choice.agent);
}

GrantStep Machine::step_of(const Choice& choice) const {
  const auto object = static_cast<size_t>(choice.object);
  if (choice.arbiter)
    return {model_.arbiter_ids[object].tile, true, model_.arbiter_ids[object].arbiter,
            fixed(choice.agent).id};
  return {model_.lock_ids[object].tile, false, model_.lock_ids[object].lock,
          fixed(choice.agent).id};
}

}  // namespace npu::diagnosis
