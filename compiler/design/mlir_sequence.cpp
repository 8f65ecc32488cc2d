// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <array>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/design/mlir_scope.h"

namespace npu::compiler::mlir {

namespace {

Attribute word(std::string name, uint32_t value) {
  return integer(std::move(name), value, "ui32");
}

/// The ops of the host sequence, and the constants that its block writes need.
class Sequence {
 public:
  explicit Sequence(Scope& scope) : scope_(scope) {
    for (const Argument& argument : scope.design.arguments)
      arguments_.push_back(scope.value(
          argument.name, memref({static_cast<int64_t>(argument.elements)}, argument.type)));
    for (const HostOp& op : scope.design.sequence)
      if (const auto* transfer = std::get_if<Transfer>(&op))
        channel_of_[transfer->id] = transfer->shim_channel;
  }

  std::vector<Op> run() {
    for (const HostOp& op : scope_.design.sequence)
      std::visit([this](const auto& o) { add(o); }, op);
    ops_.push_back({.name = "aie.end"});
    std::vector<Op> all = std::move(constants_);
    all.push_back(
        {.name = "aie.runtime_sequence",
         .attributes = {symbol_name(scope_.fresh("sequence"))},
         .regions = {{{.label = "^bb0", .arguments = arguments_, .ops = std::move(ops_)}}}});
    return all;
  }

 private:
  void add(const Transfer& t) {
    constexpr size_t kDims = 4;
    const uint32_t bytes = arch::bytes_of(scope_.design.arguments[t.argument].type);
    std::vector<Dim> dims = t.dims.empty() ? std::vector<Dim>{{t.length, 1}} : t.dims;
    if (t.repeat > 1)
      dims.resize(std::max<size_t>(dims.size(), kDims - 1), {1, 0});
    if (t.repeat > 1)
      dims.push_back({static_cast<uint64_t>(t.repeat), t.iteration_step});
    dims = element_dims(dims, bytes);
    while (dims.size() < kDims)
      dims.insert(dims.begin(), {1, 0});
    std::vector<int64_t> sizes;
    std::vector<int64_t> strides;
    for (const Dim& dim : dims) {
      sizes.push_back(static_cast<int64_t>(dim.size));
      strides.push_back(static_cast<int64_t>(dim.step));
    }
    std::vector<int64_t> offsets(dims.size(), 0);
    offsets.back() = static_cast<int64_t>(t.offset / bytes);
    Op op{.name = "aiex.npu.dma_memcpy_nd",
          .operands = {arguments_[static_cast<size_t>(t.argument)]},
          .attributes = {array("static_offsets", offsets), array("static_sizes", sizes),
                         array("static_strides", strides),
                         integer("id", t.descriptor.value_or(t.id), "i64")}};
    if (t.token)
      op.attributes.push_back(boolean("issue_token", true));
    op.attributes.push_back(symbol("metadata", scope_.shim_channel(t.shim_channel)));
    if (t.packet)
      op.attributes.push_back(packet_info(*t.packet));
    ops_.push_back(std::move(op));
  }

  void add(const Await& await) {
    ops_.push_back({.name = "aiex.npu.dma_wait",
                    .attributes = {symbol("symbol", scope_.shim_channel(channel_of_[await.id]))}});
  }

  void add(const arch::Command& command) {
    std::visit([this](const auto& c) { ops_.push_back(op_of(c)); }, command);
  }

  static Op op_of(const arch::Write& c) {
    return {.name = "aiex.npu.write32",
            .attributes = {word("address", c.address), word("value", c.value)}};
  }
  static Op op_of(const arch::MaskWrite& c) {
    return {
        .name = "aiex.npu.maskwrite32",
        .attributes = {word("address", c.address), word("mask", c.mask), word("value", c.value)}};
  }
  static Op op_of(const arch::MaskPoll& c) {
    return {
        .name = "aiex.npu.maskpoll32",
        .attributes = {word("address", c.address), word("mask", c.mask), word("value", c.value)}};
  }
  static Op op_of(const arch::AddressPatch& c) {
    return {.name = "aiex.npu.address_patch",
            .attributes = {word("addr", c.address), integer("arg_idx", c.argument),
                           integer("arg_plus", static_cast<int64_t>(c.offset))}};
  }
  static Op op_of(const arch::Sync& c) {
    return {.name = "aiex.npu.sync",
            .attributes = {integer("channel", c.channel), integer("column", c.col),
                           integer("column_num", c.columns),
                           integer("direction", static_cast<int>(c.direction)),
                           integer("row", c.row), integer("row_num", c.rows)}};
  }
  static Op op_of(const arch::Load& c) {
    return {.name = "aiex.npu.load_pdi", .attributes = {integer("id", c.id)}};
  }

  Op op_of(const arch::BlockWrite& c) {
    const std::string type = memref({static_cast<int64_t>(c.words.size())}, arch::Type::I32);
    const std::string name = scope_.fresh("blockwrite_data");
    std::vector<int32_t> values(c.words.begin(), c.words.end());
    const std::string dense = fmt::format("dense<[{}]>", fmt::join(values, ", "));
    constants_.push_back(
        {.name = "memref.global",
         .attributes = {
             symbol_name(name),
             {"sym_visibility", "\"private\"", "\"private\""},
             {"type", type, type},
             {"initial_value", fmt::format("{} : tensor<{}xi32>", dense, values.size()), dense},
             {"constant", "unit", ""}}});
    const Value data = scope_.value(name, type);
    ops_.push_back(
        {.name = "memref.get_global", .results = {data}, .attributes = {symbol("name", name)}});
    return {.name = "aiex.npu.blockwrite",
            .operands = {data},
            .attributes = {word("address", c.address)}};
  }

  Scope& scope_;
  std::vector<Value> arguments_;
  std::map<int, int> channel_of_;  ///< by transfer id
  std::vector<Op> constants_;
  std::vector<Op> ops_;
};

}  // namespace

std::vector<Op> host_ops(Scope& scope) {
  const Design& design = scope.design;
  std::vector<Op> ops;
  for (size_t i = 0; i < design.shim_channels.size(); ++i) {
    const ShimChannel& channel = design.shim_channels[i];
    ops.push_back({.name = "aie.shim_dma_allocation",
                   .operands = {scope.tile({static_cast<uint8_t>(channel.col), 0})},
                   .attributes = {symbol_name(scope.shim_channel(static_cast<int>(i))),
                                  direction(channel.direction),
                                  integer("channel_index", channel.index.value_or(-1), "i64")}});
  }
  for (Op& op : Sequence(scope).run())
    ops.push_back(std::move(op));
  return ops;
}

}  // namespace npu::compiler::mlir
