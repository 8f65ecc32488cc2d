// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/design/mlir_printer.h"

#include <fmt/format.h>

#include "compiler/design/mlir_scope.h"
#include "compiler/mlir/cases.h"
#include "compiler/mlir/tree.h"

namespace npu::compiler {

namespace mlir {

namespace {

/// The name of a partition in the dialect: `npu1`, `npu2_4col`; the generation of npu4 is called
/// npu2 there.
Attribute device(const arch::Partition& partition) {
  const bool aie2 = partition.device->generation == arch::Generation::Aie2;
  const std::string_view family = aie2 ? "npu1" : "npu2";
  if (partition.columns >= partition.device->max_partition)
    return enumeration("device", kDevices, family);
  return enumeration("device", kDevices, fmt::format("{}_{}col", family, partition.columns));
}

Op tile_op(const Scope& scope, Coord tile) {
  return {.name = "aie.tile",
          .results = {scope.tile(tile)},
          .attributes = {integer("col", tile.col), integer("row", tile.row)}};
}

/// All of the buffer, in bytes of hexadecimal digits, as MLIR writes elements it does not want to
/// print one by one.
Attribute initial_value(const Buffer& buffer) {
  std::string digits;
  for (uint64_t byte = 0; byte < buffer.bytes(); ++byte) {
    const uint32_t word = byte / 4 < buffer.initial.size() ? buffer.initial[byte / 4] : 0;
    digits += fmt::format("{:02X}", word >> 8 * (byte % 4) & 0xFF);
  }
  const std::string dense = fmt::format("dense<\"0x{}\">", digits);
  std::string type = memref(buffer.shape, buffer.type);
  type.replace(0, std::string_view("memref").size(), "tensor");
  return {"initial_value", dense + " : " + type, dense};
}

Op buffer_op(const Scope& scope, size_t index) {
  const Buffer& buffer = scope.design.buffers[index];
  Op op{.name = "aie.buffer",
        .operands = {scope.tile(buffer.tile)},
        .results = {scope.buffer(static_cast<int>(index))}};
  if (buffer.address)
    op.attributes.push_back(integer("address", *buffer.address));
  if (buffer.bank)
    op.attributes.push_back(integer("mem_bank", *buffer.bank));
  op.attributes.push_back(symbol_name(buffer.name));
  if (!buffer.initial.empty())
    op.attributes.push_back(initial_value(buffer));
  return op;
}

Op lock_op(const Scope& scope, size_t index) {
  const Lock& lock = scope.design.locks[index];
  Op op{.name = "aie.lock",
        .operands = {scope.tile(lock.tile)},
        .results = {scope.lock(static_cast<int>(index))}};
  if (lock.id)
    op.attributes.push_back(integer("lockID", *lock.id));
  op.attributes.push_back(integer("init", lock.initial));
  op.attributes.push_back(symbol_name(lock.name));
  return op;
}

void append(std::vector<Op>& ops, std::vector<Op> more) {
  ops.insert(ops.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Op module_op(const Design& design) {
  Scope scope(design);
  std::vector<Op> ops;
  for (const Coord tile : scope.tiles())
    ops.push_back(tile_op(scope, tile));
  for (size_t i = 0; i < design.buffers.size(); ++i)
    ops.push_back(buffer_op(scope, i));
  for (size_t i = 0; i < design.locks.size(); ++i)
    ops.push_back(lock_op(scope, i));
  append(ops, stream_ops(scope));
  append(ops, dma_ops(scope));
  for (const Core& core : design.cores)
    ops.push_back(core_op(scope, core));
  append(ops, host_ops(scope));
  ops.push_back({.name = "aie.end"});
  std::vector<Op> body = scope.kernels();
  append(body, std::move(ops));
  Op device_op{.name = "aie.device",
               .attributes = {device(design.partition)},
               .regions = {{{.ops = std::move(body)}}}};
  return {.name = "builtin.module", .regions = {{{.ops = {std::move(device_op)}}}}};
}

}  // namespace

}  // namespace mlir

std::string print_mlir(const Design& design, MlirForm form) {
  std::string text = fmt::format("// {}\n", design.name);
  for (const std::string& note : design.notes)
    text += fmt::format("// {}\n", note);
  return text + mlir::print(mlir::module_op(design), form);
}

}  // namespace npu::compiler
