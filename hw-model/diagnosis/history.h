// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "hw-model/diagnosis/image.h"
#include "hw-model/observe/hub.h"

namespace npu::diagnosis {

/// How things stand after the events so far: the end of a run, or of a trace.
class History final : public observe::Observer {
 public:
  struct alignas(64) Channel {  // one line of the cache: touched at every step of a run
    observe::ChannelState state = observe::ChannelState::Idle;
    uint8_t bd = 0;
    uint8_t queued = 0;
    bool moving = false;      ///< between start and end of a descriptor
    uint32_t port_words = 0;  ///< of a receiver: words beyond its descriptor
    Cycle since = 0;
    uint64_t wanted = 0;  ///< words of that descriptor
    uint64_t moved = 0;   ///< of them
    uint64_t total = 0;   ///< words moved over the run
    uint32_t tasks_pushed = 0;
    uint32_t tasks_finished = 0;
    uint32_t tasks_dropped = 0;
    uint32_t first_dropped = 0;  ///< its number among the tasks of the channel, from 1
    uint32_t tasks_reset = 0;    ///< gone with a reset of the channel
  };
  struct Core {
    observe::CoreState state = observe::CoreState::Disabled;
    Cycle since = 0;
    uint16_t detail = 0;
  };
  struct Lock {
    int value = 0;
    bool known = false;
    std::vector<std::pair<Agent, int>> waiting;  ///< with the amount as programmed
    /// A receiver that acquires the lock, and the furthest that it has been ahead of another one.
    struct Turns {
      Agent agent;
      uint64_t count = 0;
      uint64_t lead = 0;
      Agent over;
    };
    std::vector<Turns> turns;
  };
  struct Host {
    observe::HostChanged::What what = observe::HostChanged::What::Done;
    uint32_t command = 0;
    Cycle since = 0;
  };

  /// What a channel had not done when a run began that was not the first one.
  struct Residue {
    Agent channel;
    uint64_t moved = 0;  ///< words of a descriptor
    uint64_t wanted = 0;
    uint32_t port_words = 0;
    uint8_t queued = 0;
  };

  void on(const observe::Event& event) override;
  void take(Cycle cycle, const observe::ChannelChanged& e) override;
  void take(Cycle cycle, const observe::DescriptorChanged& e) override;
  void take(Cycle cycle, const observe::LockChanged& e) override;
  void take(Cycle cycle, const observe::CoreChanged& e) override;
  void take(Cycle cycle, const observe::WordsMoved& e) override;
  void take(Cycle cycle, const observe::RouteFill& e) override;
  bool wants_states() const override { return false; }
  void finish(Cycle cycle) override { end_ = std::max(end_, cycle); }

  /// The events are not all that happened: they begin late or come from a dump, or only those of
  /// some tiles were kept (empty: of all). Counts are no counts of the run then.
  void mark_partial(std::vector<Coord> kept = {}) {
    partial_ = true;
    kept_ = std::move(kept);
  }
  bool partial() const { return partial_; }
  /// Whether what happened in the tile was told.
  bool knows(Coord tile) const {
    return kept_.empty() || std::find(kept_.begin(), kept_.end(), tile) != kept_.end();
  }
  /// Whether the host has begun, as far as was told.
  bool has_run() const { return has_run_; }

  Cycle end() const { return end_; }
  const Host& host() const { return host_; }
  /// Nothing known: a state in which nothing ever happened.
  const Channel& channel(const Agent& agent) const { return channels_[index(agent)]; }
  const Core& core(Coord tile) const { return cores_[static_cast<size_t>(tile.index())]; }
  const Lock& lock(LockRef lock) const { return locks_[lock.index()]; }
  const std::vector<observe::Event>& faults() const { return faults_; }
  /// Of the runs before the last one, in which work was left undone.
  const std::vector<Residue>& residue() const { return residue_; }

 private:
  void take(Cycle cycle, const observe::TaskChanged& e);
  void take(Cycle cycle, const observe::HostChanged& e);
  void take(Cycle cycle, const observe::Fault& e);
  /// What else happens leaves nothing that a diagnosis asks for.
  void take(Cycle, const observe::DdrUsed&) {}
  void take(Cycle, const observe::TokenIssued&) {}
  void take(Cycle, const observe::MemoryAccess&) {}
  void take(Cycle, const observe::CoreMarked&) {}
  static void take_off(Lock& lock, const Agent& waiting);
  static void take_turn(Lock& lock, const Agent& agent);

  // Dense, so that following a run costs little.
  static constexpr size_t kTiles = arch::kMaxColumns * arch::kRows;
  static constexpr size_t kKinds = 4;     ///< of agents
  static constexpr size_t kChannels = 8;  ///< a tile and kind, rounded up
  static size_t index(const Agent& agent) {
    return (static_cast<size_t>(agent.tile.index()) * kKinds + static_cast<size_t>(agent.kind)) *
               kChannels +
           agent.index;
  }

  std::vector<Channel> channels_ = std::vector<Channel>(kTiles * kKinds * kChannels);
  std::vector<Core> cores_ = std::vector<Core>(kTiles);
  std::vector<Lock> locks_ = std::vector<Lock>(LockRef::kAll);
  std::vector<observe::Event> faults_;
  std::vector<Residue> residue_;
  bool replayed_ = false;  ///< of a trace: nobody tells the last states
  bool has_run_ = false;
  bool partial_ = false;
  std::vector<Coord> kept_;
  Host host_;
  Cycle end_ = 0;
};

}  // namespace npu::diagnosis
