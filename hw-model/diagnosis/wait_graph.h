// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hw-model/diagnosis/history.h"
#include "hw-model/diagnosis/image.h"

namespace npu::diagnosis {

/// For what an agent waits.
enum class WaitFor : uint8_t {
  Lock,     ///< a lock's value
  Words,    ///< a receiver or a core's stream input: words of its source
  Room,     ///< a source: room in a receiver
  Arbiter,  ///< a source: another packet holds an arbiter of its way
  Cascade,
  Token,  ///< the host: a task-complete token
  Poll,   ///< the host: a register
  Fault,  ///< nothing: it has stopped with an error
};

/// One agent that waits, and who could end its waiting.
struct Wait {
  Agent who;
  WaitFor what = WaitFor::Lock;
  Cycle since = 0;
  LockRef lock;
  int amount = 0;     ///< of the lock, as programmed
  uint64_t done = 0;  ///< words of the descriptor under way
  uint64_t wanted = 0;
  std::vector<Agent> on;      ///< they could help, and wait themselves or still run
  std::vector<Agent> cannot;  ///< they would help, and have nothing left to do
};

/// Who waits for whom.
class WaitGraph {
 public:
  WaitGraph(const Image& image, const History& history);

  const std::vector<Wait>& waits() const { return waits_; }
  const Wait* of(const Agent& agent) const;

  /// Groups of waits from which no edge leads out: a single one is a dead end, several are a cycle.
  /// Those that the host's wait leads to come first, the nearest first.
  std::vector<std::vector<const Wait*>> roots() const;

  /// The shortest way from the host to a group, the group's member first.
  std::vector<const Wait*> chain(const std::vector<const Wait*>& root) const;

 private:
  void add_channels(observe::AgentKind kind);
  void add_cores();
  void add_host();
  /// False when the agent only seems to wait: nothing is known of the lock, or it is to be had.
  bool lock_wait(Wait& wait) const;
  /// The lock that an agent wants by the commands, when no event told it.
  bool deduce_lock(Wait& wait) const;
  void words_wait(Wait& wait) const;
  void room_wait(Wait& wait) const;
  /// True when the agent has work left, so that it may still help.
  bool alive(const Agent& agent) const;
  void sort_helper(Wait& wait, const Agent& helper) const;
  std::vector<size_t> distances() const;

  const Image& image_;
  const History& history_;
  std::vector<Wait> waits_;
  std::map<Agent, size_t> index_;
};

}  // namespace npu::diagnosis
