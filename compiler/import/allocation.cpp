// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Addresses in the order of the buffers, for designs whose sequences or host programs count on it.
#include "compiler/import/import_state.h"

namespace npu::compiler::import {

namespace {

constexpr std::string_view kSequential = "basic-sequential";
constexpr std::string_view kBankAware = "bank-aware";
constexpr uint64_t kAlignment = 32;

/// The scheme that a tile asks for, or that of all.
bool is_sequential(const State& state, const std::map<Coord, const Op*>& asking, Coord tile) {
  const auto found = asking.find(tile);
  if (found == asking.end())
    return state.options.allocation == kSequential;
  const std::string scheme = mlir::name_of(*found->second, "allocation_scheme");
  if (scheme != kSequential && scheme != kBankAware)
    throw state.error(*found->second, "there is no allocation scheme `{}`", scheme)
        .hint("{} or {}", kSequential, kBankAware);
  return scheme == kSequential;
}

}  // namespace

void import_allocation(State& state) {
  std::map<Coord, const Op*> asking;
  mlir::walk(state.device, [&](const Op& op) {
    if (op.name == "aie.tile" && op.attribute("allocation_scheme") != nullptr)
      asking[state.tiles.at(op.results.at(0).id)] = &op;
  });
  std::map<Coord, uint64_t> next;
  for (const Core& core : state.design.cores)
    next[core.tile] = static_cast<uint64_t>(core.stack_bytes);
  for (Buffer& buffer : state.design.buffers) {
    if (!is_sequential(state, asking, buffer.tile))
      continue;
    uint64_t& address = next[buffer.tile];
    address = (address + kAlignment - 1) / kAlignment * kAlignment;
    if (!buffer.address)
      buffer.address = static_cast<uint32_t>(address);
    address = *buffer.address + buffer.bytes();
  }
}

}  // namespace npu::compiler::import
