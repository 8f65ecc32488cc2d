// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/locks.h"

namespace npu::sim {

LockUnit::LockUnit(Context& context, arch::Coord tile) : context_(context), tile_(tile) {
  for (const observe::GrantStep& step : context.options.grants)
    if (step.tile == tile && !step.arbiter && step.number < size())
      schedule_[step.number].push_back(step.agent);
}

bool LockUnit::in_turn(int lock, const observe::Agent& by) const {
  if (schedule_.empty())
    return true;
  const auto found = schedule_.find(lock);
  return found == schedule_.end() || found->second.front() == by;
}

void LockUnit::grant(int lock, logic::AcquireRequest request, const observe::Agent& by) {
  Lock& taken = at(lock);
  taken.value = static_cast<uint8_t>(logic::after_acquire(taken.value, request));
  emit(lock, What::Acquired, by, request.value);
  if (schedule_.empty())
    return;
  const auto found = schedule_.find(lock);
  if (found == schedule_.end())
    return;
  found->second.pop_front();
  if (found->second.empty())
    schedule_.erase(found);
}

void LockUnit::emit(int lock, What what, const observe::Agent& by, int amount) {
  at(lock).touched = true;
  if (context_.hub.idle())
    return;
  const observe::LockChanged changed{tile_, static_cast<uint8_t>(lock),  what,
                                     by,    static_cast<int8_t>(amount), at(lock).value};
  context_.emit(changed);
  // Turns of receivers are counted.
  if (what == What::Acquired && by.kind == observe::AgentKind::S2mm)
    context_.hub.tell_last(context_.now(), changed);
}

void LockUnit::tell_last() const {
  for (int lock = 0; lock < size(); ++lock)
    if (const Lock& last = locks_[static_cast<size_t>(lock)]; last.touched)
      context_.hub.tell_last(
          context_.now(),
          observe::LockChanged{tile_, static_cast<uint8_t>(lock), What::Set, {}, 0, last.value});
  for (const Waiter& waiter : waiters_)
    context_.hub.tell_last(
        context_.now(),
        observe::LockChanged{tile_, static_cast<uint8_t>(waiter.lock), What::Waiting, waiter.agent,
                             waiter.request.value, locks_[static_cast<size_t>(waiter.lock)].value});
}

void LockUnit::set(int lock, int value, const observe::Agent& by) {
  at(lock).value = static_cast<uint8_t>(value);
  emit(lock, What::Set, by, value);
  wake(lock);
}

bool LockUnit::try_acquire(int lock, logic::AcquireRequest request, const observe::Agent& by) {
  if (!logic::can_acquire(value(lock), request) || !in_turn(lock, by))
    return false;
  grant(lock, request, by);
  // A waiter for equality may be satisfied by the new value, and a schedule may have come to one.
  wake(lock);
  return true;
}

bool LockUnit::acquire(int lock, logic::AcquireRequest request, const observe::Agent& by,
                       LockClient& client) {
  if (try_acquire(lock, request, by))
    return true;
  emit(lock, What::Waiting, by, request.value);
  waiters_.push_back({&client, request, by, lock});
  ++at(lock).waiters;
  return false;
}

void LockUnit::release(int lock, int amount, const observe::Agent& by) {
  const logic::Released released = logic::after_release(value(lock), amount);
  at(lock).value = static_cast<uint8_t>(released.value);
  emit(lock, What::Released, by, amount);
  if (released.overflow || released.underflow) {
    (released.overflow ? overflows_ : underflows_) |= uint64_t{1} << lock;
    emit(lock, released.overflow ? What::Overflow : What::Underflow, by, amount);
  }
  wake(lock);
}

void LockUnit::wake_waiters(int lock) {
  for (size_t i = 0; i < waiters_.size(); ++i) {
    const Waiter& waiting = waiters_[i];
    if (waiting.lock != lock || !logic::can_acquire(value(lock), waiting.request) ||
        !in_turn(lock, waiting.agent))
      continue;
    const Waiter waiter = waiting;
    waiters_.erase(waiters_.begin() + static_cast<ptrdiff_t>(i));
    --at(lock).waiters;
    grant(lock, waiter.request, waiter.agent);
    waiter.client->locked(context_.now() + context_.timing.lock.wake.cycles());
    // An earlier waiter may be satisfied, or in turn, now.
    return wake(lock);
  }
}

void LockUnit::withdraw(const LockClient& client) {
  std::erase_if(waiters_, [&](const Waiter& w) {
    if (w.client != &client)
      return false;
    --at(w.lock).waiters;
    return true;
  });
}

}  // namespace npu::sim
