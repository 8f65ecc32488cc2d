// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "hw-model/arch/types.h"

namespace npu::sim {

using arch::Cycle;

class Wheel;

/// Something that happens at one cycle. Lives inside the object it belongs to; armed at most once
/// at a time.
class Alarm {
 public:
  /// `alarm.bind<&Channel::start>(*this)`
  template <auto Method, typename T>
  void bind(T& object) {
    object_ = &object;
    fire_ = [](void* o) { (static_cast<T*>(o)->*Method)(); };
  }
  Alarm() = default;
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  bool armed() const { return armed_; }
  Cycle at() const { return at_; }

 private:
  friend class Wheel;
  void* object_ = nullptr;
  void (*fire_)(void*) = nullptr;
  Alarm* next_ = nullptr;
  Alarm* previous_ = nullptr;
  Cycle at_ = 0;
  bool armed_ = false;
};

/// Time. Events of one cycle happen in the order in which they were armed; a schedule seed permutes
/// them.
class Wheel {
 public:
  Wheel();
  void seed(std::optional<uint64_t> seed);

  Cycle now() const { return now_; }
  uint64_t fired() const { return fired_; }
  bool empty() const { return pending_ == 0; }

  /// Arms an alarm at `at`, or now when that is past. Re-arms an armed one.
  void arm(Alarm& alarm, Cycle at);
  void cancel(Alarm& alarm);

  /// The cycle of the next event, or kNever.
  Cycle next() const {
    if (next_ == kUnknown)
      next_ = find_next();
    return next_;
  }

  /// Fires the events of the cycle `next()`.
  void advance();

  /// Lets time pass without events, to at most the next one.
  void skip_to(Cycle cycle) {
    if (cycle <= now_)
      return;
    now_ = cycle;
    refill();
  }

 private:
  static constexpr size_t kSlots = 4096;
  static constexpr Cycle kUnknown = arch::kNever - 1;
  /// The first alarm of a cycle; it links back to the last, so that a slot is one pointer.
  using Slot = Alarm*;
  Cycle find_next() const;
  void link(Alarm& alarm);
  void unlink(Alarm& alarm);
  void refill();
  Alarm* pick(Slot slot);

  Cycle now_ = 0;
  uint64_t fired_ = 0;
  size_t pending_ = 0;
  std::vector<Slot> slots_;
  std::array<uint64_t, kSlots / 64> used_{};
  std::vector<Alarm*> far_;  ///< beyond the wheel's reach
  Cycle far_next_ = arch::kNever;
  mutable Cycle next_ = kUnknown;
  std::optional<std::mt19937_64> random_;
};

}  // namespace npu::sim
