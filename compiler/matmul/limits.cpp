// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/limits.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

/// Names of what a tile was asked for, for one resource.
using Askers = std::vector<std::string>;

void check(Coord tile, std::string_view what, int64_t needed, int64_t there, const Askers& askers,
           std::string_view hint) {
  if (needed > there)
    throw Error("{}: needs {} {}, has {}: {}", arch::to_string(tile), needed, what, there,
                fmt::join(askers, ", "))
        .hint("{}", hint);
}

Askers channels_of(const Design& design, Coord tile, Direction direction) {
  Askers askers;
  for (const Channel& channel : design.channels)
    if (channel.tile == tile && channel.direction == direction)
      askers.push_back(channel.name);
  for (const ShimChannel& channel : design.shim_channels)
    if (tile.row == 0 && channel.col == tile.col && channel.direction == direction)
      askers.push_back(channel.name);
  return askers;
}

template <typename Things>
Askers named_in(const Things& things, Coord tile) {
  Askers askers;
  for (const auto& thing : things)
    if (thing.tile == tile)
      askers.push_back(thing.name);
  return askers;
}

}  // namespace

std::vector<TileUse> tile_uses(const Design& design) {
  std::map<Coord, TileUse> uses;
  const auto at = [&](Coord tile) -> TileUse& {
    TileUse& use = uses[tile];
    use.tile = tile;
    return use;
  };
  for (const Buffer& buffer : design.buffers)
    at(buffer.tile).bytes += static_cast<int64_t>(buffer.bytes());
  for (const Lock& lock : design.locks)
    ++at(lock.tile).locks;
  for (const Channel& channel : design.channels) {
    TileUse& use = at(channel.tile);
    ++(channel.direction == Direction::S2mm ? use.s2mm : use.mm2s);
    use.descriptors += static_cast<int>(channel.descriptors.size());
  }
  for (const ShimChannel& channel : design.shim_channels) {
    TileUse& use = at({static_cast<uint8_t>(channel.col), 0});
    ++(channel.direction == Direction::S2mm ? use.s2mm : use.mm2s);
  }
  std::vector<TileUse> list;
  for (auto& [tile, use] : uses) {
    if (tile.kind() == arch::TileKind::Core)
      use.bytes += Core{}.stack_bytes;
    list.push_back(use);
  }
  return list;
}

void check_limits(const Design& design) {
  constexpr std::string_view kStreams = "a wider partition, or a smaller herd";
  constexpr std::string_view kSpace = "smaller tiles, or a wider partition";
  for (const TileUse& use : tile_uses(design)) {
    const arch::TileFacts& there = arch::facts(use.tile.kind());
    check(use.tile, "s2mm channels", use.s2mm, there.s2mm_channels,
          channels_of(design, use.tile, Direction::S2mm), kStreams);
    check(use.tile, "mm2s channels", use.mm2s, there.mm2s_channels,
          channels_of(design, use.tile, Direction::Mm2s), kStreams);
    check(use.tile, "descriptors", use.descriptors, there.descriptors,
          named_in(design.channels, use.tile), kStreams);
    check(use.tile, "locks", use.locks, there.locks, named_in(design.locks, use.tile), kStreams);
    if (use.tile.kind() != arch::TileKind::Shim)
      check(use.tile, "bytes of memory", use.bytes, there.memory_bytes,
            named_in(design.buffers, use.tile), kSpace);
  }
}

}  // namespace npu::compiler::matmul
