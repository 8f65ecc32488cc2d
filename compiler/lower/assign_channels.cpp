// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <array>
#include <map>

#include "compiler/design/text.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

using arch::TileKind;

int channel_count(TileKind kind, Direction direction) {
  return direction == Direction::S2mm ? arch::facts(kind).s2mm_channels
                                      : arch::facts(kind).mm2s_channels;
}

bool reaches_neighbour(const Design& design, const Channel& channel) {
  const auto outside = [&](const std::optional<LockUse>& use) {
    return use && design.locks[use->lock].tile != channel.tile;
  };
  return std::any_of(channel.descriptors.begin(), channel.descriptors.end(),
                     [&](const Descriptor& d) {
                       return design.buffers[d.buffer].tile != channel.tile || outside(d.acquire) ||
                              outside(d.release);
                     });
}

size_t descriptors_of(const Design& design, Coord tile) {
  size_t count = 0;
  for (const Channel& channel : design.channels)
    if (channel.tile == tile)
      count += channel.descriptors.size();
  return count;
}

/// The channels of one tile that still need a number, with what is taken.
struct Tile {
  Coord coord;
  std::array<uint32_t, 2> used = {};       // by direction, one bit per channel
  std::array<size_t, 2> descriptors = {};  // by parity
  std::vector<Channel*> waiting = {};
  bool crowded = false;  // more descriptors than one half of a memtile has

  void take(Channel& channel, int index) {
    channel.index = index;
    used[static_cast<size_t>(channel.direction)] |= 1u << index;
    descriptors[index % 2] += channel.descriptors.size();
  }

  /// The lowest free channel below `limit`; in a crowded memtile of the parity with fewer
  /// descriptors when it has one.
  std::optional<int> choose(Direction direction, int limit) const {
    std::array<std::optional<int>, 2> free;
    for (int index = limit - 1; index >= 0; --index)
      if (!(used[static_cast<size_t>(direction)] >> index & 1))
        free[index % 2] = index;
    if (!free[0] || !free[1])
      return free[0] ? free[0] : free[1];
    if (!crowded || descriptors[0] == descriptors[1])
      return std::min(*free[0], *free[1]);
    return descriptors[0] < descriptors[1] ? free[0] : free[1];
  }
};

Error out_of_channels(const Design& design, Coord tile, Direction direction, int limit,
                      bool neighbours) {
  std::vector<std::string> names;
  for (const Channel& channel : design.channels)
    if (channel.tile == tile && channel.direction == direction &&
        (!neighbours || reaches_neighbour(design, channel)))
      names.push_back(channel.name);
  return Error("{}: needs {} {} channels{}, has {}: {}", arch::to_string(tile), names.size(),
               to_string(direction), neighbours ? " that reach a neighbour" : "", limit,
               fmt::join(names, ", "))
      .hint("move a stream to another tile, or share a channel between streams as packets");
}

}  // namespace

void assign_channels(Design& design) {
  std::map<Coord, Tile> tiles;
  for (Channel& channel : design.channels) {
    Tile& tile = tiles.try_emplace(channel.tile, Tile{.coord = channel.tile}).first->second;
    if (channel.index)
      tile.take(channel, *channel.index);
    else
      tile.waiting.push_back(&channel);
  }
  for (auto& [coord, tile] : tiles) {
    const bool memtile = coord.kind() == TileKind::Memtile;
    tile.crowded = memtile && descriptors_of(design, coord) > arch::kMemtileDescriptorsPerParity;
    const auto bound = [&](const Channel* c) { return memtile && reaches_neighbour(design, *c); };
    // The most constrained first, then, where descriptors are scarce, the largest: what is left
    // balances the halves.
    const bool crowded = tile.crowded;
    std::stable_sort(tile.waiting.begin(), tile.waiting.end(), [&](Channel* a, Channel* b) {
      return std::pair(bound(b), crowded ? b->descriptors.size() : 0) <
             std::pair(bound(a), crowded ? a->descriptors.size() : 0);
    });
    for (Channel* channel : tile.waiting) {
      const int limit = bound(channel) ? arch::kMemtileNeighbourChannels
                                       : channel_count(coord.kind(), channel->direction);
      const std::optional<int> index = tile.choose(channel->direction, limit);
      if (!index)
        throw out_of_channels(design, coord, channel->direction, limit, bound(channel));
      tile.take(*channel, *index);
    }
  }
}

}  // namespace npu::compiler
