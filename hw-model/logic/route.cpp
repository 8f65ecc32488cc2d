// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/route.h"

#include <algorithm>

namespace npu::logic {

using arch::Bundle;
using arch::Coord;
using arch::Port;
using arch::TileKind;

namespace {

bool flag(uint32_t word, arch::Bits bits) {
  return (word & bits.mask()) != 0;
}
int value(uint32_t word, arch::Bits bits) {
  return static_cast<int>((word & bits.mask()) >> bits.lsb);
}

/// The first slot that matches the header's stream id.
std::optional<uint32_t> matching_slot(const SwitchState& state, int slave, uint32_t header) {
  const int id = value(header, arch::header::kStreamId);
  for (const uint32_t slot : state.slots[slave]) {
    const int mask = value(slot, arch::slot::kMask);
    if (flag(slot, arch::slot::kEnable) && (id & mask) == (value(slot, arch::slot::kId) & mask))
      return slot;
  }
  return std::nullopt;
}

/// Whether slots of more than one slave port name the arbiter.
bool contended(const SwitchState& state, int arbiter) {
  int users = 0;
  for (int slave = 0; slave < SwitchState::kSlaves; ++slave)
    if (flag(state.slaves[slave], arch::slave::kEnable) &&
        flag(state.slaves[slave], arch::slave::kPacket))
      users += std::ranges::any_of(state.slots[slave], [&](uint32_t slot) {
        return flag(slot, arch::slot::kEnable) && value(slot, arch::slot::kArbiter) == arbiter;
      });
  return users > 1;
}

}  // namespace

/// State of one resolution.
struct Network::Walk {
  std::optional<uint32_t> header;
  Route route;
  std::vector<std::pair<Coord, int>> visited;

  void fail(Route::Problem problem, Coord tile, Port port) {
    if (route.problem != Route::Problem::None)
      return;
    route.problem = problem;
    route.where = {tile, port};
  }
};

Network::Network(const arch::Partition& partition, const arch::Timing& timing)
    : partition_(partition),
      timing_(timing),
      switches_(static_cast<size_t>(partition.columns * arch::kRows)) {}

Route Network::resolve(const SourceId& source, std::optional<uint32_t> header) const {
  Walk walk{.header = header, .route = {}, .visited = {}};
  const TileKind kind = source.tile.kind();
  Port port{source.kind == SinkKind::Core          ? Bundle::Core
            : source.kind == SinkKind::TileControl ? Bundle::TileControl
                                                   : Bundle::Dma,
            source.channel};
  if (kind == TileKind::Shim && source.kind == SinkKind::Dma) {
    port = arch::shim_dma_slave(source.channel);
    const auto select = arch::shim_mux_bits(port.channel);
    if (value(at(source.tile).mux, *select) != static_cast<int>(arch::ShimSelect::Dma)) {
      walk.fail(Route::Problem::NoRoute, source.tile, port);
      return walk.route;
    }
  }
  step(walk, source.tile, *arch::slave_index(kind, port), 0, 0, false, true);
  if (walk.route.legs.empty())
    walk.fail(Route::Problem::NoRoute, source.tile, port);
  return walk.route;
}

void Network::step(Walk& walk, Coord tile, int slave, uint32_t latency, uint32_t fifo, bool dropped,
                   bool local) const {
  const SwitchState& state = at(tile);
  const Port port = *arch::slave_port(tile.kind(), slave);
  if (std::find(walk.visited.begin(), walk.visited.end(), std::pair{tile, slave}) !=
      walk.visited.end())
    return walk.fail(Route::Problem::Ring, tile, port);
  walk.visited.emplace_back(tile, slave);
  if (!flag(state.slaves[slave], arch::slave::kEnable))
    return walk.fail(Route::Problem::NoRoute, tile, port);

  const bool packet = flag(state.slaves[slave], arch::slave::kPacket);
  int arbiter = 0;
  int msel = 0;
  if (packet) {
    walk.route.packet = true;
    const auto slot = walk.header && !dropped ? matching_slot(state, slave, *walk.header)
                                              : std::optional<uint32_t>{};
    if (!slot)
      return walk.fail(Route::Problem::HeaderUnmatched, tile, port);
    arbiter = value(*slot, arch::slot::kArbiter);
    msel = value(*slot, arch::slot::kMsel);
    walk.route.arbiters.push_back({tile, static_cast<uint8_t>(arbiter), static_cast<uint8_t>(slave),
                                   latency, contended(state, arbiter)});
  }

  std::vector<int> chosen;
  for (int m = 0; m < arch::master_ports(tile.kind()); ++m) {
    const uint32_t word = state.masters[m];
    if (!flag(word, arch::master::kEnable) || flag(word, arch::master::kPacket) != packet)
      continue;
    if (packet ? value(word, arch::master::kArbiter) == arbiter &&
                     (value(word, arch::master::kMselMask) >> msel & 1)
               : value(word, arch::master::kSlave) == slave)
      chosen.push_back(m);
  }
  if (chosen.empty())
    return walk.fail(Route::Problem::NoRoute, tile, port);
  if (chosen.size() > 1 && fifo)
    return walk.fail(Route::Problem::FifoOnTrunk, tile, port);
  for (const int m : chosen)
    leave(walk, tile, m, latency, fifo,
          dropped || (packet && flag(state.masters[m], arch::master::kDropHeader)), local);
}

void Network::leave(Walk& walk, Coord tile, int master, uint32_t latency, uint32_t fifo,
                    bool dropped, bool local) const {
  const Port port = *arch::master_port(tile.kind(), master);
  const auto& t = timing_.stream;
  const auto inside = static_cast<uint32_t>((local ? t.local : t.local_master).cycles());
  const auto through = static_cast<uint32_t>((local ? t.local_slave : t.hop).cycles());

  const auto end = [&](SinkKind kind, int channel) {
    const arch::Buffering& rows = walk.route.packet ? t.packet : t.circuit;
    const auto words = static_cast<uint32_t>(rows.of(tile.kind()).cycles());
    walk.route.legs.push_back(
        {{tile, kind, static_cast<uint8_t>(channel)}, latency + inside, words + fifo, dropped});
  };
  if (port.bundle == Bundle::Dma)
    return end(SinkKind::Dma, port.channel);
  if (port.bundle == Bundle::Core)
    return end(SinkKind::Core, port.channel);
  if (port.bundle == Bundle::TileControl)
    return end(SinkKind::TileControl, port.channel);
  if (port.bundle == Bundle::Fifo) {
    const int slave = *arch::slave_index(tile.kind(), {Bundle::Fifo, port.channel});
    return step(walk, tile, slave, latency + inside, fifo + static_cast<uint32_t>(t.fifo.cycles()),
                dropped, true);
  }
  if (tile.kind() == TileKind::Shim && port.bundle == Bundle::South) {
    for (int channel = 0; channel < 2; ++channel) {
      if (arch::shim_dma_master(channel) != port)
        continue;
      const auto select = arch::shim_demux_bits(port.channel);
      if (value(at(tile).demux, *select) == static_cast<int>(arch::ShimSelect::Dma))
        return end(SinkKind::Dma, channel);
    }
    return end(SinkKind::Border, port.channel);
  }
  const auto next = arch::wired_to(partition_, tile, port);
  if (!next)
    return walk.fail(Route::Problem::NoRoute, tile, port);
  step(walk, next->tile, *arch::slave_index(next->tile.kind(), next->port), latency + through, fifo,
       dropped, false);
}

}  // namespace npu::logic
