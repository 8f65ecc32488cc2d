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
  /// Before it is wrapped as an Event: the kinds that come by the million, for whoever follows all.
  virtual void take(Cycle cycle, const ChannelChanged& e) { on({cycle, e}); }
  virtual void take(Cycle cycle, const DescriptorChanged& e) { on({cycle, e}); }
  virtual void take(Cycle cycle, const LockChanged& e) { on({cycle, e}); }
  virtual void take(Cycle cycle, const CoreChanged& e) { on({cycle, e}); }
  virtual void take(Cycle cycle, const WordsMoved& e) { on({cycle, e}); }
  virtual void take(Cycle cycle, const RouteFill& e) { on({cycle, e}); }
  template <typename Rare>
  void take(Cycle cycle, const Rare& e) {
    on({cycle, e});
  }
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
    for (Observer* observer : observers_)
      observer->take(cycle, payload);
  }

  std::vector<Observer*> observers_;
  bool wants_memory_ = false;
};

}  // namespace npu::observe
