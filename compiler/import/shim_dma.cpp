// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DMA programs of shims: those of `aie.shim_dma`, and those that move objects of a fifo from and to
// buffers of the host.
#include <algorithm>
#include <array>

#include "compiler/design/text.h"
#include "compiler/import/dma_blocks.h"
#include "compiler/import/objectfifo.h"

namespace npu::compiler::import {

namespace {

using arch::TileKind;

constexpr std::array<std::string_view, 8> kOfBlocks{
    "aie.dma_bd", "aie.dma_bd_packet", "aie.use_lock", "aie.next_bd", "aie.end",
    "cf.br",      "arith.constant",    "aie.lock"};

bool is_descriptor(const Op& op) {
  return op.name == "aie.dma_bd";
}

/// The channel of the design, which gets a name when it has none.
int channel_of(State& state, const Op& op, Coord shim, const std::string& name) {
  const Direction direction = state.direction(op, "channel_dir");
  const int index = channel_number(state, op);
  const arch::TileFacts& facts = arch::facts(TileKind::Shim);
  const int there = direction == Direction::S2mm ? facts.s2mm_channels : facts.mm2s_channels;
  if (index < 0 || index >= there)
    throw state.error(op, "channel {} of {} {} channels of {}", index, there, to_string(direction),
                      arch::to_string(shim));
  std::vector<ShimChannel>& channels = state.design.shim_channels;
  for (size_t i = 0; i < channels.size(); ++i)
    if (channels[i].col == shim.col && channels[i].direction == direction &&
        channels[i].index == index)
      return static_cast<int>(i);
  channels.push_back({.name = name,
                      .col = shim.col,
                      .direction = direction,
                      .index = index,
                      .source = state.source(op)});
  return static_cast<int>(channels.size()) - 1;
}

/// One `aie.shim_dma`.
class Program {
 public:
  Program(State& state, const Op& dma)
      : state_(state), tile_(state.tile(dma, 0)), blocks_(state, dma) {
    if (tile_.kind() != TileKind::Shim || !state.design.partition.has_shim_dma(tile_.col))
      throw state.error(dma, "{} has no DMA to the host's memory", arch::to_string(tile_));
  }

  void run() {
    blocks_.for_each_start([this](const Op& op) { op.name == "aie.dma" ? list(op) : start(op); });
  }

 private:
  ShimDescriptor descriptor(std::vector<const Op*> ops) const {
    ShimDescriptor made;
    Descriptor uses;
    for (const Op* op : ops)
      if (is_descriptor(*op)) {
        if (made.op)
          throw state_.error(*op, "a second descriptor in one block");
        made.op = op;
      } else if (op->name == "aie.use_lock") {
        import_lock_use(state_, *op, uses);
      } else if (std::ranges::find(kOfBlocks, op->name) == kOfBlocks.end()) {
        throw state_.error(*op, "this op has no meaning in a DMA program");
      }
    made.memory = made.op->operands.at(0);
    const auto memory = state_.definitions.find(made.memory.id);
    if (memory == state_.definitions.end() || !memory->second.op ||
        memory->second.op->name != "aie.external_buffer")
      throw state_.error(*made.op, "`{}` is no buffer of the host", made.memory.name)
          .hint("aie.external_buffer is what the DMA of a shim reaches");
    made.acquire = uses.acquire;
    made.release = uses.release;
    if (made.op->attribute("bd_id")) {
      made.id = state_.small(*made.op, "bd_id");
      const int there = arch::facts(TileKind::Shim).descriptors;
      if (*made.id < 0 || *made.id >= there)
        throw state_.error(*made.op, "descriptor {} of {}", *made.id, there)
            .hint("0 to {}", there - 1);
    }
    made.ops = std::move(ops);
    return made;
  }

  void start(const Op& op) {
    ShimTask task{.op = &op};
    std::map<const mlir::Block*, int> numbers;
    for (const mlir::Block* block = blocks_.successor(op, 0); !blocks_.is_end(*block);) {
      const auto [number, added] = numbers.try_emplace(block, static_cast<int>(numbers.size()));
      if (!added) {
        task.back = number->second;
        break;
      }
      task.descriptors.push_back(descriptor(ops_of(*block)));
      const Op& last = block->ops.back();
      if (last.successors.empty())
        break;
      block = blocks_.successor(last, 0);
    }
    task.started = !op.attribute("started") || mlir::flag_of(op, "started");
    add(std::move(task));
  }

  /// `aie.dma(S2MM, 0) [{...}, {...}]`
  void list(const Op& op) {
    ShimTask task{.op = &op};
    for (const mlir::Region& region : op.regions) {
      std::vector<const Op*> ops;
      for (const mlir::Block& block : region)
        for (const Op* inner : ops_of(block))
          ops.push_back(inner);
      if (std::ranges::none_of(ops, [](const Op* each) { return is_descriptor(*each); }))
        throw state_.error(op, "there is no dma_bd in region {}", task.descriptors.size());
      task.descriptors.push_back(descriptor(std::move(ops)));
    }
    if (!op.attribute("loop") || mlir::flag_of(op, "loop"))
      task.back = 0;
    add(std::move(task));
  }

  void add(ShimTask task) {
    const Op& op = *task.op;
    refuse_attributes(state_, op, {"fot_mode", "pad_value"}, "at a channel of a shim");
    if (task.descriptors.empty())
      return;
    std::string name = mlir::name_of(op, op.attribute("name") ? "name" : "sym_name");
    if (name.empty())
      name = host_buffer_name(*state_.definitions.at(task.descriptors[0].memory.id).op);
    task.channel = channel_of(state_, op, tile_, name);
    task.repeat = state_.repeats(op);
    task.token = mlir::flag_of(op, "issue_token");
    task.out_of_order =
        mlir::flag_of(op, "out_of_order") || mlir::flag_of(op, "enable_out_of_order");
    state_.shim_tasks.push_back(std::move(task));
  }

  State& state_;
  Coord tile_;
  DmaBlocks blocks_;
};

/// The end of a fifo that an op gives buffers of the host.
const FifoTile& end_of(const State& state, const Op& op, const Fifo& fifo, Coord shim) {
  if (fifo.producer.tile == shim)
    return fifo.producer;
  for (const FifoTile& consumer : fifo.consumers)
    if (consumer.tile == shim)
      return consumer;
  throw state.error(op, "{} is no end of object fifo `{}`", arch::to_string(shim), fifo.name);
}

/// The buffers in turn, each when it is free or full. What the host gives back between runs is what
/// the locks count: before a run all buffers that are sent are full, and all others free.
void import_registered(State& state, const Op& op, const std::vector<Fifo>& fifos) {
  const std::string name = mlir::name_of(op, "objFifo_name");
  const auto fifo = std::ranges::find(fifos, name, &Fifo::name);
  if (fifo == fifos.end())
    throw state.error(op, "there is no object fifo `{}`", name);
  const Coord shim = state.tile(op, 0);
  const FifoTile& end = end_of(state, op, *fifo, shim);
  const auto channel = state.shim_names.find(name);
  if (shim.kind() != TileKind::Shim || channel == state.shim_names.end())
    throw state.error(op, "{} has no DMA to the host's memory", arch::to_string(shim));
  const ShimChannel& ends = state.design.shim_channels[static_cast<size_t>(channel->second)];
  if (ends.col != shim.col)
    throw state.error(op, "a second shim at object fifo `{}`", name);
  if (std::ranges::find(state.shim_tasks, channel->second, &ShimTask::channel) !=
      state.shim_tasks.end())
    throw state.error(op, "{} of object fifo `{}` has a DMA program already", arch::to_string(shim),
                      name);
  const bool sends = ends.direction == Direction::Mm2s;
  const auto count = static_cast<int>(op.operands.size()) - 1;
  const auto lock = [&](std::string_view role, int initial) {
    return state.add_lock({.name = fmt::format("{}{}_{}_lock_0", name, sends ? "" : "_cons", role),
                           .tile = shim,
                           .initial = initial,
                           .source = state.source(op)});
  };
  ShimTask task{.op = &op, .channel = channel->second, .back = 0};
  const int free = fifo->disable_synchronization ? -1 : lock("prod", sends ? 0 : count);
  const int full = fifo->disable_synchronization ? -1 : lock("cons", sends ? count : 0);
  for (int i = 1; i <= count; ++i) {
    const mlir::Value& memory = op.operands[static_cast<size_t>(i)];
    ShimDescriptor made{.op = &op, .memory = memory};
    const auto element = element_type(state, op, memory.type);
    made.dims = dims_in_words(state, op, end.dims, arch::bytes_of(element));
    if (!fifo->disable_synchronization) {
      made.acquire = LockUse{.lock = sends ? full : free};
      made.release = LockUse{.lock = sends ? free : full};
    }
    task.descriptors.push_back(std::move(made));
  }
  if (count > 0)
    state.shim_tasks.push_back(std::move(task));
}

}  // namespace

std::string host_buffer_name(const Op& op) {
  const std::string name = mlir::name_of(op, "sym_name");
  return !name.empty() || op.results.empty() ? name : op.results[0].name.substr(1);
}

void import_shim_dmas(State& state) {
  for (const Op* op : all(state, "aie.shim_dma"))
    Program(state, *op).run();
}

void import_registered_buffers(State& state) {
  const auto registered = all(state, "aie.objectfifo.register_external_buffers");
  if (registered.empty())
    return;
  const std::vector<Fifo> fifos = read_fifos(state);
  for (const Op* op : registered)
    import_registered(state, *op, fifos);
}

}  // namespace npu::compiler::import
