// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <type_traits>
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
  // Asked when it is attached.
  /// Whether it needs MemoryAccess events, which cost much.
  virtual bool wants_memory() const { return false; }
  /// Whether it needs every change of a state. If not, it is told the last ones when a run is over,
  /// each with the cycle at which it came: of a lock its value as if it were set, and who waits. Of
  /// locks it is told as they come what receivers acquire.
  virtual bool wants_states() const { return true; }
};

/// The kinds that tell a state: each of the same channel, core, port or lock outdates the one
/// before.
template <typename P>
constexpr bool kIsState = std::is_same_v<P, ChannelChanged> || std::is_same_v<P, CoreChanged> ||
                          std::is_same_v<P, RouteFill> || std::is_same_v<P, LockChanged>;

/// Hands events to whoever listens; costs one branch when nobody does.
class Hub {
 public:
  /// The observer must outlive the hub's use.
  void attach(Observer& observer) {
    observers_.push_back(&observer);
    (observer.wants_states() ? of_states_ : of_last_states_).push_back(&observer);
    wants_memory_ = wants_memory_ || observer.wants_memory();
  }
  bool idle() const { return observers_.empty(); }
  bool wants_memory() const { return wants_memory_; }

  /// Whether anybody listens to that kind.
  template <typename P>
  bool wants() const {
    return !(kIsState<P> ? of_states_ : observers_).empty();
  }
  template <typename P>
  void emit(Cycle cycle, const P& payload) const {
    if (wants<P>()) [[unlikely]]
      tell(kIsState<P> ? of_states_ : observers_, cycle, payload);
  }
  /// An event of a trace: everyone is told, as nobody tells the last states of that.
  void replay(const Event& event) const {
    for (Observer* observer : observers_)
      observer->on(event);
  }
  /// For whoever did not follow: a run is over, and this is how it leaves a channel, a core, a port
  /// or a lock.
  template <typename P>
  void tell_last(Cycle since, const P& state) const {
    tell(of_last_states_, since, state);
  }
  void finish(Cycle cycle) const {
    for (Observer* observer : observers_)
      observer->finish(cycle);
  }

 private:
  template <typename P>
  static void tell(const std::vector<Observer*>& to, Cycle cycle, const P& payload) {
    for (Observer* observer : to)
      observer->take(cycle, payload);
  }

  std::vector<Observer*> observers_;
  std::vector<Observer*> of_states_;
  std::vector<Observer*> of_last_states_;
  bool wants_memory_ = false;
};

}  // namespace npu::observe
