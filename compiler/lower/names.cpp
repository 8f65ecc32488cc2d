// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/lower/passes.h"

namespace npu::compiler {

namespace {

std::string shape_of(const Buffer& buffer) {
  return fmt::format("{}x{}", fmt::join(buffer.shape, "x"), arch::to_string(buffer.type));
}

std::string kernels_of(const Core& core) {
  std::vector<std::string> kernels;
  for (const arch::KernelSpec& kernel : core.program.kernels)
    kernels.push_back(arch::to_string(kernel));
  return fmt::format("{}", fmt::join(kernels, ", "));
}

}  // namespace

arch::Names names_of(const Design& design) {
  arch::Names names;
  names.design = design.name;
  for (const Buffer& buffer : design.buffers)
    names.buffers.push_back({buffer.tile, *buffer.address, static_cast<uint32_t>(buffer.bytes()),
                             buffer.name, shape_of(buffer), buffer.source});
  for (const Lock& lock : design.locks)
    names.locks.push_back({lock.tile, static_cast<uint8_t>(*lock.id),
                           static_cast<uint8_t>(lock.initial), lock.name, lock.source});
  for (const Channel& channel : design.channels)
    names.flows.push_back({channel.tile, channel.direction, static_cast<uint8_t>(*channel.index),
                           channel.name, channel.source});
  for (const ShimChannel& channel : design.shim_channels)
    names.flows.push_back({Coord{static_cast<uint8_t>(channel.col), 0},
                           channel.direction,
                           static_cast<uint8_t>(*channel.index),
                           channel.name,
                           {}});
  for (const Core& core : design.cores)
    names.cores.push_back({core.tile, kernels_of(core)});
  for (size_t i = 0; i < design.arguments.size(); ++i) {
    const Argument& argument = design.arguments[i];
    names.arguments.push_back({static_cast<uint32_t>(i), argument.name, argument.bytes(),
                               std::string(arch::to_string(argument.type))});
  }
  names.notes = design.notes;
  return names;
}

}  // namespace npu::compiler
