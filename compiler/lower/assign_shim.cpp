// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <deque>
#include <map>

#include "compiler/design/text.h"
#include "compiler/lower/numbers.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

using arch::TileKind;

Coord shim_at(int col) {
  return {static_cast<uint8_t>(col), 0};
}

void assign_shim_channels(Design& design) {
  std::map<std::pair<int, Direction>, Numbers> taken;
  const auto take_raw = [&](const Endpoint& end, Direction direction) {
    if (end.tile.kind() == TileKind::Shim && end.bundle == arch::Bundle::Dma && end.channel)
      taken[{end.tile.col, direction}].take(*end.channel);
  };
  for (const Flow& flow : design.flows) {
    take_raw(flow.source, Direction::Mm2s);
    for (const Endpoint& end : flow.destinations)
      take_raw(end, Direction::S2mm);
  }
  for (const ShimChannel& channel : design.shim_channels)
    if (channel.index)
      taken[{channel.col, channel.direction}].take(*channel.index);
  for (ShimChannel& channel : design.shim_channels) {
    if (channel.index)
      continue;
    const int there = channel.direction == Direction::S2mm
                          ? arch::facts(TileKind::Shim).s2mm_channels
                          : arch::facts(TileKind::Shim).mm2s_channels;
    Numbers& numbers = taken[{channel.col, channel.direction}];
    channel.index = numbers.free(0, there);
    if (!channel.index) {
      std::vector<std::string> names;
      for (const ShimChannel& other : design.shim_channels)
        if (other.col == channel.col && other.direction == channel.direction)
          names.push_back(other.name);
      throw Error("{}: needs {} {} channels, has {}: {}", arch::to_string(shim_at(channel.col)),
                  names.size(), to_string(channel.direction), there, fmt::join(names, ", "))
          .hint("bring the stream in through another column, or share a channel as packets");
    }
    numbers.take(*channel.index);
  }
}

/// What the host knows of the transfers that it has started: walks the sequence as the device will.
class Host {
 public:
  explicit Host(Design& design) : design_(design) {
    for (const HostOp& op : design.sequence)
      if (const auto* command = std::get_if<arch::Command>(&op))
        std::visit([this](const auto& c) { reserve(c); }, *command);
  }

  void start(Transfer& transfer) {
    const ShimChannel& channel = design_.shim_channels[transfer.shim_channel];
    std::deque<Transfer*>& outstanding = outstanding_[channel_of(transfer)];
    if (outstanding.size() >= arch::kTaskQueueDepth)
      throw Error(
          "{}: transfer {} does not fit the task queue: {} transfers are outstanding, the oldest "
          "is "
          "transfer {}",
          describe(channel), transfer.id, outstanding.size(), outstanding.front()->id)
          .hint("await transfer {} before, with a token", outstanding.front()->id);
    Numbers& numbers = descriptors_[channel.col];
    if (transfer.descriptor)
      check_free(transfer, channel);
    else
      transfer.descriptor = numbers.free(0, arch::facts(TileKind::Shim).descriptors);
    if (!transfer.descriptor)
      throw Error(
          "{}: transfer {} finds no free descriptor: all {} are in use by transfers that are not "
          "awaited",
          describe(channel), transfer.id, arch::facts(TileKind::Shim).descriptors)
          .hint("await earlier transfers of {} before", arch::to_string(shim_at(channel.col)));
    numbers.take(*transfer.descriptor);
    outstanding.push_back(&transfer);
  }

  /// A channel finishes its tasks in order, so that what was started before the awaited one is
  /// finished too.
  void await(int id) {
    for (auto& [key, outstanding] : outstanding_) {
      const auto awaited = std::find_if(outstanding.begin(), outstanding.end(),
                                        [&](const Transfer* t) { return t->id == id; });
      if (awaited == outstanding.end())
        continue;
      for (auto t = outstanding.begin(); t != std::next(awaited); ++t)
        descriptors_[key.col].give_back(*(*t)->descriptor);
      outstanding.erase(outstanding.begin(), std::next(awaited));
      return;
    }
  }

 private:
  struct Key {
    int col;
    Direction direction;
    int index;
    auto operator<=>(const Key&) const = default;
  };

  Key channel_of(const Transfer& transfer) const {
    const ShimChannel& channel = design_.shim_channels[transfer.shim_channel];
    return {channel.col, channel.direction, *channel.index};
  }

  void check_free(const Transfer& transfer, const ShimChannel& channel) const {
    for (const auto& [key, outstanding] : outstanding_)
      for (const Transfer* other : outstanding)
        if (key.col == channel.col && other->descriptor == transfer.descriptor)
          throw Error("{}: transfer {} rewrites descriptor {}, which transfer {} still uses",
                      describe(channel), transfer.id, *transfer.descriptor, other->id)
              .hint("await transfer {} before, or use another descriptor", other->id);
  }

  /// Descriptors that the sequence writes by itself are not given out.
  void reserve_address(uint32_t address) {
    const Coord tile = arch::tile_of(address);
    if (tile.kind() != TileKind::Shim)
      return;
    for (int id = 0; id < arch::facts(TileKind::Shim).descriptors; ++id) {
      const uint32_t begin = arch::bd_offset(TileKind::Shim, id);
      const uint32_t end = begin + 4u * arch::bd_words(TileKind::Shim);
      if (arch::offset_of(address) >= begin && arch::offset_of(address) < end)
        descriptors_[tile.col].take(id);
    }
  }
  void reserve(const arch::Write& write) { reserve_address(write.address); }
  void reserve(const arch::BlockWrite& write) { reserve_address(write.address); }
  void reserve(const arch::MaskWrite& write) { reserve_address(write.address); }
  template <typename Other>
  void reserve(const Other&) {}

  Design& design_;
  std::map<Key, std::deque<Transfer*>> outstanding_;
  std::map<int, Numbers> descriptors_;
};

}  // namespace

void assign_shim(Design& design) {
  assign_shim_channels(design);
  Host host(design);
  for (HostOp& op : design.sequence) {
    if (auto* transfer = std::get_if<Transfer>(&op))
      host.start(*transfer);
    else if (const auto* await = std::get_if<Await>(&op))
      host.await(await->id);
  }
}

}  // namespace npu::compiler
