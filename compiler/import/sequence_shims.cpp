// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DMA programs of shims. On an NPU the runtime places the buffers of the host, so that the host's
// commands have to write the descriptors and to start them: before the commands of the sequence.
// After those they wait for what the programs bring to memory: for each task that ends, and for
// each loop until it has spent what only the host gives back.
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

/// Descriptors without a number get the last ones, as sequences number theirs from 0.
void Sequence::number_shims() {
  const int there = arch::facts(TileKind::Shim).descriptors;
  const auto tile_of = [&](const ShimTask& task) {
    const int col = state_.design.shim_channels[static_cast<size_t>(task.channel)].col;
    return Coord{static_cast<uint8_t>(col), 0};
  };
  for (const ShimTask& task : state_.shim_tasks)
    for (const ShimDescriptor& descriptor : task.descriptors)
      if (descriptor.id && !used_[tile_of(task)].insert(*descriptor.id).second)
        throw state_.error(*descriptor.op, "a second descriptor {} of {}", *descriptor.id,
                           arch::to_string(tile_of(task)));
  for (ShimTask& task : state_.shim_tasks)
    for (ShimDescriptor& descriptor : task.descriptors) {
      int id = there - 1;
      while (!descriptor.id && id >= 0 && !used_[tile_of(task)].insert(id).second)
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
  const ShimChannel& channel = state_.design.shim_channels[static_cast<size_t>(written.channel)];
  const Task task{.tile = {static_cast<uint8_t>(channel.col), 0},
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
  const ShimChannel& channel = state_.design.shim_channels[static_cast<size_t>(task.channel)];
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

/// Whether the commands wait for tokens of the channel themselves.
bool Sequence::is_awaited(const ShimTask& task, const std::vector<HostOp>& commands) const {
  const ShimChannel& channel = state_.design.shim_channels[static_cast<size_t>(task.channel)];
  return std::ranges::any_of(commands, [&](const HostOp& op) {
    const auto* command = std::get_if<arch::Command>(&op);
    const auto* sync = command ? std::get_if<arch::Sync>(command) : nullptr;
    return sync && sync->row == 0 && sync->direction == channel.direction &&
           sync->channel == channel.index && sync->col <= channel.col &&
           channel.col < sync->col + sync->columns;
  });
}

/// Puts what starts the programs before the commands of the sequence, and what waits for them
/// behind. Without a program that brings something to memory those that send are waited for.
void Sequence::around_shims(const Op* sequence) {
  if (state_.shim_tasks.empty())
    return;
  const std::vector<HostOp> own = std::exchange(state_.design.sequence, {});
  const auto receives = [&](const ShimTask& task) {
    return task.started &&
           state_.design.shim_channels[static_cast<size_t>(task.channel)].direction ==
               Direction::S2mm;
  };
  const bool any = std::ranges::any_of(state_.shim_tasks, receives);
  std::vector<arch::Command> waits;
  if (!sequence)
    refuse_stuck();
  set_shim_locks();
  for (const ShimTask& task : state_.shim_tasks) {
    const bool waited = task.started && (!any || receives(task)) && !is_awaited(task, own);
    const std::optional<arch::Command> wait = waited ? wait_for(task) : std::nullopt;
    start(task, task.token || (wait && !task.back));
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
