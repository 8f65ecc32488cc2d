// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <array>

#include "compiler/mlir/grammar.h"

namespace npu::compiler::mlir {

namespace {
// clang-format off
constexpr std::array kGrammar{
    Grammar{"builtin.module", " {region}"},
    Grammar{"func.func", " {sym_visibility} {sym_name}{function_type}"},
    Grammar{"func.call", " {callee}({*}) : {ftype}"},
    Grammar{"cf.br", " {s0}"},
    Grammar{"cf.cond_br", " {0}, {s0}, {s1}"},
    Grammar{"arith.constant", " {value}"},
    Grammar{"arith.addi", " {0}, {1} : {t0}"},
    Grammar{"arith.subi", " {0}, {1} : {t0}"},
    Grammar{"arith.cmpi", " {predicate}, {0}, {1} : {t0}"},
    Grammar{"memref.global", " {sym_visibility} constant {sym_name} : {type} = {initial_value}"},
    Grammar{"memref.get_global", " {name} : {r0}"},

    Grammar{"aie.device", "({device}) {region}{attributes}", true},
    Grammar{"aie.tile", "({col}, {row}){attributes}"},
    Grammar{"aie.lock", "({0}[lockID|, {lockID}]){attributes}"},
    Grammar{"aie.use_lock", "({0}, {action}[value|, {value}]){attributes}"},
    Grammar{"aie.buffer", "({0}){attributes} : {r0}[initial_value| = {initial_value}]"},
    Grammar{"aie.mem", "({0}) {region}{attributes}"},
    Grammar{"aie.memtile_dma", "({0}) {region}{attributes}"},
    Grammar{"aie.dma_start", "({channel_dir}, {channel_index}, {s0}, {s1}[repeat_count|, repeat_count = {repeat_count}]){attributes}"},
    Grammar{"aie.dma_bd", "({0} : {t0}, {offset}, {len}[dimensions|, {dimensions}][pad_dimensions|, {pad_dimensions}]){attributes}"},
    Grammar{"aie.next_bd", " {s0}"},
    Grammar{"aie.end", ""},
    Grammar{"aie.core", "({0}) {region}{attributes}"},
    Grammar{"aie.event", "({val})"},
    Grammar{"aie.flow", "({0}, {source_bundle} : {source_channel}, {1}, {dest_bundle} : {dest_channel}){attributes}"},
    Grammar{"aie.packet_flow", "({ID}) {region}{attributes}", true},
    Grammar{"aie.packet_source", "<{0}, {bundle} : {channel}>{attributes}"},
    Grammar{"aie.packet_dest", "<{0}, {bundle} : {channel}>{attributes}"},
    Grammar{"aie.switchbox", "({0}) {region}{attributes}", true},
    Grammar{"aie.shim_mux", "({0}) {region}{attributes}", true},
    Grammar{"aie.connect", "<{source_bundle} : {source_channel}, {dest_bundle} : {dest_channel}>{attributes}"},
    Grammar{"aie.amsel", "<{arbiterID}> ({msel}){attributes}"},
    Grammar{"aie.masterset", "({dest_bundle} : {dest_channel}, {*}){attributes}"},
    Grammar{"aie.packet_rules", "({source_bundle} : {source_channel}) {region}{attributes}", true},
    Grammar{"aie.rule", "({mask}, {value}, {0}){attributes}"},
    Grammar{"aie.shim_dma_allocation", " {sym_name}({0}, {channel_dir}, {channel_index}){attributes}"},
    Grammar{"aie.runtime_sequence", " {sym_name}({arguments}) {region}{attributes}", true},

    Grammar{"aiex.npu.dma_memcpy_nd", "({0}{static_offsets}{static_sizes}{static_strides}[packet|, packet = {packet}]){attributes} : {t0}"},
    Grammar{"aiex.npu.dma_wait", "{attributes}"},
    Grammar{"aiex.npu.write32", "{attributes}"},
    Grammar{"aiex.npu.maskwrite32", "{attributes}"},
    Grammar{"aiex.npu.maskpoll32", "{attributes}"},
    Grammar{"aiex.npu.blockwrite", "({0}){attributes} : {t0}"},
    Grammar{"aiex.npu.address_patch", "{attributes}"},
    Grammar{"aiex.npu.sync", "{attributes}"},
    Grammar{"aiex.npu.load_pdi", "{attributes}"},
};
// clang-format on
}  // namespace

std::span<const Grammar> grammar() {
  return kGrammar;
}

const Grammar* grammar_of(std::string_view op) {
  const auto row =
      std::find_if(kGrammar.begin(), kGrammar.end(), [&](const Grammar& g) { return g.op == op; });
  return row == kGrammar.end() ? nullptr : &*row;
}

}  // namespace npu::compiler::mlir
