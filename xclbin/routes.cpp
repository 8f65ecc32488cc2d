// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/routes.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace npu::xclbin {

namespace {

using arch::Bundle;
using arch::Coord;
using arch::Port;
using arch::RegisterId;
using arch::TileKind;

/// Registers of switches and shim multiplexers as a configuration leaves them.
class Switches {
 public:
  explicit Switches(std::span<const arch::Command> commands) {
    for (const arch::Command& command : commands) {
      if (const auto* write = std::get_if<arch::Write>(&command))
        set(write->address, ~0u, write->value);
      else if (const auto* masked = std::get_if<arch::MaskWrite>(&command))
        set(masked->address, masked->mask, masked->value);
      else if (const auto* block = std::get_if<arch::BlockWrite>(&command))
        for (size_t i = 0; i < block->words.size(); ++i)
          set(block->address + static_cast<uint32_t>(4 * i), ~0u, block->words[i]);
    }
  }

  int64_t get(Coord tile, uint32_t offset, arch::Bits bits) const {
    const auto found = registers_.find(arch::address_of(tile, offset));
    return found == registers_.end() ? 0 : arch::get(std::span(&found->second, 1), bits);
  }

 private:
  /// Memories and descriptors lie below; only what a route depends on is kept.
  static bool matters(uint32_t address) {
    const Coord tile = arch::tile_of(address);
    const uint32_t offset = arch::offset_of(address);
    if (tile.row >= arch::kRows)
      return false;
    const TileKind kind = tile.kind();
    const uint32_t first = arch::switch_master_offset(kind, 0);
    const uint32_t last = arch::switch_slot_offset(kind, arch::slave_ports(kind), 0);
    return (offset >= first && offset < last) ||
           (kind == TileKind::Shim && (offset == arch::kShimMux || offset == arch::kShimDemux));
  }

  void set(uint32_t address, uint32_t mask, uint32_t value) {
    if (!matters(address))
      return;
    uint32_t& word = registers_[address];
    word = (word & ~mask) | (value & mask);
  }

  std::map<uint32_t, uint32_t> registers_;
};

class Finder {
 public:
  Finder(const Switches& switches, const arch::Partition& partition)
      : switches_(switches), partition_(partition) {}

  std::vector<Route> run() {
    for (uint8_t col = 0; col < partition_.columns; ++col)
      for (uint8_t row = 0; row < arch::kRows; ++row)
        for (int slave = 0; slave < arch::slave_ports(Coord{col, row}.kind()); ++slave)
          begin({col, row}, slave);
    return std::move(routes_);
  }

 private:
  /// A slave port that no neighbour feeds is where a stream enters.
  void begin(Coord tile, int slave) {
    const Port port = *arch::slave_port(tile.kind(), slave);
    const bool enabled = slave_bit(tile, slave, arch::slave::kEnable);
    if (!enabled || arch::wired_from(partition_, tile, port))
      return;
    const RouteEnd source{{tile, port}, source_name(tile, port)};
    if (!slave_bit(tile, slave, arch::slave::kPacket))
      return trace({source, std::nullopt, {}}, tile, slave);
    for (int slot = 0; slot < arch::kSlotsPerSlave; ++slot)
      if (const auto rule = rule_of(tile, slave, slot))
        trace({source, rule, {}}, tile, slave);
  }

  void trace(Route route, Coord tile, int slave) {
    visited_.clear();
    follow(route, tile, slave);
    std::ranges::sort(route.destinations, {}, &RouteEnd::at);
    routes_.push_back(std::move(route));
  }

  void follow(Route& route, Coord tile, int slave) {
    if (!visited_.insert({tile, slave}).second)
      return;
    for (int master = 0; master < arch::master_ports(tile.kind()); ++master) {
      if (!feeds(route, tile, slave, master))
        continue;
      const Port port = *arch::master_port(tile.kind(), master);
      if (const auto next = arch::wired_to(partition_, tile, port)) {
        follow(route, next->tile, *arch::slave_index(next->tile.kind(), next->port));
        continue;
      }
      const RouteEnd end{{tile, port}, destination_name(tile, port)};
      if (std::ranges::find(route.destinations, end) == route.destinations.end())
        route.destinations.push_back(end);
    }
  }

  bool feeds(const Route& route, Coord tile, int slave, int master) const {
    const uint32_t offset = arch::switch_master_offset(tile.kind(), master);
    const auto field = [&](arch::Bits bits) { return switches_.get(tile, offset, bits); };
    const bool packet = slave_bit(tile, slave, arch::slave::kPacket);
    if (!field(arch::master::kEnable) || !slave_bit(tile, slave, arch::slave::kEnable) ||
        packet != (field(arch::master::kPacket) != 0))
      return false;
    if (!packet)
      return field(arch::master::kSlave) == slave;
    for (int slot = 0; slot < arch::kSlotsPerSlave; ++slot) {
      const auto rule = rule_of(tile, slave, slot);
      if (!rule || !route.packet ||
          ((rule->id ^ route.packet->id) & rule->mask & route.packet->mask) != 0)
        continue;
      const uint32_t at = arch::switch_slot_offset(tile.kind(), slave, slot);
      return field(arch::master::kArbiter) == switches_.get(tile, at, arch::slot::kArbiter) &&
             (field(arch::master::kMselMask) >> switches_.get(tile, at, arch::slot::kMsel) & 1);
    }
    return false;
  }

  bool slave_bit(Coord tile, int slave, arch::Bits bits) const {
    return switches_.get(tile, arch::switch_slave_offset(tile.kind(), slave), bits) != 0;
  }

  std::optional<PacketRule> rule_of(Coord tile, int slave, int slot) const {
    const uint32_t offset = arch::switch_slot_offset(tile.kind(), slave, slot);
    if (!switches_.get(tile, offset, arch::slot::kEnable))
      return std::nullopt;
    return PacketRule{static_cast<int>(switches_.get(tile, offset, arch::slot::kId)),
                      static_cast<int>(switches_.get(tile, offset, arch::slot::kMask))};
  }

  bool selects_dma(uint32_t offset, Coord tile, std::optional<arch::Bits> bits) const {
    return bits && switches_.get(tile, offset, *bits) == static_cast<int>(arch::ShimSelect::Dma);
  }

  std::string source_name(Coord tile, Port port) const {
    if (port.bundle == Bundle::Dma)
      return fmt::format("mm2s{}", port.channel);
    if (tile.kind() == TileKind::Shim &&
        selects_dma(arch::kShimMux, tile, arch::shim_mux_bits(port.channel)))
      for (int channel = 0; channel < arch::facts(TileKind::Shim).mm2s_channels; ++channel)
        if (port == arch::shim_dma_slave(channel))
          return fmt::format("mm2s{}", channel);
    return arch::to_string(port);
  }

  std::string destination_name(Coord tile, Port port) const {
    if (port.bundle == Bundle::Dma)
      return fmt::format("s2mm{}", port.channel);
    if (tile.kind() == TileKind::Shim &&
        selects_dma(arch::kShimDemux, tile, arch::shim_demux_bits(port.channel)))
      for (int channel = 0; channel < arch::facts(TileKind::Shim).s2mm_channels; ++channel)
        if (port == arch::shim_dma_master(channel))
          return fmt::format("s2mm{}", channel);
    return arch::to_string(port);
  }

  const Switches& switches_;
  arch::Partition partition_;
  std::set<std::tuple<Coord, int>> visited_;
  std::vector<Route> routes_;
};

std::string name_of(const RouteEnd& end) {
  return fmt::format("{}.{}", arch::to_string(end.at.tile), end.name);
}

}  // namespace

std::vector<Route> find_routes(std::span<const arch::Command> configuration,
                               const arch::Partition& partition) {
  const Switches switches(configuration);
  return Finder(switches, partition).run();
}

std::string to_string(const Route& route) {
  std::string text = "route " + name_of(route.source);
  if (route.packet) {
    constexpr int kAllBits = 0x1F;
    text += fmt::format(" packet {}", route.packet->id);
    if (route.packet->mask != kAllBits)
      text += fmt::format("/{:#x}", route.packet->mask);
  }
  for (size_t i = 0; i < route.destinations.size(); ++i)
    text += (i == 0 ? " -> " : ", ") + name_of(route.destinations[i]);
  return route.destinations.empty() ? text + " -> nothing" : text;
}

Json to_json(std::span<const Route> routes) {
  Json json = Json::array();
  for (const Route& route : routes) {
    Json row{{"source", name_of(route.source)}};
    if (route.packet)
      row["packet"] = {{"id", route.packet->id}, {"mask", route.packet->mask}};
    row["destinations"] = Json::array();
    for (const RouteEnd& end : route.destinations)
      row["destinations"].push_back(name_of(end));
    json.push_back(std::move(row));
  }
  return json;
}

}  // namespace npu::xclbin
