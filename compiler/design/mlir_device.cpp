// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/design/mlir_scope.h"
#include "compiler/mlir/cases.h"

namespace npu::compiler::mlir {

namespace {

Op use_lock(const Scope& scope, const LockUse& use, bool acquire) {
  const std::string_view action = !acquire    ? "Release"
                                  : use.equal ? "Acquire"
                                              : "AcquireGreaterEqual";
  return {.name = "aie.use_lock",
          .operands = {scope.lock(use.lock)},
          .attributes = {enumeration("action", kLockActions, action), integer("value", use.value)}};
}

Attribute dimensions(const std::vector<Dim>& dims, uint32_t element_bytes) {
  std::vector<std::string> texts;
  for (const Dim& dim : element_dims(dims, element_bytes))
    texts.push_back(fmt::format("<size = {}, stride = {}>", dim.size, dim.step));
  const std::string list = fmt::format("[{}]", fmt::join(texts, ", "));
  return {"dimensions", fmt::format("#aie<bd_dim_layout_array{}>", list), list};
}

/// Padding in elements; what is padded in a row of elements that became a dimension of its own is
/// nothing.
Attribute padding(const Descriptor& d, uint32_t element_bytes) {
  const auto ratio = static_cast<int>(4 / element_bytes);
  std::vector<std::string> texts;
  const auto add = [&](int before, int after) {
    texts.push_back(fmt::format("<const_pad_before = {}, const_pad_after = {}>", before, after));
  };
  const bool split = ratio > 1 && d.dims[0].step != 1;
  for (size_t i = d.pads.size(); i-- > 0;) {
    const int scale = i == 0 && !split ? ratio : 1;
    add(d.pads[i].before * scale, d.pads[i].after * scale);
  }
  if (split)
    add(0, 0);
  const std::string list = fmt::format("[{}]", fmt::join(texts, ", "));
  return {"pad_dimensions", fmt::format("#aie<bd_pad_layout_array{}>", list), list};
}

Op descriptor_op(const Scope& scope, const Channel& channel, const Descriptor& d) {
  const uint32_t bytes = arch::bytes_of(scope.design.buffers[d.buffer].type);
  Op op{.name = "aie.dma_bd",
        .operands = {scope.buffer(d.buffer)},
        .attributes = {integer("offset", elements(d.offset, bytes)),
                       integer("len", elements(d.length, bytes))}};
  if (!d.dims.empty())
    op.attributes.push_back(dimensions(d.dims, bytes));
  if (!d.pads.empty())
    op.attributes.push_back(padding(d, bytes));
  if (d.id)
    op.attributes.push_back(integer("bd_id", *d.id));
  if (d.next && channel.descriptors[*d.next].id)
    op.attributes.push_back(integer("next_bd_id", *channel.descriptors[*d.next].id));
  if (d.packet)
    op.attributes.push_back(packet_info(*d.packet));
  if (d.out_of_order_id)
    op.attributes.push_back(integer("out_of_order_id", *d.out_of_order_id));
  if (d.iteration_step > 0) {
    op.attributes.push_back(integer("iteration_size", d.iteration_size));
    op.attributes.push_back(integer("iteration_stride", elements(d.iteration_step, bytes)));
    if (d.iteration_current > 0)
      op.attributes.push_back(integer("iteration_current", d.iteration_current));
  }
  if (d.suppress_tlast)
    op.attributes.push_back(boolean("tlast_suppress", true));
  return op;
}

/// The blocks of one tile's DMA: a start for each task, each followed by the descriptors of its
/// channel.
class DmaRegion {
 public:
  DmaRegion(Scope& scope, Coord tile) : scope_(scope) {
    for (const Channel& channel : scope.design.channels)
      if (channel.tile == tile)
        channels_.push_back(&channel);
  }

  Region run() {
    number_blocks();
    for (const Channel* channel : channels_) {
      for (size_t task = 0; task < starts(*channel); ++task)
        start(*channel, task);
      for (size_t i = 0; i < channel->descriptors.size(); ++i)
        descriptor(*channel, i);
    }
    region_.push_back({.label = end_, .ops = {{.name = "aie.end"}}});
    return std::move(region_);
  }

 private:
  /// A channel that nothing starts is written as one start, which says so.
  static size_t starts(const Channel& channel) { return std::max<size_t>(channel.tasks.size(), 1); }
  static std::string label(int block) { return fmt::format("^bb{}", block); }

  void number_blocks() {
    int block = 0;
    for (const Channel* channel : channels_) {
      for (size_t task = 0; task < starts(*channel); ++task)
        start_labels_.push_back(label(block++));
      for (size_t i = 0; i < channel->descriptors.size(); ++i)
        descriptor_labels_[channel].push_back(label(block++));
    }
    end_ = label(block);
  }

  std::string first_of(const Channel& channel, int descriptor) {
    return channel.descriptors.empty()
               ? end_
               : descriptor_labels_[&channel][static_cast<size_t>(descriptor)];
  }

  void start(const Channel& channel, size_t task_index) {
    const bool started = !channel.tasks.empty();
    const Channel::Task task = started ? channel.tasks[task_index] : Channel::Task{};
    Op op{.name = "aie.dma_start",
          .results = {scope_.value("dma", "i1")},
          .attributes = {direction(channel.direction),
                         integer("channel_index", channel.index.value_or(-1))}};
    if (task.repeat > 1)
      op.attributes.push_back(integer("repeat_count", task.repeat - 1));
    if (!channel.name.empty())
      op.attributes.push_back(string("name", channel.name));
    if (!started)
      op.attributes.push_back(boolean("started", false));
    if (task.token)
      op.attributes.push_back(boolean("issue_token", true));
    if (channel.out_of_order)
      op.attributes.push_back(boolean("out_of_order", true));
    if (channel.finish_on_tlast)
      op.attributes.push_back(integer("fot_mode", channel.finish_on_tlast));
    if (channel.pad_value)
      op.attributes.push_back(integer("pad_value", channel.pad_value));
    const std::string here = start_labels_[next_start_++];
    const std::string chain =
        next_start_ < start_labels_.size() ? start_labels_[next_start_] : end_;
    op.successors = {{first_of(channel, task.first), {}}, {chain, {}}};
    region_.push_back({.label = here, .ops = {std::move(op)}});
  }

  void descriptor(const Channel& channel, size_t index) {
    const Descriptor& d = channel.descriptors[index];
    Block block{.label = descriptor_labels_[&channel][index]};
    if (d.acquire)
      block.ops.push_back(use_lock(scope_, *d.acquire, true));
    block.ops.push_back(descriptor_op(scope_, channel, d));
    if (d.release)
      block.ops.push_back(use_lock(scope_, *d.release, false));
    block.ops.push_back(
        {.name = "aie.next_bd", .successors = {{d.next ? first_of(channel, *d.next) : end_, {}}}});
    region_.push_back(std::move(block));
  }

  Scope& scope_;
  std::vector<const Channel*> channels_;
  std::vector<std::string> start_labels_;
  std::map<const Channel*, std::vector<std::string>> descriptor_labels_;
  std::string end_;
  size_t next_start_ = 0;
  Region region_;
};

}  // namespace

std::vector<Op> dma_ops(Scope& scope) {
  std::vector<Coord> tiles;
  for (const Channel& channel : scope.design.channels)
    tiles.push_back(channel.tile);
  std::sort(tiles.begin(), tiles.end());
  tiles.erase(std::unique(tiles.begin(), tiles.end()), tiles.end());
  std::vector<Op> ops;
  for (const Coord tile : tiles) {
    const bool core = tile.kind() == arch::TileKind::Core;
    const std::string name =
        fmt::format("{}_{}_{}", core ? "mem" : "memtile_dma", tile.col, tile.row);
    ops.push_back({.name = core ? "aie.mem" : "aie.memtile_dma",
                   .operands = {scope.tile(tile)},
                   .results = {scope.value(name, "index")},
                   .regions = {DmaRegion(scope, tile).run()}});
  }
  return ops;
}

}  // namespace npu::compiler::mlir
