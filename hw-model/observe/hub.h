// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <vector>

#include "hw-model/observe/event.h"

namespace npu::observe {

/// Sees events, and has no handle on the model, so it cannot change a run.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on(const Event& event) = 0;
  /// The run is over, at that cycle.
  virtual void finish(Cycle) {}
  /// Whether it needs MemoryAccess events, which cost much; asked when it is attached.
  virtual bool wants_memory() const { return false; }
};

/// Hands events to whoever listens; costs one branch when nobody does.
class Hub {
 public:
  /// The observer must outlive the hub's use.
  void attach(Observer& observer) {
    observers_.push_back(&observer);
    wants_memory_ = wants_memory_ || observer.wants_memory();
  }
  bool idle() const { return observers_.empty(); }
  bool wants_memory() const { return wants_memory_; }

  template <typename P>
  void emit(Cycle cycle, const P& payload) const {
    if (!observers_.empty()) [[unlikely]]
      tell(cycle, payload);
  }
  void finish(Cycle cycle) const {
    for (Observer* observer : observers_)
      observer->finish(cycle);
  }

 private:
  template <typename P>
  void tell(Cycle cycle, const P& payload) const {
    const Event event{cycle, payload};
    for (Observer* observer : observers_)
      observer->on(event);
  }

  std::vector<Observer*> observers_;
  bool wants_memory_ = false;
};

}  // namespace npu::observe
