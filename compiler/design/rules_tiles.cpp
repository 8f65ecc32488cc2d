// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <map>
#include <set>

#include "compiler/design/reach.h"
#include "compiler/design/rules.h"
#include "compiler/design/text.h"
#include "hw-model/arch/dma.h"

namespace npu::compiler::rules {

using arch::BdField;
using arch::TileKind;

namespace {

/// The first finding of a check over all descriptors, and how many there are.
template <typename Check>
std::optional<Finding> for_each_descriptor(const Design& design, Check check) {
  std::optional<Finding> first;
  for (const Channel& channel : design.channels)
    for (size_t i = 0; i < channel.descriptors.size(); ++i) {
      const std::optional<std::string> what = check(channel, channel.descriptors[i]);
      if (what && first)
        ++first->others;
      else if (what)
        first = finding(channel.descriptors[i].source, "{}: descriptor {}: {}", describe(channel),
                        i, *what);
    }
  return first;
}

uint64_t limit(TileKind kind, BdField field) {
  return (uint64_t{1} << arch::bd_field(kind, field)->bits.width()) - 1;
}

}  // namespace

std::optional<Finding> buffers_in_memory(const Design& design) {
  for (const Buffer& buffer : design.buffers) {
    for (const int64_t extent : buffer.shape)
      if (extent < 1)
        return finding(buffer.source, "{}: buffer `{}` has an extent of {}",
                       arch::to_string(buffer.tile), buffer.name, extent);
    const uint64_t there = arch::facts(buffer.tile.kind()).memory_bytes;
    const uint64_t begin = buffer.address.value_or(0);
    if (begin + buffer.bytes() > there)
      return finding(buffer.source,
                     "{}: buffer `{}` of {} bytes at {:#x} leaves the memory of {} bytes",
                     arch::to_string(buffer.tile), buffer.name, buffer.bytes(), begin, there);
    if (begin % 4 != 0)
      return finding(buffer.source, "{}: buffer `{}` at {:#x} is not at a word",
                     arch::to_string(buffer.tile), buffer.name, begin);
    if (buffer.initial.size() > (buffer.bytes() + 3) / 4)
      return finding(buffer.source, "{}: buffer `{}` of {} bytes has {} bytes of initial data",
                     arch::to_string(buffer.tile), buffer.name, buffer.bytes(),
                     4 * buffer.initial.size());
  }
  return std::nullopt;
}

std::optional<Finding> buffers_apart(const Design& design) {
  struct Taken {
    uint64_t end;
    std::string name;
  };
  std::map<Coord, std::map<uint64_t, Taken>> tiles;
  for (const Core& core : design.cores)
    if (core.stack_bytes > 0)
      tiles[core.tile][0] = {static_cast<uint64_t>(core.stack_bytes), "the stack"};
  for (const Buffer& buffer : design.buffers) {
    if (!buffer.address || buffer.bytes() == 0)
      continue;
    auto& taken = tiles[buffer.tile];
    const uint64_t begin = *buffer.address;
    const uint64_t end = begin + buffer.bytes();
    for (const auto& [other, range] : taken)
      if (begin < range.end && other < end)
        return finding(buffer.source, "{}: buffer `{}` at {:#x}..{:#x} overlaps {} at {:#x}..{:#x}",
                       arch::to_string(buffer.tile), buffer.name, begin, end, range.name, other,
                       range.end);
    taken[begin] = {end, fmt::format("`{}`", buffer.name)};
  }
  return std::nullopt;
}

std::optional<Finding> numbers_unique(const Design& design) {
  std::set<std::pair<Coord, int>> locks;
  for (const Lock& lock : design.locks) {
    if (!lock.id)
      continue;
    if (const int there = arch::facts(lock.tile.kind()).locks; *lock.id < 0 || *lock.id >= there)
      return finding(lock.source, "{}: lock `{}` has number {} of {}", arch::to_string(lock.tile),
                     lock.name, *lock.id, there);
    if (!locks.emplace(lock.tile, *lock.id).second)
      return finding(lock.source, "{}: two locks have number {}, one is `{}`",
                     arch::to_string(lock.tile), *lock.id, lock.name);
  }
  std::set<std::tuple<Coord, Direction, int>> channels;
  std::set<std::pair<Coord, int>> descriptors;
  for (const Channel& channel : design.channels) {
    const arch::TileFacts& facts = arch::facts(channel.tile.kind());
    const int there =
        channel.direction == Direction::S2mm ? facts.s2mm_channels : facts.mm2s_channels;
    if (channel.index && (*channel.index < 0 || *channel.index >= there))
      return finding(channel.source, "{}: channel {} of {}", describe(channel), *channel.index,
                     there);
    if (channel.index && !channels.emplace(channel.tile, channel.direction, *channel.index).second)
      return finding(channel.source, "{}: the channel is there twice", describe(channel));
    for (const Descriptor& d : channel.descriptors) {
      if (d.id && (*d.id < 0 || *d.id >= facts.descriptors))
        return finding(d.source, "{}: descriptor {} of {}", describe(channel), *d.id,
                       facts.descriptors);
      if (d.id && !descriptors.emplace(channel.tile, *d.id).second)
        return finding(d.source, "{}: descriptor {} is there twice", describe(channel), *d.id);
    }
  }
  return std::nullopt;
}

std::optional<Finding> lock_values(const Design& design) {
  for (const Lock& lock : design.locks)
    if (lock.initial < 0 || lock.initial > arch::kMaxLockValue)
      return finding(lock.source, "{}: lock `{}` starts at {}", arch::to_string(lock.tile),
                     lock.name, lock.initial);
  return for_each_descriptor(design, [&](const Channel&, const Descriptor& d) {
    for (const auto& use : {d.acquire, d.release})
      if (use && (use->value < 0 || use->value > arch::kMaxLockValue))
        return std::optional(
            fmt::format("lock `{}` by {}", design.locks[use->lock].name, use->value));
    return std::optional<std::string>();
  });
}

std::optional<Finding> dma_reach(const Design& design) {
  return for_each_descriptor(design, [&](const Channel& channel, const Descriptor& d) {
    const auto beyond = [&](Coord owner) { return !dma_window(channel.tile, owner); };
    if (const Buffer& buffer = design.buffers[d.buffer]; beyond(buffer.tile))
      return std::optional(
          fmt::format("buffer `{}` is in {}", buffer.name, arch::to_string(buffer.tile)));
    for (const auto& use : {d.acquire, d.release})
      if (use && beyond(design.locks[use->lock].tile))
        return std::optional(fmt::format("lock `{}` is in {}", design.locks[use->lock].name,
                                         arch::to_string(design.locks[use->lock].tile)));
    return std::optional<std::string>();
  });
}

std::optional<Finding> neighbour_channels(const Design& design) {
  return for_each_descriptor(design, [&](const Channel& channel, const Descriptor& d) {
    const bool local = channel.index && *channel.index >= arch::kMemtileNeighbourChannels;
    Coord reached = design.buffers[d.buffer].tile;
    for (const auto& use : {d.acquire, d.release})
      if (use && reached == channel.tile)
        reached = design.locks[use->lock].tile;
    return local && reached != channel.tile
               ? std::optional(
                     fmt::format("channel {} reaches {}", *channel.index, arch::to_string(reached)))
               : std::nullopt;
  });
}

std::optional<Finding> descriptor_in_buffer(const Design& design) {
  return for_each_descriptor(design, [&](const Channel&, const Descriptor& d) {
    const Buffer& buffer = design.buffers[d.buffer];
    const uint64_t words = (buffer.bytes() + 3) / 4;
    return end_word(d) > words
               ? std::optional(fmt::format("reaches word {} of buffer `{}` of {} words",
                                           end_word(d) - 1, buffer.name, words))
               : std::nullopt;
  });
}

std::optional<Finding> descriptor_parity(const Design& design) {
  return for_each_descriptor(design, [&](const Channel& channel, const Descriptor& d) {
    const bool memtile = channel.tile.kind() == TileKind::Memtile;
    return memtile && channel.index && d.id &&
                   *d.id / arch::kMemtileDescriptorsPerParity != *channel.index % 2
               ? std::optional(
                     fmt::format("number {} is out of reach of channel {}", *d.id, *channel.index))
               : std::nullopt;
  });
}

std::optional<std::string> unfit(TileKind kind, uint64_t length, const std::vector<Dim>& dims,
                                 int iteration_size, uint64_t iteration_step) {
  const arch::TileFacts& facts = arch::facts(kind);
  if (length > limit(kind, BdField::Length))
    return fmt::format("length {} words, at most {}", length, limit(kind, BdField::Length));
  if (static_cast<int>(dims.size()) > facts.dims)
    return fmt::format("{} dimensions, at most {}", dims.size(), facts.dims);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i + 1 < dims.size() && (dims[i].size < 1 || dims[i].size > limit(kind, BdField::D0Wrap)))
      return fmt::format("size {} of dimension {}, 1 to {}", dims[i].size, i,
                         limit(kind, BdField::D0Wrap));
    if (dims[i].step < 1 || dims[i].step > limit(kind, BdField::D0Step) + 1)
      return fmt::format("step {} of dimension {}, 1 to {}", dims[i].step, i,
                         limit(kind, BdField::D0Step) + 1);
  }
  const uint64_t iterations = limit(kind, BdField::IterationWrap) + 1;
  if (iteration_step > 0 &&
      (iteration_size < 1 || static_cast<uint64_t>(iteration_size) > iterations))
    return fmt::format("{} iterations, 1 to {}", iteration_size, iterations);
  if (iteration_step > limit(kind, BdField::IterationStep) + 1)
    return fmt::format("iteration step {}, at most {}", iteration_step,
                       limit(kind, BdField::IterationStep) + 1);
  return std::nullopt;
}

std::optional<Finding> descriptor_fields(const Design& design) {
  return for_each_descriptor(design, [](const Channel& channel, const Descriptor& d) {
    return unfit(channel.tile.kind(), d.length, d.dims, d.iteration_size, d.iteration_step);
  });
}

std::optional<Finding> padding(const Design& design) {
  constexpr std::array<int, 3> kMost{63, 31, 15};  // hardware reference 4.6
  return for_each_descriptor(design, [&](const Channel& channel, const Descriptor& d) {
    if (d.pads.empty())
      return std::optional<std::string>();
    if (channel.tile.kind() != TileKind::Memtile || channel.direction != Direction::Mm2s)
      return std::optional<std::string>("padding");
    if (d.pads.size() != d.dims.size())
      return std::optional(fmt::format("{} pads for {} dimensions", d.pads.size(), d.dims.size()));
    for (size_t i = 0; i < d.pads.size(); ++i) {
      const int most = i < kMost.size() ? kMost[i] : 0;
      for (const int words : {d.pads[i].before, d.pads[i].after})
        if (words < 0 || words > most)
          return std::optional(fmt::format("pads {} in dimension {}, at most {}", words, i, most));
      if (d.pads[i] != Pad{} && d.dims[i].size > limit(TileKind::Memtile, BdField::D0Wrap))
        return std::optional(fmt::format("padded dimension {} of size {}, at most {}", i,
                                         d.dims[i].size,
                                         limit(TileKind::Memtile, BdField::D0Wrap)));
    }
    return std::optional<std::string>();
  });
}

std::optional<Finding> channel_tasks(const Design& design) {
  for (const Channel& channel : design.channels) {
    if (channel.tasks.size() > arch::kTaskQueueDepth)
      return finding(channel.source, "{}: {} tasks for a queue of {}", describe(channel),
                     channel.tasks.size(), arch::kTaskQueueDepth);
    for (const Channel::Task& task : channel.tasks)
      if (task.repeat < 1 || task.repeat > arch::kMaxRepeat)
        return finding(channel.source, "{}: a task of {} executions", describe(channel),
                       task.repeat);
    if (channel.finish_on_tlast < 0 || channel.finish_on_tlast > 3)
      return finding(channel.source, "{}: finish-on-TLAST mode {}", describe(channel),
                     channel.finish_on_tlast);
    if (channel.direction == Direction::Mm2s && (channel.out_of_order || channel.finish_on_tlast))
      return finding(channel.source, "{}: a sender has no out-of-order and no finish-on-TLAST mode",
                     describe(channel));
  }
  return std::nullopt;
}

std::optional<Finding> core_reach(const Design& design) {
  for (const Core& core : design.cores) {
    const auto broken = [&](int instruction, std::string_view what, const std::string& name,
                            Coord tile) {
      return finding(core.source, "{}: instruction {} of the program uses {} `{}` in {}",
                     arch::to_string(core.tile), instruction, what, name, arch::to_string(tile));
    };
    for (const Core::Reference& use : core.buffers)
      if (const Buffer& buffer = design.buffers[use.index]; !core_window(core.tile, buffer.tile))
        return broken(use.instruction, "buffer", buffer.name, buffer.tile);
    for (const Core::Reference& use : core.locks)
      if (const Lock& lock = design.locks[use.index]; !core_window(core.tile, lock.tile))
        return broken(use.instruction, "lock", lock.name, lock.tile);
  }
  return std::nullopt;
}

}  // namespace npu::compiler::rules
