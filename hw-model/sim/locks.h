// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "hw-model/logic/lock.h"
#include "hw-model/sim/context.h"

namespace npu::sim {

/// Waits for a lock. `locked`: it has been taken, and what it was wanted for may begin at `from`.
/// Told while the lock is being released: nothing may depend on what the releaser does next.
class LockClient {
 public:
  virtual void locked(Cycle from) = 0;

 protected:
  ~LockClient() = default;
};

/// The locks of one tile. A release wakes every waiter it can satisfy, in order of arrival.
class LockUnit {
 public:
  LockUnit(Context& context, arch::Coord tile);

  int size() const { return arch::facts(tile_.kind()).locks; }
  int value(int lock) const { return locks_[static_cast<size_t>(lock)].value; }

  /// Sets the value register; wakes whom that satisfies.
  void set(int lock, int value, const observe::Agent& by);

  /// Takes the lock now and returns true, or queues and returns false: then the client is told
  /// when it has been taken, with the lock's wake-up time.
  bool acquire(int lock, logic::AcquireRequest request, const observe::Agent& by,
               LockClient& client);
  /// Takes the lock now or not at all: the memory-mapped request.
  bool try_acquire(int lock, logic::AcquireRequest request, const observe::Agent& by);
  void release(int lock, int amount, const observe::Agent& by);

  /// Tells how a run has left the locks.
  void tell_last() const;
  /// The client waits no longer.
  void withdraw(const LockClient& client);

  uint64_t overflows() const { return overflows_; }
  uint64_t underflows() const { return underflows_; }
  void clear_overflows(uint64_t mask) { overflows_ &= ~mask; }
  void clear_underflows(uint64_t mask) { underflows_ &= ~mask; }

 private:
  using What = observe::LockChanged::What;
  struct Waiter {
    LockClient* client;
    logic::AcquireRequest request;
    observe::Agent agent;
    int lock;
  };
  struct Lock {
    uint8_t value = 0;
    uint8_t waiters = 0;
    bool touched = false;
  };
  void wake(int lock) {
    if (at(lock).waiters > 0)
      wake_waiters(lock);
  }
  Lock& at(int lock) { return locks_[static_cast<size_t>(lock)]; }

  void wake_waiters(int lock);
  /// Whether a schedule lets that agent have the lock next.
  bool in_turn(int lock, const observe::Agent& by) const;
  void grant(int lock, logic::AcquireRequest request, const observe::Agent& by);
  void emit(int lock, What what, const observe::Agent& by, int amount);

  Context& context_;
  arch::Coord tile_;
  std::array<Lock, 64> locks_{};
  std::vector<Waiter> waiters_;  ///< for all locks, in order of arrival: never many
  std::map<int, std::deque<observe::Agent>> schedule_;  ///< who gets which lock, in order
  uint64_t overflows_ = 0;
  uint64_t underflows_ = 0;
};

}  // namespace npu::sim
