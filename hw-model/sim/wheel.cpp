// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/wheel.h"

#include <algorithm>
#include <bit>

namespace npu::sim {

Wheel::Wheel() : slots_(kSlots) {}

void Wheel::seed(std::optional<uint64_t> seed) {
  random_.reset();
  if (seed)
    random_.emplace(*seed);
}

void Wheel::arm(Alarm& alarm, Cycle at) {
  if (alarm.armed_)
    cancel(alarm);
  alarm.at_ = std::max(at, now_);
  alarm.armed_ = true;
  ++pending_;
  if (next_ != kUnknown)
    next_ = std::min(next_, alarm.at_);
  if (alarm.at_ - now_ < kSlots) {
    link(alarm);
  } else {
    far_.push_back(&alarm);
    far_next_ = std::min(far_next_, alarm.at_);
  }
}

void Wheel::cancel(Alarm& alarm) {
  if (!alarm.armed_)
    return;
  alarm.armed_ = false;
  --pending_;
  if (alarm.at_ == next_)
    next_ = kUnknown;
  const auto far = std::find(far_.begin(), far_.end(), &alarm);
  if (far == far_.end())
    return unlink(alarm);
  far_.erase(far);
  far_next_ = arch::kNever;
  for (const Alarm* a : far_)
    far_next_ = std::min(far_next_, a->at_);
}

void Wheel::link(Alarm& alarm) {
  const size_t index = alarm.at_ % kSlots;
  Slot& first = slots_[index];
  alarm.next_ = nullptr;
  if (first) {
    alarm.previous_ = first->previous_;
    first->previous_->next_ = &alarm;
    first->previous_ = &alarm;
    return;
  }
  alarm.previous_ = &alarm;
  first = &alarm;
  used_[index / 64] |= uint64_t{1} << index % 64;
}

void Wheel::unlink(Alarm& alarm) {
  const size_t index = alarm.at_ % kSlots;
  Slot& first = slots_[index];
  (alarm.next_ ? alarm.next_ : first)->previous_ = alarm.previous_;
  (&alarm == first ? first : alarm.previous_->next_) = alarm.next_;
  if (!first)
    used_[index / 64] &= ~(uint64_t{1} << index % 64);
}

Cycle Wheel::find_next() const {
  if (pending_ == 0)
    return arch::kNever;
  // Slots hold events of [now, now + kSlots) only, so the distance around the wheel is the time.
  const size_t start = now_ % kSlots;
  for (size_t step = 0; step <= kSlots / 64; ++step) {
    const size_t word = (start / 64 + step) % (kSlots / 64);
    uint64_t bits = used_[word];
    if (step == 0)
      bits &= ~uint64_t{0} << start % 64;
    else if (step == kSlots / 64)
      bits &= (uint64_t{1} << start % 64) - 1;
    if (bits) {
      const size_t index = word * 64 + static_cast<size_t>(std::countr_zero(bits));
      return std::min(now_ + (index + kSlots - start) % kSlots, far_next_);
    }
  }
  return far_next_;
}

void Wheel::refill() {
  if (far_next_ == arch::kNever || far_next_ - now_ >= kSlots)
    return;
  far_next_ = arch::kNever;
  // In the order of arming, so that ties keep it.
  std::erase_if(far_, [&](Alarm* alarm) {
    if (alarm->at_ - now_ < kSlots) {
      link(*alarm);
      return true;
    }
    far_next_ = std::min(far_next_, alarm->at_);
    return false;
  });
}

Alarm* Wheel::pick(Slot slot) {
  Alarm* chosen = slot;
  if (!random_ || !chosen->next_)
    return chosen;
  size_t count = 0;
  for (const Alarm* a = slot; a; a = a->next_)
    ++count;
  for (size_t steps = (*random_)() % count; steps > 0; --steps)
    chosen = chosen->next_;
  return chosen;
}

void Wheel::advance() {
  const Cycle at = next();
  if (at == arch::kNever)
    return;
  now_ = at;
  next_ = kUnknown;
  refill();
  const Slot& first = slots_[now_ % kSlots];
  while (first) {
    Alarm* alarm = pick(first);
    unlink(*alarm);
    alarm->armed_ = false;
    --pending_;
    ++fired_;
    alarm->fire_(alarm->object_);
  }
}

}  // namespace npu::sim
