// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/freshness.h"

#include <algorithm>

#include <fmt/format.h>

namespace npu::diagnosis {

using observe::AgentKind;

namespace {

/// The descriptor's walk in the memory of its own tile, words.
logic::Plan walk(const TaskBd& bd, uint64_t shift) {
  logic::Access access = bd.bd.access;
  access.base = bd.address / 4 + shift;
  return logic::Plan(access);
}

}  // namespace

const TaskBd* Freshness::find(const Agent& channel, uint8_t bd) const {
  const TaskBd* found = nullptr;
  for (const Task* task : image_.tasks_of(channel))
    for (const TaskBd& each : task->chain)
      if (each.id == bd)
        found = &each;
  return found;
}

void Freshness::on(const observe::Event& event) {
  const auto* e = std::get_if<observe::DescriptorChanged>(&event.payload);
  if (!e || e->channel.tile.kind() != arch::TileKind::Memtile || loads_)
    return;
  const bool writes = e->channel.kind == AgentKind::S2mm;
  if (writes != e->finished)
    return;  // a writer has written when it ends, a reader reads when it starts
  const uint64_t key = e->address << 8 | e->bd;
  if (settled_.contains({e->channel, key}))
    return;
  const TaskBd* bd = find(e->channel, e->bd);
  if (!bd)
    return;
  const uint64_t shift = e->address / 4 - bd->bd.access.base;
  settled_.insert({e->channel, key});
  writes ? written(*bd, shift) : sent(event.cycle, e->channel, *bd, shift);
}

void Freshness::written(const TaskBd& bd, uint64_t shift) {
  std::vector<bool>& words = written_[bd.memory];
  words.resize(arch::facts(arch::TileKind::Memtile).memory_bytes / 4);
  walk(bd, shift).for_each_run(0, bd.bd.access.length, [&](uint64_t at, uint64_t count) {
    for (uint64_t i = at; i < std::min<uint64_t>(at + count, words.size()); ++i)
      words[i] = true;
  });
}

void Freshness::sent(Cycle cycle, const Agent& reader, const TaskBd& bd, uint64_t shift) {
  const std::vector<bool>& words = written_[bd.memory];
  Stale found{cycle, reader, bd.id, bd.memory, ~0u, 0, 0, bd.bd.access.length * 4};
  walk(bd, shift).for_each_run(0, bd.bd.access.length, [&](uint64_t at, uint64_t count) {
    for (uint64_t i = at; i < at + count; ++i) {
      if ((i < words.size() && words[i]) ||
          image_.initialised(bd.memory, static_cast<uint32_t>(4 * i)))
        continue;
      found.first = std::min(found.first, static_cast<uint32_t>(4 * i));
      found.last = std::max(found.last, static_cast<uint32_t>(4 * i + 4));
      found.bytes += 4;
    }
  });
  if (found.bytes > 0)
    stale_.push_back(found);
}

std::string to_text(const Freshness::Stale& s, const arch::Names& names) {
  const arch::BufferName* buffer = names.buffer_at(s.tile, s.first);
  const uint32_t base = buffer ? buffer->offset : 0;
  return fmt::format("{} bd{} sent {} of {} bytes of {} that nothing had written: offsets {}..{}",
                     observe::to_string(s.reader), s.bd, s.bytes, s.of,
                     buffer ? fmt::format("`{}` [{}]", buffer->name, buffer->shape)
                            : fmt::format("the memory of {}", to_string(s.tile)),
                     s.first - base, s.last - base - 1);
}

}  // namespace npu::diagnosis
