// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "hw-model/observe/hub.h"

namespace npu::observe {

/// How far an agent knows the others to have come: one count per agent.
class VectorClock {
 public:
  uint32_t of(size_t agent) const { return agent < counts_.size() ? counts_[agent] : 0; }
  void tick(size_t agent);
  void join(const VectorClock& other);

 private:
  std::vector<uint32_t> counts_;
};

/// Two agents whose order nothing fixes, at a place where it matters.
struct OrderFinding {
  Cycle cycle = 0;  ///< of the later one
  Coord tile;
  int lock = -1;  ///< -1: the port of `receiver`
  Agent receiver;
  Agent first;  ///< as it happened in this run
  Agent second;

  /// `memtile(0,1).lock3 is acquired by memtile(0,1).s2mm0 and by memtile(0,1).s2mm1 in an order
  /// that nothing fixes`
  std::string text() const;
};

/// Tells whether the outcome of a run depends on an order that the design does not fix: two agents
/// acquire the same lock, or send to the same port, and the later one did not have to wait for the
/// earlier one.
///
/// What had to come before what (happens-before) follows from the events: what an agent does is in
/// order; an acquire comes after the releases whose credit it takes, oldest first; a receiver comes
/// after the sender of its words; a task starts after its push; the host goes on, after a sync,
/// after the tokens that came. Two acquires are compared by when the later agent could have asked,
/// not by when it got the lock, and only when the earlier agent's lock would have satisfied it.
class OrderChecker : public Observer {
 public:
  void on(const Event& event) override;
  /// Agents that still wait at the end are compared too: the lock may have gone to another one.
  void finish(Cycle cycle) override;

  bool order_dependent() const { return !findings_.empty(); }
  /// Each lock or port once for each pair of agents.
  const std::vector<OrderFinding>& findings() const { return findings_; }

  /// A dense number of the agent, the same for the whole run.
  size_t id(const Agent& agent);
  const Agent& agent(size_t id) const { return agents_[id]; }
  /// What that agent knows now.
  const VectorClock& clock(size_t id) const { return clocks_[id]; }

 private:
  /// Units that a release added to a lock, with what its agent knew.
  struct Credit {
    int units;
    VectorClock clock;
  };
  /// The last acquire of an agent, by its own count, and the value that it found.
  struct Acquire {
    uint32_t count;
    int before;
  };
  struct Lock {
    int value = 0;
    std::deque<Credit> credits;
    std::map<size_t, Acquire> acquires;  ///< by agent
    std::map<size_t, int> waiting;       ///< amounts, by agent
  };
  struct Port {
    std::map<size_t, uint32_t> sends;  ///< last send by agent, by its own count
  };

  void add(Cycle cycle, const LockChanged& e);
  void add(Cycle cycle, const WordsMoved& e);
  void add(Cycle cycle, const TaskChanged& e);
  void add(Cycle cycle, const TokenIssued& e);
  void add(Cycle cycle, const HostChanged& e);
  template <typename Other>
  void add(Cycle, const Other&) {}

  void acquired(Cycle cycle, const LockChanged& e, Lock& lock);
  void released(const LockChanged& e, Lock& lock);
  /// Finds earlier acquires of others that an agent, as much as it knows now, did not have to wait
  /// for.
  void compare(Cycle cycle, Coord tile, int id, const Lock& lock, size_t agent, int amount);
  /// Takes the oldest units of a lock; the agent comes after who gave them.
  static void take(Lock& lock, int units, VectorClock& clock);
  void find(const OrderFinding& finding);

  std::map<Agent, size_t> ids_;
  std::vector<Agent> agents_;
  std::vector<VectorClock> clocks_;
  std::map<std::pair<Coord, int>, Lock> locks_;
  std::map<Agent, Port> ports_;
  std::map<Agent, std::deque<VectorClock>>
      pushed_;  ///< what the host knew at the pushes that did not start yet
  VectorClock tokens_;
  bool host_waits_ = false;
  std::set<std::tuple<Coord, int, Agent, Agent, Agent>> told_;
  std::vector<OrderFinding> findings_;
};

}  // namespace npu::observe
