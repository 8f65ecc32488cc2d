// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The register plane of the array: what each register does when it is written or read.
#include <algorithm>

#include "hw-model/arch/ports.h"
#include "hw-model/sim/array.h"

namespace npu::sim {

using arch::Coord;
using arch::Location;
using arch::RegisterId;
using observe::FaultKind;

std::optional<Location> Array::locate(uint32_t address) {
  const Coord at = arch::tile_of(address);
  if (!context_.partition.contains(at)) {
    context_.fault({}, FaultKind::OutsidePartition, address);
    return std::nullopt;
  }
  const auto found = arch::find_register(at.kind(), context_.partition.device->generation,
                                         arch::offset_of(address));
  if (!found)
    not_modelled(address);
  return found;
}

void Array::write(uint32_t address, uint32_t value) {
  if (const auto at = locate(address))
    write_register(tile(arch::tile_of(address)), *at, address, value);
}

void Array::write_block(uint32_t address, std::span<const uint32_t> words) {
  for (size_t i = 0; i < words.size(); ++i)
    write(address + static_cast<uint32_t>(4 * i), words[i]);
}

void Array::write_masked(uint32_t address, uint32_t mask, uint32_t value) {
  write(address, (read(address) & ~mask) | (value & mask));
}

void Array::write_register(Tile& t, const Location& at, uint32_t address, uint32_t value) {
  const auto word = static_cast<size_t>(at.word);
  const auto index = static_cast<size_t>(at.index);
  const observe::Agent host{};
  switch (at.row->id) {
    case RegisterId::DataMemory:
      t.memory[word] = value;
      if (context_.hub.wants_memory())
        context_.emit(
            observe::MemoryAccess{host, t.coord, arch::offset_of(address), 4, true, false});
      break;
    case RegisterId::ProgramMemory:
      t.program[word] = value;
      break;
    case RegisterId::Bd:
      if (t.descriptors[index].words[word] != value)
        tell_in_use(t, at.index);
      t.descriptors[index].words[word] = value;
      ++t.descriptors[index].version;
      break;
    case RegisterId::LockValue:
      t.locks.set(at.index, static_cast<int>(value & 0x3F), host);
      break;
    case RegisterId::LocksOverflow:
      t.locks.clear_overflows(uint64_t{value} << 32 * at.index);
      break;
    case RegisterId::LocksUnderflow:
      t.locks.clear_underflows(uint64_t{value} << 32 * at.index);
      break;
    case RegisterId::S2mmControl:
    case RegisterId::Mm2sControl:
    case RegisterId::S2mmQueue:
    case RegisterId::Mm2sQueue:
    case RegisterId::S2mmStatus:
    case RegisterId::Mm2sStatus:
    case RegisterId::PadValue:
      write_channel(t, at, value);
      break;
    case RegisterId::SwitchMaster:
    case RegisterId::SwitchSlave:
    case RegisterId::SwitchSlot:
    case RegisterId::SwitchMerge:
    case RegisterId::ShimMux:
    case RegisterId::ShimDemux:
      write_switch(t, at, value);
      break;
    case RegisterId::CoreControl:
      t.core->write_control(value);
      break;
    case RegisterId::CascadeControl:
      t.core->write_cascade(value);
      break;
    case RegisterId::MemoryControl:
      // The compute tile has one such register a memory; the program's is in the core module.
      if (!(value & 1))
        break;
      if (at.row->name.find("program") != std::string_view::npos)
        std::fill(t.program.begin(), t.program.end(), 0);
      else
        zero_memory(t);
      break;
    case RegisterId::Storage:
      not_modelled(address);
      t.storage[arch::offset_of(address)] = value;
      break;
    default:
      t.storage[arch::offset_of(address)] = value;
  }
}

/// A descriptor that is rewritten while a task has it still belongs to that task.
void Array::tell_in_use(const Tile& t, int bd) {
  for (const auto* channels : {&t.s2mm, &t.mm2s})
    for (const auto& channel : *channels)
      if (channel->has_task_with(bd))
        context_.fault(channel->agent(), FaultKind::BdInUse, static_cast<uint64_t>(bd));
}

void Array::write_channel(Tile& t, const Location& at, uint32_t value) {
  const bool writes = at.row->id == RegisterId::S2mmControl ||
                      at.row->id == RegisterId::S2mmQueue || at.row->id == RegisterId::S2mmStatus;
  auto& channels = writes ? t.s2mm : t.mm2s;
  const auto index = static_cast<size_t>(at.index);
  if (index >= channels.size())
    return not_modelled(arch::address_of(t.coord, at.row->offset));
  DmaChannel& channel = *channels[index];
  switch (at.row->id) {
    case RegisterId::S2mmQueue:
    case RegisterId::Mm2sQueue:
      return channel.push(value);
    case RegisterId::S2mmControl:
    case RegisterId::Mm2sControl:
      return channel.write_control(value);
    case RegisterId::PadValue:
      return channel.pad_with(value);
    default:
      return channel.clear_status(value & (arch::status::kQueueOverflow.mask() |
                                           arch::status::kDecodeError.mask() |
                                           arch::status::kSlaveError.mask()));
  }
}

void Array::write_switch(Tile& t, const Location& at, uint32_t value) {
  logic::SwitchState& state = network_.at(t.coord);
  const auto index = static_cast<size_t>(at.index);
  switch (at.row->id) {
    case RegisterId::SwitchMaster:
      state.masters[index] = value;
      break;
    case RegisterId::SwitchSlave:
      state.slaves[index] = value;
      break;
    case RegisterId::SwitchSlot:
      state.slots[index][static_cast<size_t>(at.word)] = value;
      break;
    case RegisterId::SwitchMerge:
      state.merges[index][static_cast<size_t>(at.word)] = value;
      program_merge(t, at.index);
      break;
    case RegisterId::ShimMux:
      state.mux = value;
      break;
    default:
      state.demux = value;
  }
  fabric_->reroute();
  for (const auto& each : tiles_)
    for (auto* channels : {&each->s2mm, &each->mm2s})
      for (const auto& channel : *channels)
        channel->retry_token();
}

uint32_t Array::read(uint32_t address) {
  const auto at = locate(address);
  return at ? read_register(tile(arch::tile_of(address)), *at, arch::offset_of(address)) : 0;
}

bool Array::reading_acts(uint32_t address) const {
  const auto at =
      arch::find_register(arch::tile_of(address).kind(), context_.partition.device->generation,
                          arch::offset_of(address));
  return at && (at->row->id == RegisterId::LockRequest || at->row->id == RegisterId::S2mmFotCount);
}

uint32_t Array::read_register(Tile& t, const Location& at, uint32_t offset) {
  const auto word = static_cast<size_t>(at.word);
  const auto index = static_cast<size_t>(at.index);
  const logic::SwitchState& state = network_.at(t.coord);
  switch (at.row->id) {
    case RegisterId::DataMemory:
      return t.memory[word];
    case RegisterId::ProgramMemory:
      return t.program[word];
    case RegisterId::Bd:
      return t.descriptors[index].words[word];
    case RegisterId::LockValue:
      return static_cast<uint32_t>(t.locks.value(at.index));
    case RegisterId::LockRequest:
      return request_lock(t, offset);
    case RegisterId::LocksOverflow:
      return static_cast<uint32_t>(t.locks.overflows() >> 32 * at.index);
    case RegisterId::LocksUnderflow:
      return static_cast<uint32_t>(t.locks.underflows() >> 32 * at.index);
    case RegisterId::S2mmControl:
    case RegisterId::S2mmStatus:
    case RegisterId::S2mmWriteCount:
    case RegisterId::S2mmFotCount:
    case RegisterId::Mm2sControl:
    case RegisterId::Mm2sStatus:
      return read_channel(t, at);
    case RegisterId::SwitchMaster:
      return state.masters[index];
    case RegisterId::SwitchSlave:
      return state.slaves[index];
    case RegisterId::SwitchSlot:
      return state.slots[index][word];
    case RegisterId::SwitchMerge:
      return state.merges[index][word];
    case RegisterId::ShimMux:
      return state.mux;
    case RegisterId::ShimDemux:
      return state.demux;
    case RegisterId::CoreControl:
      return t.core->control();
    case RegisterId::CoreStatus:
      return t.core->status();
    case RegisterId::CascadeControl:
      return t.core->cascade();
    case RegisterId::TimerLow:
      return static_cast<uint32_t>(context_.now());
    case RegisterId::TimerHigh:
      return static_cast<uint32_t>(context_.now() >> 32);
    default: {
      const auto kept = t.storage.find(offset);
      return kept == t.storage.end() ? 0 : kept->second;
    }
  }
}

uint32_t Array::read_channel(const Tile& t, const Location& at) {
  const bool writes = at.row->id != RegisterId::Mm2sControl && at.row->id != RegisterId::Mm2sStatus;
  const auto& channels = writes ? t.s2mm : t.mm2s;
  const auto index = static_cast<size_t>(at.index);
  if (index >= channels.size())
    return 0;
  DmaChannel& channel = *channels[index];
  switch (at.row->id) {
    case RegisterId::S2mmControl:
    case RegisterId::Mm2sControl:
      return channel.control();
    case RegisterId::S2mmWriteCount:
      return static_cast<uint32_t>(channel.write_count());
    case RegisterId::S2mmFotCount:
      return channel.pop_count();
    default:
      return channel.status();
  }
}

/// A read from the lock request window is the request (hardware reference 3.3): bit 0 of the answer
/// tells success.
uint32_t Array::request_lock(Tile& t, uint32_t offset) {
  const int lock = static_cast<int>(offset >> 10) & (t.locks.size() - 1);
  const bool acquires = offset & 0x200;
  const auto value = static_cast<int8_t>(static_cast<int8_t>((offset >> 2 & 0x7F) << 1) >> 1);
  if (acquires)
    return t.locks.try_acquire(lock, {value}, {}) ? 1 : 0;
  t.locks.release(lock, value, {});
  return 1;
}

}  // namespace npu::sim
