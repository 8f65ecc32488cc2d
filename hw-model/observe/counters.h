// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw-model/arch/device.h"
#include "hw-model/observe/hub.h"

namespace npu::observe {

inline constexpr int kTiles = arch::kMaxColumns * arch::kRows;
inline constexpr int kChannelsPerDirection = 6;  ///< of the memtile, which has most
inline constexpr int kLocksPerTile = 64;         ///< of the memtile, which has most
inline constexpr size_t kChannelStates = 9;
inline constexpr size_t kCoreStates = 8;

/// Where a core's time went, in cycles per CoreState.
struct CoreCount {
  std::array<Cycle, kCoreStates> cycles{};
  uint64_t kernels = 0;
  Cycle kernel_cycles = 0;  ///< as the kernels that began will take
};

/// Where a channel's time went, in cycles per ChannelState, and what it did.
struct ChannelCount {
  std::array<Cycle, kChannelStates> cycles{};
  uint64_t words = 0;  ///< received, or sent (a broadcast counts once)
  uint64_t descriptors = 0;
  uint64_t tasks = 0;
  uint64_t tokens = 0;
  uint32_t tasks_dropped = 0;
  uint8_t peak_queue = 0;
};

struct LockCount {
  Cycle waiting = 0;  ///< sum over the agents that waited
  uint64_t acquired = 0;
  uint64_t released = 0;
};

/// A fault, told once for each agent, kind and value.
struct FaultCount {
  Fault fault;
  Cycle first = 0;
  uint64_t times = 0;
};

/// Words that went from one kind of tile to another. A broadcast is sent once and received by each.
struct HopCount {
  uint64_t sent = 0;
  uint64_t received = 0;
};

/// Sums events; cheap enough to be attached always. The numbers are complete after `finish`, which
/// may come several times.
class Counters : public Observer {
 public:
  Counters();
  void on(const Event& event) override;
  void take(Cycle cycle, const ChannelChanged& e) override;
  void take(Cycle cycle, const DescriptorChanged& e) override;
  void take(Cycle cycle, const LockChanged& e) override;
  void take(Cycle cycle, const CoreChanged& e) override;
  void take(Cycle cycle, const WordsMoved& e) override;
  void take(Cycle, const RouteFill&) override {}
  void finish(Cycle cycle) override;

  Cycle cycles() const { return cycles_; }
  const CoreCount& core(Coord tile) const { return cores_[static_cast<size_t>(tile.index())]; }
  /// Of an S2MM or MM2S agent.
  const ChannelCount& channel(const Agent& channel) const {
    return channels_[channel_index(channel)];
  }
  const LockCount& lock(Coord tile, int lock) const { return locks_[lock_index(tile, lock)]; }
  const HopCount& hop(arch::TileKind from, arch::TileKind to) const {
    return hops_[static_cast<size_t>(from)][static_cast<size_t>(to)];
  }

  // Bytes by level of memory: L3 is DDR, L2 the memtiles, L1 the core tiles.
  uint64_t bytes_l3_l2() const {
    return 4 * hop(arch::TileKind::Shim, arch::TileKind::Memtile).received;
  }
  uint64_t bytes_l2_l1_sent() const {
    return 4 * hop(arch::TileKind::Memtile, arch::TileKind::Core).sent;
  }
  uint64_t bytes_l2_l1_received() const {
    return 4 * hop(arch::TileKind::Memtile, arch::TileKind::Core).received;
  }
  uint64_t bytes_l1_l2() const {
    return 4 * hop(arch::TileKind::Core, arch::TileKind::Memtile).received;
  }
  uint64_t bytes_l2_l3() const {
    return 4 * hop(arch::TileKind::Memtile, arch::TileKind::Shim).received;
  }
  uint64_t ddr_bytes_read() const { return ddr_read_; }
  uint64_t ddr_bytes_written() const { return ddr_written_; }

  uint64_t kernels() const;
  uint64_t tasks_dropped() const;
  /// In order of appearance; at most `kFaultsKept`, the rest is in `faults_not_kept`.
  const std::vector<FaultCount>& faults() const { return faults_; }
  uint64_t faults_not_kept() const { return faults_not_kept_; }
  static constexpr size_t kFaultsKept = 1000;

 private:
  template <typename State>
  struct Timed {
    State state{};
    Cycle since = 0;
  };
  /// A lock that an agent waits for.
  struct Wait {
    uint32_t lock = 0;
    bool open = false;
    Cycle since = 0;
  };

  static size_t channel_index(const Agent& agent) {
    const bool mm2s = agent.kind == AgentKind::Mm2s;
    return static_cast<size_t>((agent.tile.index() * 2 + mm2s) * kChannelsPerDirection +
                               agent.index);
  }
  static size_t lock_index(Coord tile, int lock) {
    return static_cast<size_t>(tile.index() * kLocksPerTile + lock);
  }
  /// Place in `waits_`: the channels, then the cores, then the host.
  static size_t wait_index(const Agent& agent);

  void take(Cycle cycle, const TaskChanged& e);
  void take(Cycle cycle, const DdrUsed& e);
  void take(Cycle cycle, const TokenIssued& e);
  void take(Cycle cycle, const Fault& e);
  template <typename Other>
  void take(Cycle, const Other&) {}

  Cycle cycles_ = 0;
  std::vector<CoreCount> cores_;
  std::vector<ChannelCount> channels_;
  std::vector<LockCount> locks_;
  std::vector<Timed<CoreState>> core_states_;
  std::vector<Timed<ChannelState>> channel_states_;
  std::vector<Wait> waits_;
  std::array<std::array<HopCount, 3>, 3> hops_{};
  uint64_t ddr_read_ = 0;
  uint64_t ddr_written_ = 0;
  std::vector<FaultCount> faults_;
  uint64_t faults_not_kept_ = 0;
};

}  // namespace npu::observe
