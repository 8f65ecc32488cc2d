// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tasks of a runtime sequence: chains of descriptors that live until they are awaited or freed.
#include <algorithm>

#include "compiler/import/sequence.h"
#include "compiler/lower/emit_bd.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/register.h"

namespace npu::compiler::import {

using arch::TileKind;

bool Sequence::tasks(const Op& op) {
  if (op.name == "aiex.dma_configure_task" || op.name == "aiex.dma_configure_task_for") {
    configure(op);
    return true;
  }
  if (op.name == "aiex.dma_start_bd_chain" || op.name == "aiex.dma_start_bd_chain_for") {
    const Task started = chain(op);
    push(started.tile, started.direction, started.channel, started.first, started.repeat,
         started.token);
    if (!op.results.empty())
      tasks_[op.results[0].id] = started;
    return true;
  }
  if (op.name == "aiex.dma_start_task") {
    const Task& started = task(op);
    push(started.tile, started.direction, started.channel, started.first, started.repeat,
         started.token);
    return true;
  }
  if (op.name == "aiex.dma_await_task") {
    const Task& awaited = task(op);
    if (!awaited.token)
      throw state_.error(op, "the awaited task issues no token")
          .hint("{{issue_token = true}} where the task is configured");
    add(arch::Sync{.col = awaited.tile.col,
                   .row = awaited.tile.row,
                   .direction = awaited.direction,
                   .channel = static_cast<uint8_t>(awaited.channel)});
    give_back(awaited);
    return true;
  }
  if (op.name == "aiex.dma_bd_pool_pop") {
    const Coord tile{static_cast<uint8_t>(state_.integer(op, "col")),
                     static_cast<uint8_t>(state_.integer(op, "row"))};
    numbers_[op.results.at(0).id] = free_descriptor(op, tile, state_.small(op, "channel"));
    return true;
  }
  if (op.name == "aiex.dma_bd_pool_push") {
    const Coord tile{static_cast<uint8_t>(state_.integer(op, "col")),
                     static_cast<uint8_t>(state_.integer(op, "row"))};
    used_[tile].erase(static_cast<int>(number(op, op.operands.at(0))));
    return true;
  }
  if (op.name == "aiex.dma_free_task") {
    give_back(task(op));
    return true;
  }
  return false;
}

Sequence::Task& Sequence::task(const Op& op) {
  const auto found = op.operands.empty() ? tasks_.end() : tasks_.find(op.operands[0].id);
  if (found == tasks_.end())
    throw state_.error(op, "its operand is no configured task");
  return found->second;
}

void Sequence::give_back(const Task& task) {
  for (const int descriptor : task.descriptors)
    used_[task.tile].erase(descriptor);
}

/// The lowest descriptor that no task holds; in a memtile of the half that the channel reaches.
int Sequence::free_descriptor(const Op& op, Coord tile, int channel) {
  const bool memtile = tile.kind() == TileKind::Memtile;
  const int first = memtile && channel % 2 ? arch::kMemtileDescriptorsPerParity : 0;
  const int end =
      memtile ? first + arch::kMemtileDescriptorsPerParity : arch::facts(tile.kind()).descriptors;
  std::set<int>& used = used_[tile];
  for (int id = first; id < end; ++id)
    if (used.insert(id).second)
      return id;
  throw state_
      .error(op, "all {} descriptors of {} are held by tasks", end - first, arch::to_string(tile))
      .hint("aiex.dma_await_task or aiex.dma_free_task before it");
}

void Sequence::configure(const Op& op) {
  const bool by_name = op.name == "aiex.dma_configure_task_for";
  ShimEnd end = by_name ? shim_end(op, mlir::name_of(op, "alloc"))
                        : ShimEnd{state_.tile(op, 0), state_.direction(op, "direction"),
                                  state_.small(op, "channel")};
  if (end.tile.kind() != TileKind::Shim)
    fix_addresses();
  if (const auto packet = state_.packet(op))
    end.packet = packet;
  if (mlir::flag_of(op, "out_of_order"))
    add(arch::MaskWrite{arch::address_of(end.tile, arch::channel_register(
                                                       end.tile.kind(),
                                                       arch::RegisterId::S2mmControl, end.channel)),
                        arch::control::kOutOfOrder.mask(), arch::control::kOutOfOrder.mask()});
  const Task made = configured(op, op.regions.at(0), end);
  if (!op.results.empty())
    tasks_[op.results[0].id] = made;
}

/// The task of a chain that stands outside of the sequence, with the operands as its arguments.
Sequence::Task Sequence::chain(const Op& op) {
  const std::string name = mlir::name_of(op, "symbol");
  const Op* found = nullptr;
  for (const Op* each : all(state_, "aie.bd_chain"))
    if (mlir::name_of(*each, "sym_name") == name)
      found = each;
  if (!found || found->regions.empty() || found->regions[0].empty())
    throw state_.error(op, "there is no chain `{}`", name)
        .hint("aie.bd_chain @{}(...) {{ ... }}", name);
  const std::vector<mlir::Value>& arguments = found->regions[0].front().arguments;
  if (arguments.size() != op.operands.size() - (op.attribute("alloc") ? 0 : 1))
    throw state_.error(op, "not the {} arguments of chain `{}`", arguments.size(), name);
  for (size_t i = 0; i < arguments.size(); ++i)
    if (mlir::parse_type(arguments[i].type).kind == mlir::Type::Kind::Memref)
      memories_[arguments[i].id] = host_memory(op, op.operands[i]);
    else
      numbers_[arguments[i].id] = number(op, op.operands[i]);
  if (op.attribute("alloc"))
    return configured(op, found->regions[0], shim_end(op, mlir::name_of(op, "alloc")));
  const Coord tile = state_.tile(op, arguments.size());
  return configured(op, found->regions[0],
                    {tile, state_.direction(op, "direction"), state_.small(op, "channel")});
}

/// Writes the chain of a task from its blocks; the last leads nowhere.
Sequence::Task Sequence::configured(const Op& op, const mlir::Region& region, ShimEnd end) {
  Task task{.tile = end.tile,
            .direction = end.direction,
            .channel = end.channel,
            .repeat = state_.repeats(op),
            .token = mlir::flag_of(op, "issue_token"),
            .packet = end.packet};
  std::map<std::string, int> ids;
  std::vector<const mlir::Block*> blocks;
  for (const mlir::Block& each : region) {
    const auto bd = std::ranges::find(each.ops, "aie.dma_bd", &Op::name);
    if (bd == each.ops.end())
      continue;
    const bool given = bd->attribute("bd_id") != nullptr;
    const bool drawn = bd->attribute("bd_id_val") != nullptr;
    const int id = given   ? state_.small(*bd, "bd_id")
                   : drawn ? state_.narrowed(*bd, "bd_id_val", number(*bd, bd->operands.back()))
                           : free_descriptor(*bd, task.tile, task.channel);
    used_[task.tile].insert(id);
    ids[each.label] = id;
    task.descriptors.push_back(id);
    blocks.push_back(&each);
  }
  if (blocks.empty())
    throw state_.error(op, "a task without descriptors");
  task.first = task.descriptors.front();
  for (size_t i = 0; i < blocks.size(); ++i) {
    std::vector<const Op*> ops;
    std::optional<int> next;
    for (const Op& inner : blocks[i]->ops) {
      ops.push_back(&inner);
      if (!inner.successors.empty())
        if (const auto to = ids.find(inner.successors[0].block); to != ids.end())
          next = to->second;
      arithmetic(inner);
    }
    task_descriptor(task, ops, task.descriptors[i], next);
  }
  return task;
}

void Sequence::task_descriptor(const Task& task, const std::vector<const Op*>& ops, int id,
                               std::optional<int> next) {
  if (task.tile.kind() != TileKind::Shim) {
    Channel channel{.tile = task.tile, .direction = task.direction, .index = task.channel};
    channel.descriptors.push_back(import_descriptor(state_, ops));
    channel.descriptors[0].id = id;
    if (next) {
      channel.descriptors.push_back({.id = next});
      channel.descriptors[0].next = 1;
    }
    add(arch::BlockWrite{arch::address_of(task.tile, arch::bd_offset(task.tile.kind(), id)),
                         descriptor_words(state_.design, channel, channel.descriptors[0])});
    return;
  }
  const auto found = std::ranges::find_if(ops, [](const Op* o) { return o->name == "aie.dma_bd"; });
  const Op& bd = **found;
  refuse_attributes(
      state_, bd,
      {"pad_dimensions", "iteration", "iteration_size", "out_of_order_id", "tlast_suppress"},
      "in a transfer of the host");
  const HostMemory memory = host_memory(bd, bd.operands.at(0));
  size_t operand = 1;
  const auto one = [&](std::string_view name, int64_t otherwise) -> int64_t {
    const mlir::Attribute* attribute = bd.attribute(name);
    if (!attribute)
      return otherwise;
    return attribute->text.starts_with('%') ? number(bd, bd.operands.at(operand++))
                                            : state_.integer(bd, name);
  };
  const int64_t offset = one("offset", 0) + host_offset(bd);
  const mlir::Type type = mlir::parse_type(bd.operands[0].type);
  const int64_t length = one("len", type.elements());
  if (length < 0)
    throw state_.error(bd, "a length of {}", length);
  std::vector<Dim> dims;
  if (bd.attribute("sizes")) {
    const std::vector<int64_t> sizes = numbers(bd, "sizes", operand);
    const std::vector<int64_t> strides = numbers(bd, "strides", operand);
    for (size_t i = 0; i < std::min(sizes.size(), strides.size()); ++i) {
      if (sizes[i] < 1 || strides[i] < 0)
        throw state_.error(bd, "size {} and stride {}", sizes[i], strides[i]);
      dims.push_back({static_cast<uint64_t>(sizes[i]), static_cast<uint64_t>(strides[i])});
    }
  } else {
    dims = dims_of(state_, bd);
  }
  dims = dims_in_words(state_, bd, dims, memory.element_bytes);
  Transfer copy{
      .argument = memory.argument,
      .offset = offset_in(bd, memory, offset),
      .length = words(state_, bd, static_cast<uint64_t>(length), memory.element_bytes, "a length")};
  constexpr size_t kInner = 3;
  if (dims.size() > kInner) {
    if (dims.back().size > 1 && dims.back().step > 0) {
      copy.repeat = static_cast<int>(dims.back().size);
      copy.iteration_step = dims.back().step;
    }
    dims.pop_back();
  }
  copy.dims = dims;
  copy.packet = state_.packet(bd);
  if (!copy.packet)
    copy.packet = task.packet;
  Descriptor links{.next = next};
  for (const Op* op : ops)
    if (op->name == "aie.dma_bd_packet") {
      copy.packet =
          Packet{.id = state_.small(*op, "packet_id"), .type = state_.small(*op, "packet_type")};
    } else if (op->name == "aie.use_lock") {
      fix_addresses();
      import_lock_use(state_, *op, links);
    }
  transfer(bd, copy, task.tile, id, links);
}

}  // namespace npu::compiler::import
