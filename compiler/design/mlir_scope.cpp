// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/design/mlir_scope.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::compiler::mlir {

namespace {
std::string tile_name(Coord tile) {
  constexpr std::string_view kNames[] = {"shim_noc_tile", "mem_tile", "tile"};
  return fmt::format("{}_{}_{}", kNames[static_cast<size_t>(tile.kind())], tile.col, tile.row);
}
}  // namespace

Scope::Scope(const Design& the_design) : design(the_design) {
  for (const Buffer& buffer : design.buffers)
    tiles_.insert(buffer.tile);
  for (const Lock& lock : design.locks)
    tiles_.insert(lock.tile);
  for (const Channel& channel : design.channels)
    tiles_.insert(channel.tile);
  for (const Core& core : design.cores)
    tiles_.insert(core.tile);
  for (const Connection& connection : design.connections)
    tiles_.insert(connection.tile);
  for (const ShimChannel& channel : design.shim_channels)
    tiles_.insert({static_cast<uint8_t>(channel.col), 0});
  for (const Flow& flow : design.flows) {
    tiles_.insert(flow.source.tile);
    for (const Endpoint& end : flow.destinations)
      tiles_.insert(end.tile);
  }
  for (const Coord tile : tiles_)
    taken_.insert(tile_name(tile));
  for (const Buffer& buffer : design.buffers)
    buffers_.push_back(value(buffer.name, memref(buffer.shape, buffer.type)));
  for (const Lock& lock : design.locks)
    locks_.push_back(value(lock.name, "index"));
  for (const ShimChannel& channel : design.shim_channels)
    shim_channels_.push_back(fresh_symbol(channel.name));
}

Value Scope::tile(Coord tile) const {
  return {fmt::format("%{}", tile_name(tile)), "index"};
}

std::string Scope::fresh(std::string_view wanted) {
  std::string name;
  for (const char c : wanted)
    name += std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
  while (!name.empty() && name.back() == '_')
    name.pop_back();
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])))
    name.insert(name.begin(), '_');
  return fresh_symbol(name);
}

std::string Scope::fresh_symbol(std::string_view wanted) {
  std::string unique(wanted);
  for (int i = 1; !taken_.insert(unique).second; ++i)
    unique = fmt::format("{}_{}", wanted, i);
  return unique;
}

Value Scope::value(std::string_view wanted, std::string type) {
  return {fmt::format("%{}", fresh(wanted)), std::move(type)};
}

std::string Scope::kernel(const arch::KernelSpec& spec, const std::vector<Value>& operands) {
  std::vector<std::string> types;
  for (const Value& operand : operands)
    types.push_back(operand.type);
  const std::string text =
      spec.op == arch::KernelOp::External ? spec.symbol : arch::to_string(spec);
  std::string& name = kernels_[{text, fmt::format("({})", fmt::join(types, ", "))}];
  if (name.empty())
    name = fresh(text);
  return name;
}

std::vector<Op> Scope::kernels() const {
  std::vector<Op> ops;
  for (const auto& [key, name] : kernels_)
    ops.push_back({.name = "func.func",
                   .attributes = {{"function_type", key.second + " -> ()", key.second},
                                  symbol_name(name),
                                  {"sym_visibility", "\"private\"", "private"}},
                   .regions = {{}}});
  return ops;
}

std::string memref(const std::vector<int64_t>& shape, arch::Type type) {
  return fmt::format("memref<{}{}{}>", fmt::join(shape, "x"), shape.empty() ? "" : "x",
                     arch::to_string(type));
}

int64_t elements(uint64_t words, uint32_t element_bytes) {
  return static_cast<int64_t>(words * 4 / element_bytes);
}

std::vector<Dim> element_dims(const std::vector<Dim>& dims, uint32_t element_bytes) {
  const uint64_t ratio = 4 / element_bytes;
  std::vector<Dim> result;
  for (const Dim& dim : dims)
    result.push_back({dim.size, dim.step * ratio});
  if (ratio > 1 && !dims.empty()) {
    if (dims[0].step == 1)
      result[0] = {dims[0].size * ratio, 1};
    else
      result.insert(result.begin(), {ratio, 1});
  }
  std::reverse(result.begin(), result.end());
  return result;
}

Attribute packet_info(const Packet& packet) {
  const std::string text = fmt::format("<pkt_type = {}, pkt_id = {}>", packet.type, packet.id);
  return {"packet", fmt::format("#aie.packet_info{}", text), text};
}

Attribute direction(Direction direction) {
  return enumeration("channel_dir", static_cast<int>(direction),
                     direction == Direction::S2mm ? "S2MM" : "MM2S");
}

}  // namespace npu::compiler::mlir
