// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/names.h"

#include <algorithm>

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
    names.flows.push_back({Coord{static_cast<uint8_t>(channel.col), 0}, channel.direction,
                           static_cast<uint8_t>(*channel.index), channel.name, channel.source});
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

namespace {

/// Adds names to those of another configuration of the same tiles: what both name differently is
/// called by both names.
template <typename Named, typename Same>
void join(std::vector<Named>& names, const std::vector<Named>& others, Same same) {
  for (const Named& other : others) {
    const auto known = std::find_if(names.begin(), names.end(),
                                    [&](const Named& name) { return same(name, other); });
    if (known == names.end()) {
      names.push_back(other);
    } else if (known->name != other.name) {
      known->name += " or " + other.name;
      known->source.clear();
    }
  }
}

}  // namespace

void join_names(arch::Names& names, const arch::Names& others) {
  join(names.buffers, others.buffers, [](const arch::BufferName& a, const arch::BufferName& b) {
    return a.tile == b.tile && a.offset == b.offset;
  });
  join(names.locks, others.locks, [](const arch::LockName& a, const arch::LockName& b) {
    return a.tile == b.tile && a.lock == b.lock;
  });
  join(names.flows, others.flows, [](const arch::FlowName& a, const arch::FlowName& b) {
    return a.tile == b.tile && a.direction == b.direction && a.channel == b.channel;
  });
}

}  // namespace npu::compiler
