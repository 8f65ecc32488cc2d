// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/ports.h"

#include <algorithm>
#include <bit>
#include <span>

namespace npu::arch {

namespace {

constexpr std::array<std::string_view, 9> kBundleNames{
    "core", "dma", "tile_control", "fifo", "south", "west", "north", "east", "trace"};

/// `count` ports of a bundle at consecutive indices.
struct Run {
  Bundle bundle;
  uint8_t count;
};

// clang-format off
// Port indices of hardware reference 5.2, as runs in order of the index.
constexpr Run kCoreSlaves[] = {{Bundle::Core, 1},  {Bundle::Dma, 2},  {Bundle::TileControl, 1}, {Bundle::Fifo, 1}, {Bundle::South, 6},
                               {Bundle::West, 4},  {Bundle::North, 4}, {Bundle::East, 4},       {Bundle::Trace, 2}};
constexpr Run kCoreMasters[] = {{Bundle::Core, 1}, {Bundle::Dma, 2},  {Bundle::TileControl, 1}, {Bundle::Fifo, 1}, {Bundle::South, 4},
                                {Bundle::West, 4}, {Bundle::North, 6}, {Bundle::East, 4}};
constexpr Run kMemtileSlaves[] = {{Bundle::Dma, 6}, {Bundle::TileControl, 1}, {Bundle::South, 6}, {Bundle::North, 4}, {Bundle::Trace, 1}};
constexpr Run kMemtileMasters[] = {{Bundle::Dma, 6}, {Bundle::TileControl, 1}, {Bundle::South, 4}, {Bundle::North, 6}};
constexpr Run kShimSlaves[] = {{Bundle::TileControl, 1}, {Bundle::Fifo, 1}, {Bundle::South, 8}, {Bundle::West, 4}, {Bundle::North, 4},
                               {Bundle::East, 4}, {Bundle::Trace, 1}};
constexpr Run kShimMasters[] = {{Bundle::TileControl, 1}, {Bundle::Fifo, 1}, {Bundle::South, 6}, {Bundle::West, 4}, {Bundle::North, 6},
                                {Bundle::East, 4}};
// clang-format on

std::span<const Run> slaves(TileKind kind) {
  switch (kind) {
    case TileKind::Shim:
      return kShimSlaves;
    case TileKind::Memtile:
      return kMemtileSlaves;
    case TileKind::Core:
      return kCoreSlaves;
  }
  return {};
}

std::span<const Run> masters(TileKind kind) {
  switch (kind) {
    case TileKind::Shim:
      return kShimMasters;
    case TileKind::Memtile:
      return kMemtileMasters;
    case TileKind::Core:
      return kCoreMasters;
  }
  return {};
}

int count_in(std::span<const Run> runs, Bundle bundle) {
  for (const Run& run : runs)
    if (run.bundle == bundle)
      return run.count;
  return 0;
}

int total(std::span<const Run> runs) {
  int sum = 0;
  for (const Run& run : runs)
    sum += run.count;
  return sum;
}

std::optional<int> index_in(std::span<const Run> runs, Port port) {
  int first = 0;
  for (const Run& run : runs) {
    if (run.bundle == port.bundle)
      return port.channel < run.count ? std::optional(first + port.channel) : std::nullopt;
    first += run.count;
  }
  return std::nullopt;
}

std::optional<Port> port_in(std::span<const Run> runs, int index) {
  for (const Run& run : runs) {
    if (index >= 0 && index < run.count)
      return Port{run.bundle, static_cast<uint8_t>(index)};
    index -= run.count;
  }
  return std::nullopt;
}

bool one_of(Bundle bundle, std::initializer_list<Bundle> bundles) {
  return std::ranges::find(bundles, bundle) != bundles.end();
}

bool core_connectable(Port slave, Port master) {
  switch (slave.bundle) {
    case Bundle::Trace:
      return one_of(master.bundle, {Bundle::Fifo, Bundle::South}) || master == Port{Bundle::Dma, 0};
    case Bundle::Core:
      return master.bundle != Bundle::Core;
    case Bundle::TileControl:
      return !one_of(master.bundle, {Bundle::Dma, Bundle::TileControl});
    case Bundle::Fifo:
      return true;
    default:
      return slave.bundle != master.bundle || slave.channel == master.channel;
  }
}

bool memtile_connectable(Port slave, Port master) {
  switch (slave.bundle) {
    case Bundle::Trace:
      return master.bundle == Bundle::South || master == Port{Bundle::Dma, 5};
    case Bundle::TileControl:
      return master.bundle != Bundle::TileControl &&
             (master.bundle != Bundle::Dma || master.channel == 5);
    case Bundle::Dma:
      return master.bundle != Bundle::Dma || slave.channel == master.channel;
    default:
      return !one_of(master.bundle, {Bundle::South, Bundle::North}) ||
             slave.channel == master.channel;
  }
}

bool shim_connectable(Port slave, Port master) {
  switch (slave.bundle) {
    case Bundle::Trace:
      return one_of(master.bundle, {Bundle::Fifo, Bundle::South}) ||
             master == Port{Bundle::West, 0} || master == Port{Bundle::East, 0};
    case Bundle::TileControl:
      return master.bundle != Bundle::TileControl;
    case Bundle::Fifo:
    case Bundle::South:
      return true;
    default:
      return slave.bundle != master.bundle || slave.channel == master.channel;
  }
}

/// The tile next to `tile` on that side, and the side of it that faces back.
struct Side {
  Coord tile;
  Bundle facing;
};
std::optional<Side> across(const Partition& partition, Coord tile, Bundle side) {
  const auto at = [&](int col, int row, Bundle facing) -> std::optional<Side> {
    if (col < 0 || row < 0 || col >= partition.columns || row >= kRows)
      return std::nullopt;
    return Side{{static_cast<uint8_t>(col), static_cast<uint8_t>(row)}, facing};
  };
  switch (side) {
    case Bundle::North:
      return at(tile.col, tile.row + 1, Bundle::South);
    case Bundle::South:
      return at(tile.col, tile.row - 1, Bundle::North);
    case Bundle::East:
      return at(tile.col + 1, tile.row, Bundle::West);
    case Bundle::West:
      return at(tile.col - 1, tile.row, Bundle::East);
    default:
      return std::nullopt;
  }
}

constexpr uint32_t switch_base(TileKind kind) {
  return kind == TileKind::Memtile ? 0xB0000 : 0x3F000;
}

}  // namespace

std::string_view to_string(Bundle bundle) {
  return kBundleNames[static_cast<size_t>(bundle)];
}
std::string to_string(Port port) {
  return fmt::format("{}{}", to_string(port.bundle), port.channel);
}

int slave_count(TileKind kind, Bundle bundle) {
  return count_in(slaves(kind), bundle);
}
int master_count(TileKind kind, Bundle bundle) {
  return count_in(masters(kind), bundle);
}
int slave_ports(TileKind kind) {
  return total(slaves(kind));
}
int master_ports(TileKind kind) {
  return total(masters(kind));
}

std::optional<int> slave_index(TileKind kind, Port port) {
  return index_in(slaves(kind), port);
}
std::optional<int> master_index(TileKind kind, Port port) {
  return index_in(masters(kind), port);
}
std::optional<Port> slave_port(TileKind kind, int index) {
  return port_in(slaves(kind), index);
}
std::optional<Port> master_port(TileKind kind, int index) {
  return port_in(masters(kind), index);
}

bool connectable(TileKind kind, Port slave, Port master) {
  if (!slave_index(kind, slave) || !master_index(kind, master))
    return false;
  switch (kind) {
    case TileKind::Shim:
      return shim_connectable(slave, master);
    case TileKind::Memtile:
      return memtile_connectable(slave, master);
    case TileKind::Core:
      return core_connectable(slave, master);
  }
  return false;
}

std::optional<PortAt> wired_to(const Partition& partition, Coord tile, Port master) {
  const auto side = across(partition, tile, master.bundle);
  if (!side || !partition.contains(tile) || !master_index(tile.kind(), master))
    return std::nullopt;
  const Port slave{side->facing, master.channel};
  if (!slave_index(side->tile.kind(), slave))
    return std::nullopt;
  return PortAt{side->tile, slave};
}

std::optional<PortAt> wired_from(const Partition& partition, Coord tile, Port slave) {
  const auto side = across(partition, tile, slave.bundle);
  if (!side || !partition.contains(tile) || !slave_index(tile.kind(), slave))
    return std::nullopt;
  const Port master{side->facing, slave.channel};
  if (!master_index(side->tile.kind(), master))
    return std::nullopt;
  return PortAt{side->tile, master};
}

Port shim_dma_slave(int mm2s_channel) {
  return {Bundle::South, static_cast<uint8_t>(mm2s_channel == 0 ? 3 : 7)};
}
Port shim_dma_master(int s2mm_channel) {
  return {Bundle::South, static_cast<uint8_t>(2 + s2mm_channel)};
}

uint32_t switch_master_offset(TileKind kind, int master) {
  return switch_base(kind) + 4 * static_cast<uint32_t>(master);
}
uint32_t switch_slave_offset(TileKind kind, int slave) {
  return switch_base(kind) + 0x100 + 4 * static_cast<uint32_t>(slave);
}
uint32_t switch_slot_offset(TileKind kind, int slave, int slot) {
  return switch_base(kind) + 0x200 + 0x10 * static_cast<uint32_t>(slave) +
         4 * static_cast<uint32_t>(slot);
}

std::optional<Bits> shim_mux_bits(int south_slave) {
  switch (south_slave) {
    case 2:
      return bits(0, 9, 8);
    case 3:
      return bits(0, 11, 10);
    case 6:
      return bits(0, 13, 12);
    case 7:
      return bits(0, 15, 14);
    default:
      return std::nullopt;
  }
}

std::optional<Bits> shim_demux_bits(int south_master) {
  switch (south_master) {
    case 2:
      return bits(0, 5, 4);
    case 3:
      return bits(0, 7, 6);
    case 4:
      return bits(0, 9, 8);
    case 5:
      return bits(0, 11, 10);
    default:
      return std::nullopt;
  }
}

uint32_t packet_header(Coord tile, int stream_id, int type, int out_of_order_id) {
  std::array<uint32_t, 1> word{};
  put(word, header::kStreamId, stream_id, "packet_id");
  put(word, header::kOutOfOrderId, out_of_order_id, "out_of_order_id");
  put(word, header::kType, type, "packet_type");
  put(word, header::kSourceRow, tile.row, "source_row");
  put(word, header::kSourceCol, tile.col, "source_col");
  put(word, header::kParity, std::popcount(word[0]) % 2 == 0, "parity");
  return word[0];
}

}  // namespace npu::arch
