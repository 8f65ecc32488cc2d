// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/image/assembly.h"

namespace npu::compiler::image {

Assembly::Assembly(const arch::Partition& partition, std::string name) {
  design.name = std::move(name);
  design.partition = partition;
}

int Assembly::add_buffer(std::string name, Coord tile, arch::Type type,
                         std::vector<int64_t> shape) {
  design.buffers.push_back(
      {.name = std::move(name), .tile = tile, .type = type, .shape = std::move(shape)});
  return static_cast<int>(design.buffers.size()) - 1;
}

int Assembly::add_lock(std::string name, Coord tile, int initial) {
  design.locks.push_back({.name = std::move(name), .tile = tile, .initial = initial});
  return static_cast<int>(design.locks.size()) - 1;
}

int Assembly::add_ring(const std::string& name, Coord tile, Direction direction, int buffer,
                       int parts, uint64_t words, int take, int give) {
  Channel channel{.name = name, .tile = tile, .direction = direction, .tasks = {{.first = 0}}};
  for (int part = 0; part < parts; ++part)
    channel.descriptors.push_back({.buffer = buffer,
                                   .offset = static_cast<uint64_t>(part) * words,
                                   .length = words,
                                   .acquire = LockUse{.lock = take},
                                   .release = LockUse{.lock = give},
                                   .next = (part + 1) % parts});
  design.channels.push_back(std::move(channel));
  return static_cast<int>(design.channels.size()) - 1;
}

int Assembly::add_shim(const std::string& name, int channel) {
  const Channel& at = design.channels[static_cast<size_t>(channel)];
  const bool fills = at.direction == Direction::S2mm;
  design.shim_channels.push_back(
      {.name = name, .col = at.tile.col, .direction = fills ? Direction::Mm2s : Direction::S2mm});
  const int shim = static_cast<int>(design.shim_channels.size()) - 1;
  const Endpoint shim_end{.tile = {at.tile.col, 0}, .shim_channel = shim};
  const Endpoint core_end{.tile = at.tile, .design_channel = channel};
  design.flows.push_back({.name = name,
                          .source = fills ? shim_end : core_end,
                          .destinations = {fills ? core_end : shim_end}});
  return shim;
}

int Assembly::add_transfer(Transfer transfer) {
  transfer.id = ++transfers_;
  design.sequence.push_back(std::move(transfer));
  return transfers_;
}

void CoreWriter::address(uint8_t reg, int buffer) {
  core.buffers.push_back({here(), buffer});
  emit({.op = arch::Op::Const, .dst = reg});
}

void CoreWriter::acquire(int lock, int value) {
  core.locks.push_back({here(), lock});
  emit({.op = arch::Op::Acquire, .imm = -value});
}

void CoreWriter::release(int lock, int value) {
  core.locks.push_back({here(), lock});
  emit({.op = arch::Op::Release, .imm = value});
}

int CoreWriter::branch(arch::Op op, uint8_t reg) {
  emit({.op = op, .a = reg});
  return here() - 1;
}

}  // namespace npu::compiler::image
