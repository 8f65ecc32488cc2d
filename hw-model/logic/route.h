// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "hw-model/arch/device.h"
#include "hw-model/arch/ports.h"
#include "hw-model/arch/timing.h"

namespace npu::logic {

/// The registers of one stream switch, as written.
struct SwitchState {
  static constexpr int kMasters = 23;
  static constexpr int kSlaves = 25;
  std::array<uint32_t, kMasters> masters{};
  std::array<uint32_t, kSlaves> slaves{};
  std::array<std::array<uint32_t, arch::kSlotsPerSlave>, kSlaves> slots{};
  std::array<std::array<uint32_t, 3>, 2> merges{};  ///< deterministic merge of arbiters 0 and 1
  uint32_t mux = 0;                                 ///< shim only
  uint32_t demux = 0;                               ///< shim only
};

/// Where a stream ends.
enum class SinkKind : uint8_t { Dma, Core, TileControl, Border };
struct SinkId {
  arch::Coord tile;
  SinkKind kind = SinkKind::Dma;
  uint8_t channel = 0;
  constexpr auto operator<=>(const SinkId&) const = default;
};

/// Where a stream begins: an MM2S channel, a core's stream output, or tile control.
struct SourceId {
  arch::Coord tile;
  SinkKind kind = SinkKind::Dma;
  uint8_t channel = 0;
  constexpr auto operator<=>(const SourceId&) const = default;
};

/// One receiver of a route.
struct Leg {
  SinkId sink;
  uint32_t latency = 0;  ///< cycles from source to receiver
  uint32_t buffer = 0;   ///< words the receiver's port holds beyond its descriptor
  bool drops_header = false;
};

/// An arbiter on a packet's way, and the slave port through which the packet asks for it.
struct ArbiterUse {
  arch::Coord tile;
  uint8_t arbiter = 0;
  uint8_t slave = 0;
  uint32_t latency = 0;    ///< cycles from the source to that switch
  bool contended = false;  ///< slots of other slave ports name it, too
  bool operator==(const ArbiterUse&) const = default;
};

/// A resolved stream: its receivers, and what a packet holds while it passes.
struct Route {
  enum class Problem : uint8_t { None, NoRoute, HeaderUnmatched, Ring, FifoOnTrunk };
  std::vector<Leg> legs;
  std::vector<ArbiterUse> arbiters;  ///< in the order the header meets them
  bool packet = false;               ///< some switch on the way looks at the header
  Problem problem = Problem::None;
  arch::PortAt where{};  ///< of the problem
};

/// All switches of a partition, and the routes that their registers make.
class Network {
 public:
  Network(const arch::Partition& partition, const arch::Timing& timing);

  SwitchState& at(arch::Coord tile) { return switches_[tile.index()]; }
  const SwitchState& at(arch::Coord tile) const { return switches_[tile.index()]; }

  /// True when the switch into which the source sends, or one further on, reads the first word as a
  /// header. Follows the registers from the source; `header` is the first word of the packet, where
  /// there is one.
  Route resolve(const SourceId& source, std::optional<uint32_t> header) const;

  const arch::Partition& partition() const { return partition_; }

 private:
  struct Walk;
  void step(Walk& walk, arch::Coord tile, int slave, uint32_t latency, uint32_t fifo, bool dropped,
            bool local) const;
  void leave(Walk& walk, arch::Coord tile, int master, uint32_t latency, uint32_t fifo,
             bool dropped, bool local) const;

  arch::Partition partition_;
  const arch::Timing& timing_;
  std::vector<SwitchState> switches_;
};

}  // namespace npu::logic
