// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DMA programs of shims. On an NPU the runtime places the buffers of the host, so that the host's
// commands have to write the descriptors and to start them: before the commands of the sequence.
// After those they wait for what the programs bring to memory: for each task that ends, as loops do
// whose turns in a run are known, and for other loops until they have spent what only the host
// gives back.
#include <algorithm>

#include "compiler/import/sequence.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/register.h"

namespace npu::compiler::import {

using arch::TileKind;

/// Buffers of the host are arguments after those of the sequence. Wherever the text wants them to
/// be, their place is that of the run.
void Sequence::external_buffers() {
  for (const Op* op : all(state_, "aie.external_buffer")) {
    if (op->results.empty())
      continue;
    const std::string& text = op->results[0].type;
    const mlir::Type type = mlir::parse_type(text);
    if (type.kind != mlir::Type::Kind::Memref || type.elements() == mlir::kDynamic)
      throw state_.error(*op, "`{}` is no memref of a known size", text);
    const arch::Type element = element_type(state_, *op, text);
    std::vector<Argument>& arguments = state_.design.arguments;
    const std::string name = host_buffer_name(*op);
    if (std::ranges::find(arguments, name, &Argument::name) != arguments.end())
      throw state_.error(*op, "two buffers of the host are called `{}`", name);
    memories_[op->results[0].id] = {.argument = static_cast<int>(arguments.size()),
                                    .element_bytes = arch::bytes_of(element)};
    arguments.push_back(
        {.name = name, .type = element, .elements = static_cast<uint64_t>(type.elements())});
  }
}

/// Those that sequences name by number.
std::map<Coord, std::set<int>> Sequence::named_descriptors() const {
  std::map<Coord, std::set<int>> named;
  const auto add_id = [&](Coord tile, const Op& op, std::string_view attribute) {
    if (const auto id = mlir::integer_of(op, attribute))
      named[tile].insert(state_.narrowed(op, attribute, *id));
  };
  const auto end_of = [&](const Op& op, std::string_view attribute) {
    return shim_end(op, mlir::name_of(op, attribute)).tile;
  };
  for (const Op* sequence : sequences_of(state_.device))
    mlir::walk(*sequence, [&](const Op& op) {
      if (op.name == "aiex.npu.dma_memcpy_nd")
        add_id(end_of(op, "metadata"), op, "id");
      else if (op.name == "aiex.npu.writebd" && mlir::integer_of(op, "row") == 0)
        add_id({static_cast<uint8_t>(state_.integer(op, "column")), 0}, op, "bd_id");
      if (!op.name.starts_with("aiex.dma_configure_task"))
        return;
      const Coord tile = op.attribute("alloc") ? end_of(op, "alloc") : state_.tile(op, 0);
      mlir::walk(op, [&](const Op& inner) {
        if (inner.name == "aie.dma_bd")
          add_id(tile, inner, "bd_id");
      });
    });
  return named;
}

/// Descriptors without a number get the last ones that no sequence names, as those number theirs
/// from 0.
void Sequence::number_shims() {
  if (state_.shim_tasks.empty())
    return;
  const int there = arch::facts(TileKind::Shim).descriptors;
  const std::map<Coord, std::set<int>> named = named_descriptors();
  const auto is_named = [&](Coord tile, int id) {
    const auto found = named.find(tile);
    return found != named.end() && found->second.contains(id);
  };
  for (const ShimTask& task : state_.shim_tasks)
    for (const ShimDescriptor& descriptor : task.descriptors)
      if (descriptor.id && !used_[tile_of(task)].insert(*descriptor.id).second)
        throw state_.error(*descriptor.op, "a second descriptor {} of {}", *descriptor.id,
                           arch::to_string(tile_of(task)));
  for (ShimTask& task : state_.shim_tasks)
    for (ShimDescriptor& descriptor : task.descriptors) {
      int id = there - 1;
      while (!descriptor.id && id >= 0 &&
             (is_named(tile_of(task), id) || !used_[tile_of(task)].insert(id).second))
        --id;
      if (id < 0)
        throw state_.error(*descriptor.op, "{} has {} descriptors, and its DMA programs want more",
                           arch::to_string(tile_of(task)), there);
      if (!descriptor.id)
        descriptor.id = id;
    }
}

/// What a lock of a shim holds when a run begins: what the text says, or what the host has made of
/// it.
int Sequence::lock_at_start(int index) const {
  const Lock& lock = state_.design.locks[static_cast<size_t>(index)];
  const auto given = state_.options.scalars.find(lock.name);
  if (given == state_.options.scalars.end())
    return lock.initial;
  const auto value = mlir::to_integer(given->second);
  if (!value || *value < 0 || *value > arch::kMaxLockValue)
    throw Error("{}: lock `{}` cannot be {}", lock.source, lock.name, given->second)
        .hint("0 to {}", arch::kMaxLockValue);
  return static_cast<int>(*value);
}

/// Before each run the locks are as a host leaves them that has filled what is sent and emptied
/// what is received.
void Sequence::set_shim_locks() {
  std::set<int> locks;
  for (const ShimTask& task : state_.shim_tasks)
    for (const ShimDescriptor& descriptor : task.descriptors)
      for (const auto& use : {descriptor.acquire, descriptor.release})
        if (use)
          locks.insert(use->lock);
  if (!locks.empty())
    fix_addresses();
  for (const int index : locks) {
    const Lock& lock = state_.design.locks[static_cast<size_t>(index)];
    if (lock.tile.kind() == TileKind::Shim)
      add(arch::Write{
          arch::address_of(lock.tile, arch::register_offset(TileKind::Shim,
                                                            arch::RegisterId::LockValue, *lock.id)),
          static_cast<uint32_t>(lock_at_start(index))});
  }
}

/// Without a sequence the host releases nothing while a run lasts.
void Sequence::refuse_stuck() const {
  for (const ShimTask& task : state_.shim_tasks) {
    const auto& acquire = task.descriptors.front().acquire;
    if (!task.started || !acquire || !only_host_releases(acquire->lock))
      continue;
    const int value = lock_at_start(acquire->lock);
    if (acquire->equal ? value == acquire->value : value >= acquire->value)
      continue;
    const std::string& name = state_.design.locks[static_cast<size_t>(acquire->lock)].name;
    throw state_
        .error(*task.descriptors.front().op,
               "moves nothing: lock `{}` is {} at the start, and only the host releases it", name,
               value)
        .hint("--arg {}={}, aiex.set_lock in an aie.runtime_sequence, or another `init`", name,
              acquire->value);
  }
}

void Sequence::shim_descriptor(const ShimTask& written, const Task& task, size_t number) {
  const ShimDescriptor& descriptor = written.descriptors[number];
  std::optional<int> next = written.back;
  if (number + 1 < written.descriptors.size())
    next = static_cast<int>(number) + 1;
  if (next)
    next = written.descriptors[static_cast<size_t>(*next)].id;
  if (!descriptor.ops.empty())
    return task_descriptor(task, descriptor.ops, *descriptor.id, next);
  const HostMemory memory = host_memory(*descriptor.op, descriptor.memory);
  const auto elements = static_cast<uint64_t>(mlir::parse_type(descriptor.memory.type).elements());
  transfer(*descriptor.op,
           {.argument = memory.argument,
            .offset = memory.offset,
            .length = words(state_, *descriptor.op, elements, memory.element_bytes, "a buffer"),
            .dims = descriptor.dims},
           task.tile, *descriptor.id,
           {.acquire = descriptor.acquire, .release = descriptor.release, .next = next});
}

void Sequence::start(const ShimTask& written, bool token) {
  const ShimChannel& channel = channel_of(written);
  const Task task{.tile = tile_of(written),
                  .direction = channel.direction,
                  .channel = *channel.index,
                  .first = *written.descriptors.front().id};
  for (size_t i = 0; i < written.descriptors.size(); ++i)
    shim_descriptor(written, task, i);
  if (written.out_of_order)
    add(arch::MaskWrite{
        arch::address_of(
            task.tile,
            arch::channel_register(TileKind::Shim, arch::RegisterId::S2mmControl, task.channel)),
        arch::control::kOutOfOrder.mask(), arch::control::kOutOfOrder.mask()});
  if (written.started)
    push(task.tile, task.direction, task.channel, task.first, written.repeat, token);
}

bool Sequence::only_host_releases(int lock) const {
  return std::ranges::none_of(state_.shim_tasks, [&](const ShimTask& task) {
    return std::ranges::any_of(task.descriptors, [&](const ShimDescriptor& descriptor) {
      return descriptor.release && descriptor.release->lock == lock &&
             descriptor.release->value > 0;
    });
  });
}

/// A task that ends says so by its token. A loop has moved all that the host lets it when it waits
/// for a lock that only the host releases: its status then tells where it stands. A loop without
/// such a lock goes on for ever, and nothing can wait for it.
std::optional<arch::Command> Sequence::wait_for(const ShimTask& task) const {
  const ShimChannel& channel = channel_of(task);
  const auto col = static_cast<uint8_t>(channel.col);
  if (!task.back)
    return arch::Sync{.col = col,
                      .direction = channel.direction,
                      .channel = static_cast<uint8_t>(*channel.index)};
  std::vector<int> stops;
  for (const ShimDescriptor& descriptor : task.descriptors)
    if (descriptor.acquire && only_host_releases(descriptor.acquire->lock))
      stops.push_back(*descriptor.id);
  const bool everywhere = stops.size() == task.descriptors.size();
  if (stops.empty() || (stops.size() > 1 && !everywhere))
    return std::nullopt;
  arch::MaskPoll poll{.address = arch::address_of(
                          {col, 0}, arch::channel_register(TileKind::Shim,
                                                           channel.direction == Direction::S2mm
                                                               ? arch::RegisterId::S2mmStatus
                                                               : arch::RegisterId::Mm2sStatus,
                                                           *channel.index)),
                      .mask = arch::status::kStalledAcquire.mask()};
  arch::put(std::span(&poll.value, 1), arch::status::kStalledAcquire, 1, "status");
  if (!everywhere) {
    poll.mask |= arch::status::kCurrentBd.mask();
    arch::put(std::span(&poll.value, 1), arch::status::kCurrentBd, stops[0], "status");
  }
  return poll;
}

/// Whether the commands wait for more tokens of the channel than their own tasks issue.
bool Sequence::is_awaited(const ShimTask& task, const std::vector<HostOp>& commands) const {
  const ShimChannel& channel = channel_of(task);
  const uint32_t queue =
      arch::address_of(tile_of(task), arch::channel_register(TileKind::Shim,
                                                             channel.direction == Direction::S2mm
                                                                 ? arch::RegisterId::S2mmQueue
                                                                 : arch::RegisterId::Mm2sQueue,
                                                             *channel.index));
  int missing = 0;
  for (const HostOp& op : commands) {
    const auto* command = std::get_if<arch::Command>(&op);
    const auto* sync = command ? std::get_if<arch::Sync>(command) : nullptr;
    const auto* push = command ? std::get_if<arch::Write>(command) : nullptr;
    if (sync && sync->row == 0 && sync->direction == channel.direction &&
        sync->channel == channel.index && sync->col <= channel.col &&
        channel.col < sync->col + sync->columns)
      ++missing;
    else if (push && push->address == queue && (push->value & arch::queue::kToken.mask()) != 0)
      --missing;
  }
  return missing > 0;
}

bool Sequence::is_written(int lock, const std::vector<HostOp>& commands) const {
  const Lock& of = state_.design.locks[static_cast<size_t>(lock)];
  const uint32_t address = arch::address_of(
      of.tile, arch::register_offset(of.tile.kind(), arch::RegisterId::LockValue, *of.id));
  return std::ranges::any_of(commands, [&](const HostOp& op) {
    const auto* command = std::get_if<arch::Command>(&op);
    const auto* write = command ? std::get_if<arch::Write>(command) : nullptr;
    const auto* mask = command ? std::get_if<arch::MaskWrite>(command) : nullptr;
    const auto* block = command ? std::get_if<arch::BlockWrite>(command) : nullptr;
    return (write && write->address == address) || (mask && mask->address == address) ||
           (block && block->address <= address &&
            address < block->address + 4 * block->words.size());
  });
}

/// How often the host lets a loop turn in a run, where a lock says so that nothing else takes and
/// the commands do not write.
std::optional<int> Sequence::turns(const ShimTask& task,
                                   const std::vector<HostOp>& commands) const {
  const auto& first = task.descriptors.front().acquire;
  if (!task.started || task.back != 0 || !first || is_written(first->lock, commands))
    return std::nullopt;
  int spent = 0;
  for (const ShimTask& each : state_.shim_tasks) {
    const bool own = &each == &task;
    if (!own && each.channel == task.channel)
      return std::nullopt;
    for (const ShimDescriptor& descriptor : each.descriptors) {
      const auto& acquire = descriptor.acquire;
      if (!acquire || !only_host_releases(acquire->lock))
        continue;
      if (own ? acquire->lock != first->lock || acquire->equal : acquire->lock == first->lock)
        return std::nullopt;
      spent += own ? acquire->value : 0;
    }
  }
  const int value = lock_at_start(first->lock);
  if (spent <= 0 || value < spent || value % spent != 0)
    return std::nullopt;
  return value / spent;
}

/// The channels of a shim have no reset: a loop would hold its descriptors when the next run writes
/// them. Where its turns in a run are known it is a task that ends after them; any other loop is
/// for one run.
void Sequence::end_loops(const std::vector<HostOp>& commands) {
  for (ShimTask& task : state_.shim_tasks)
    if (const std::optional<int> count = turns(task, commands)) {
      task.back.reset();
      task.repeat = *count;
    } else if (task.started && task.back && state_.design.once.empty()) {
      state_.design.once = mlir::place(state_.options.file, *task.op);
    }
}

/// Puts what starts the programs before the commands of the sequence, and what waits for them
/// behind. Without a program that brings something to memory those that send are waited for.
void Sequence::around_shims(const Op* sequence) {
  if (state_.shim_tasks.empty())
    return;
  const std::vector<HostOp> own = std::exchange(state_.design.sequence, {});
  const auto receives = [&](const ShimTask& task) {
    return task.started && channel_of(task).direction == Direction::S2mm;
  };
  const bool any = std::ranges::any_of(state_.shim_tasks, receives);
  std::vector<arch::Command> waits;
  if (!sequence)
    refuse_stuck();
  set_shim_locks();
  end_loops(own);
  for (const ShimTask& task : state_.shim_tasks) {
    const bool awaited = is_awaited(task, own);
    const bool waited = task.started && (!any || receives(task)) && !awaited;
    const std::optional<arch::Command> wait = waited ? wait_for(task) : std::nullopt;
    start(task, task.token || ((wait || awaited) && !task.back));
    if (wait)
      waits.push_back(*wait);
  }
  if (!sequence && waits.empty())
    throw state_.error(*state_.shim_tasks[0].op, "nothing says when a run is over")
        .hint(
            "a chain that ends, a lock that only the host releases, or an aie.runtime_sequence "
            "that waits");
  state_.design.sequence.insert(state_.design.sequence.end(), own.begin(), own.end());
  for (const arch::Command& wait : waits)
    add(wait);
}

}  // namespace npu::compiler::import
