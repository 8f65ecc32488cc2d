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
};

/// Hands events to whoever listens; costs one branch when nobody does.
class Hub {
 public:
  /// The observer must outlive the hub's use.
  void attach(Observer& observer) { observers_.push_back(&observer); }
  bool idle() const { return observers_.empty(); }

  template <typename P>
  void emit(Cycle cycle, const P& payload) const {
    if (observers_.empty())
      return;
    const Event event{cycle, payload};
    for (Observer* observer : observers_)
      observer->on(event);
  }
  void finish(Cycle cycle) const {
    for (Observer* observer : observers_)
      observer->finish(cycle);
  }

 private:
  std::vector<Observer*> observers_;
};

}  // namespace npu::observe
