// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <set>

#include "compiler/design/rules.h"
#include "compiler/design/text.h"

namespace npu::compiler::rules {

namespace {

template <typename T>
bool in(int index, const std::vector<T>& rows) {
  return index >= 0 && index < static_cast<int>(rows.size());
}

std::optional<Finding> check_descriptor(const Design& design, const Channel& channel,
                                        size_t index) {
  const Descriptor& d = channel.descriptors[index];
  const auto broken = [&](std::string_view what, int number) {
    return finding(d.source, "{}: descriptor {} names {} {}, which is not there", describe(channel),
                   index, what, number);
  };
  if (!in(d.buffer, design.buffers))
    return broken("buffer", d.buffer);
  for (const auto& use : {d.acquire, d.release})
    if (use && !in(use->lock, design.locks))
      return broken("lock", use->lock);
  if (d.next && !in(*d.next, channel.descriptors))
    return broken("next descriptor", *d.next);
  return std::nullopt;
}

std::optional<Finding> check_channel(const Design& design, const Channel& channel) {
  for (size_t i = 0; i < channel.descriptors.size(); ++i)
    if (auto found = check_descriptor(design, channel, i))
      return found;
  for (const Channel::Task& task : channel.tasks)
    if (!in(task.first, channel.descriptors))
      return finding(channel.source, "{}: a task starts at descriptor {}, which is not there",
                     describe(channel), task.first);
  return std::nullopt;
}

std::optional<Finding> check_end(const Design& design, const Flow& flow, const Endpoint& end) {
  if (end.design_channel && !in(*end.design_channel, design.channels))
    return finding(flow.source_location, "flow `{}` names channel {}, which is not there",
                   flow.name, *end.design_channel);
  if (end.shim_channel && !in(*end.shim_channel, design.shim_channels))
    return finding(flow.source_location, "flow `{}` names shim channel {}, which is not there",
                   flow.name, *end.shim_channel);
  return std::nullopt;
}

template <typename T>
std::optional<Finding> check_references(const Core& core, const std::vector<Core::Reference>& uses,
                                        const std::vector<T>& rows, std::string_view what) {
  for (const Core::Reference& use : uses)
    if (!in(use.index, rows) || !in(use.instruction, core.program.code))
      return finding(core.source,
                     "{}: instruction {} of the program names {} {}, which is not there",
                     arch::to_string(core.tile), use.instruction, what, use.index);
  return std::nullopt;
}

std::optional<Finding> check_transfer(const Design& design, const Transfer& transfer) {
  if (!in(transfer.shim_channel, design.shim_channels))
    return finding({}, "transfer {} names shim channel {}, which is not there", transfer.id,
                   transfer.shim_channel);
  if (!in(transfer.argument, design.arguments))
    return finding({}, "transfer {} names argument {}, which is not there", transfer.id,
                   transfer.argument);
  return std::nullopt;
}

}  // namespace

std::optional<Finding> indices_in_range(const Design& design) {
  for (const Channel& channel : design.channels)
    if (auto found = check_channel(design, channel))
      return found;
  for (const Flow& flow : design.flows) {
    if (auto found = check_end(design, flow, flow.source))
      return found;
    for (const Endpoint& end : flow.destinations)
      if (auto found = check_end(design, flow, end))
        return found;
  }
  for (const Core& core : design.cores) {
    if (auto found = check_references(core, core.buffers, design.buffers, "buffer"))
      return found;
    if (auto found = check_references(core, core.locks, design.locks, "lock"))
      return found;
  }
  for (const HostOp& op : design.sequence)
    if (const auto* transfer = std::get_if<Transfer>(&op))
      if (auto found = check_transfer(design, *transfer))
        return found;
  return std::nullopt;
}

std::optional<Finding> tiles_in_partition(const Design& design) {
  const auto outside = [&](Coord tile, std::string source, const std::string& what) {
    return design.partition.contains(tile)
               ? std::optional<Finding>()
               : finding(std::move(source), "{}: {} is outside the partition of {} columns", what,
                         arch::to_string(tile), design.partition.columns);
  };
  for (const Buffer& buffer : design.buffers)
    if (auto found = outside(buffer.tile, buffer.source, fmt::format("buffer `{}`", buffer.name)))
      return found;
  for (const Lock& lock : design.locks)
    if (auto found = outside(lock.tile, lock.source, fmt::format("lock `{}`", lock.name)))
      return found;
  for (const Core& core : design.cores)
    if (auto found = outside(core.tile, core.source, "core"))
      return found;
  for (const Connection& connection : design.connections)
    if (auto found = outside(connection.tile, {}, "connection"))
      return found;
  for (const Flow& flow : design.flows) {
    if (auto found =
            outside(flow.source.tile, flow.source_location, fmt::format("flow `{}`", flow.name)))
      return found;
    for (const Endpoint& end : flow.destinations)
      if (auto found = outside(end.tile, flow.source_location, fmt::format("flow `{}`", flow.name)))
        return found;
  }
  for (const Channel& channel : design.channels) {
    if (auto found =
            outside(channel.tile, channel.source, fmt::format("channel `{}`", channel.name)))
      return found;
    if (channel.tile.kind() == arch::TileKind::Shim)
      return finding(channel.source, "{}: the channels of a shim are the host's",
                     describe(channel));
  }
  return std::nullopt;
}

std::optional<Finding> names_unique(const Design& design) {
  std::set<std::string> names;
  for (const Buffer& buffer : design.buffers)
    if (!names.insert(buffer.name).second)
      return finding(buffer.source, "{}: there are two buffers `{}`", arch::to_string(buffer.tile),
                     buffer.name);
  return std::nullopt;
}

std::optional<Finding> cores_on_core_tiles(const Design& design) {
  std::set<Coord> tiles;
  for (const Core& core : design.cores) {
    if (core.tile.kind() != arch::TileKind::Core)
      return finding(core.source, "{}: the tile has no core", arch::to_string(core.tile));
    if (!tiles.insert(core.tile).second)
      return finding(core.source, "{}: the core has two programs", arch::to_string(core.tile));
  }
  return std::nullopt;
}

}  // namespace npu::compiler::rules
