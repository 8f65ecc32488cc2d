// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/mlir/grammar.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace npu::compiler::mlir {

namespace {

// clang-format off
constexpr Grammar kGrammar[] = {
    Grammar{"builtin.module", "[?| {sym_name}][?| attributes{attributes}] {region}"},
    Grammar{"builtin.unrealized_conversion_cast", " {*} : {t*} to {r0}"},
    Grammar{"func.func", "[sym_visibility| {sym_visibility}] {sym_name}{signature}[?| attributes{attributes}][?| {region}]"},
    Grammar{"func.call", " {callee}({*}){attributes} : {ftype}"},
    Grammar{"func.return", "[#0| {*} : {t*}]"},
    Grammar{"cf.br", " {s0}"},
    Grammar{"cf.cond_br", " {0}, {s0}, {s1}"},
    Grammar{"cf.switch", " {0} : {t0}, {targets}{attributes}"},
    Grammar{"ub.poison", " : {r0}"},

    Grammar{"arith.constant", "{attributes} {value:typed}", "value"},
    Grammar{"arith.addui_extended", " {0}, {1} : {r0}, {r1}"},
    Grammar{"arith.mulsi_extended", " {0}, {1} : {t0}", "t0 t0"},
    Grammar{"arith.mului_extended", " {0}, {1} : {t0}", "t0 t0"},
    Grammar{"arith.addi", " {0}, {1}[overflowFlags| overflow{overflowFlags}] : {t0}", "t0"},
    Grammar{"arith.subi", " {0}, {1}[overflowFlags| overflow{overflowFlags}] : {t0}", "t0"},
    Grammar{"arith.muli", " {0}, {1}[overflowFlags| overflow{overflowFlags}] : {t0}", "t0"},
    Grammar{"arith.shli", " {0}, {1}[overflowFlags| overflow{overflowFlags}] : {t0}", "t0"},
    Grammar{"arith.divsi", " {0}, {1}[isExact| exact] : {t0}", "t0"},
    Grammar{"arith.divui", " {0}, {1}[isExact| exact] : {t0}", "t0"},
    Grammar{"arith.ceildivsi", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.ceildivui", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.floordivsi", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.remsi", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.remui", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.andi", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.ori", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.xori", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.shrsi", " {0}, {1}[isExact| exact] : {t0}", "t0"},
    Grammar{"arith.shrui", " {0}, {1}[isExact| exact] : {t0}", "t0"},
    Grammar{"arith.maxsi", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.maxui", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.minsi", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.minui", " {0}, {1} : {t0}", "t0"},
    Grammar{"arith.addf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.subf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.mulf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.divf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.remf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.negf", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.maximumf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.minimumf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.maxnumf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.minnumf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"arith.cmpi", " {predicate}, {0}, {1} : {t0}", "b0"},
    Grammar{"arith.cmpf", " {predicate}, {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "b0"},
    Grammar{"arith.select", " {0}, {1}, {2} : {t0}, {r0}"},
    Grammar{"arith.select", " {0}, {1}, {2} : {r0}"},
    Grammar{"arith.index_cast", " {0} : {t0} to {r0}"},
    Grammar{"arith.index_castui", " {0} : {t0} to {r0}"},
    Grammar{"arith.extsi", " {0} : {t0} to {r0}"},
    Grammar{"arith.extui", " {0} : {t0} to {r0}"},
    Grammar{"arith.extf", " {0}[fastmath| fastmath{fastmath}] : {t0} to {r0}"},
    Grammar{"arith.trunci", " {0}[overflowFlags| overflow{overflowFlags}] : {t0} to {r0}"},
    Grammar{"arith.truncf", " {0}[roundingmode| {roundingmode:keyword}][fastmath| fastmath{fastmath}] : {t0} to {r0}"},
    Grammar{"arith.sitofp", " {0} : {t0} to {r0}"},
    Grammar{"arith.uitofp", " {0} : {t0} to {r0}"},
    Grammar{"arith.fptosi", " {0} : {t0} to {r0}"},
    Grammar{"arith.fptoui", " {0} : {t0} to {r0}"},
    Grammar{"arith.bitcast", " {0} : {t0} to {r0}"},
    Grammar{"math.exp", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.exp2", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.log", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.sqrt", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.rsqrt", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.tanh", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.erf", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.absf", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.absi", " {0} : {t0}", "t0"},
    Grammar{"math.floor", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.ceil", " {0}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.fma", " {0}, {1}, {2}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"math.powf", " {0}, {1}[fastmath| fastmath{fastmath}] : {t0}", "t0"},
    Grammar{"index.constant", " {value}", "index"},
    Grammar{"index.bool.constant", " {value}", "i1"},
    Grammar{"index.add", " {0}, {1}", "index"},
    Grammar{"index.sub", " {0}, {1}", "index"},
    Grammar{"index.mul", " {0}, {1}", "index"},
    Grammar{"index.divs", " {0}, {1}", "index"},
    Grammar{"index.divu", " {0}, {1}", "index"},
    Grammar{"index.rems", " {0}, {1}", "index"},
    Grammar{"index.remu", " {0}, {1}", "index"},
    Grammar{"index.ceildivs", " {0}, {1}", "index"},
    Grammar{"index.ceildivu", " {0}, {1}", "index"},
    Grammar{"index.floordivs", " {0}, {1}", "index"},
    Grammar{"index.maxu", " {0}, {1}", "index"},
    Grammar{"index.minu", " {0}, {1}", "index"},
    Grammar{"index.maxs", " {0}, {1}", "index"},
    Grammar{"index.mins", " {0}, {1}", "index"},
    Grammar{"index.and", " {0}, {1}", "index"},
    Grammar{"index.or", " {0}, {1}", "index"},
    Grammar{"index.xor", " {0}, {1}", "index"},
    Grammar{"index.shl", " {0}, {1}", "index"},
    Grammar{"index.shrs", " {0}, {1}", "index"},
    Grammar{"index.shru", " {0}, {1}", "index"},
    Grammar{"index.cmp", " {pred:keyword}({0}, {1})", "i1"},
    Grammar{"index.casts", " {0} : {t0} to {r0}"},
    Grammar{"index.castu", " {0} : {t0} to {r0}"},

    Grammar{"scf.for", " {iv} = {0} to {1} step {2}[?| iter_args{iters}][?| : {ivtype}] {region}{attributes}"},
    Grammar{"scf.forall", " ({ivs}) = {lower:list} to {upper:list} step {step:list}[?| shared_outs{iters}] {region}{attributes}"},
    Grammar{"scf.forall", " ({ivs}) in {upper:list}[?| shared_outs{iters}] {region}{attributes}"},
    Grammar{"scf.forall.in_parallel", " {region}"},
    Grammar{"scf.if", " {0}{results} {region}[?| else {region}]{attributes}"},
    Grammar{"scf.while", "[?| {iters}] {region} do {region}{attributes}"},
    Grammar{"scf.while", " : {ftype} {region} do {region}{attributes}"},
    Grammar{"scf.condition", "({0})[#1| {*} : {t*}]"},
    Grammar{"scf.yield", "{attributes}[#0| {*} : {t*}]"},
    Grammar{"scf.index_switch", " {0}{attributes}{results} {cases}"},
    Grammar{"scf.execute_region", "{results} {region}{attributes}"},
    Grammar{"affine.for", " {iv} = {bounds:affine}[?| iter_args{iters}] {region}{attributes}"},
    Grammar{"affine.parallel", " ({ivs}) = {lower:affine} to {upper:affine}[?| step {step:list}] {region}{attributes}"},
    Grammar{"affine.if", " {condition:affine}{results} {region}[?| else {region}]{attributes}"},
    Grammar{"affine.load", " {0}{map:affine}{attributes} : {t0}", "e0"},
    Grammar{"affine.store", " {0}, {1}{map:affine}{attributes} : {t1}"},
    Grammar{"affine.apply", " {map:affine}{attributes}", "index"},
    Grammar{"affine.min", " {map:affine}{attributes}", "index"},
    Grammar{"affine.max", " {map:affine}{attributes}", "index"},
    Grammar{"affine.yield", "[#0| {*} : {t*}]"},

    Grammar{"memref.global", "[sym_visibility| {sym_visibility}][constant| constant] {sym_name} : {type}[initial_value| = {initial_value}]{attributes}"},
    Grammar{"memref.get_global", " {name} : {r0}"},
    Grammar{"memref.load", " {0}{[}{*}{]}{attributes} : {t0}", "e0"},
    Grammar{"memref.store", " {0}, {1}{[}{*}{]}{attributes} : {t1}"},
    Grammar{"memref.alloc", "({*}){attributes} : {r0}"},
    Grammar{"memref.alloca", "({*}){attributes} : {r0}"},
    Grammar{"memref.dealloc", " {0} : {t0}"},
    Grammar{"memref.copy", " {0}, {1}{attributes} : {t0} to {t1}"},
    Grammar{"memref.cast", " {0} : {t0} to {r0}"},
    Grammar{"memref.dim", " {0}, {1} : {t0}", "index"},
    Grammar{"memref.subview", " {0} {static_offsets:list} {static_sizes:list} {static_strides:list}{attributes} : {t0} to {r0}"},
    Grammar{"memref.reinterpret_cast", " {0} to offset: {static_offsets:list}, sizes: {static_sizes:list}, strides: {static_strides:list}{attributes} : {t0} to {r0}"},
    Grammar{"memref.view", " {0}{[}{1}{]}{[}{*}{]} : {t0} to {r0}"},
    Grammar{"memref.collapse_shape", " {0} {reassociation}{attributes} : {t0} into {r0}"},
    Grammar{"memref.expand_shape", " {0} {reassociation} output_shape {static_output_shape:list}{attributes} : {t0} into {r0}"},
    Grammar{"memref.expand_shape", " {0} {reassociation}{attributes} : {t0} into {r0}"},
    Grammar{"memref.transpose", " {0} {permutation:affine}{attributes} : {t0} to {r0}"},
    Grammar{"memref.alloca_scope", "{results} {region}{attributes}"},
    Grammar{"memref.alloca_scope.return", "[#0| {*} : {t*}]"},
    Grammar{"memref.extract_aligned_pointer_as_index", " {0} : {t0} -> {r0}"},
    Grammar{"memref.memory_space_cast", " {0} : {t0} to {r0}"},
    Grammar{"memref.assume_alignment", " {0}, {alignment} : {t0}", "t0"},
    Grammar{"memref.extract_strided_metadata", " {0} : {t0} -> {r*}"},

    Grammar{"vector.load", " {0}{[}{*}{]}{attributes} : {t0}, {r0}"},
    Grammar{"vector.store", " {0}, {1}{[}{*}{]}{attributes} : {t1}, {t0}"},
    Grammar{"vector.transfer_read", " {0}{[}{*}{]}, {*}{attributes} : {t0}, {r0}"},
    Grammar{"vector.transfer_write", " {0}, {1}{[}{*}{]}{attributes} : {t0}, {t1}"},
    Grammar{"vector.transfer_write", " {0}, {1}{[}{*}{]}, {*}{attributes} : {t0}, {t1}"},
    Grammar{"vector.maskedload", " {0}{[}{*}{]}, {*}{attributes} : {t0}, {t*} into {r0}"},
    Grammar{"vector.maskedstore", " {0}{[}{*}{]}, {*}{attributes} : {t0}, {t*}"},
    Grammar{"vector.constant_mask", " {mask_dim_sizes:list} : {r0}"},
    Grammar{"vector.create_mask", " {*} : {r0}"},
    Grammar{"vector.transpose", " {0}, {permutation:list}{attributes} : {t0} to {r0}"},
    Grammar{"vector.from_elements", " {*} : {r0}"},
    Grammar{"vector.shuffle", " {0}, {1} {mask:list}{attributes} : {t0}, {t1}"},
    Grammar{"vector.multi_reduction", " <{kind:keyword}>, {0}, {1} {reduction_dims:list} : {t0} to {r0}"},
    Grammar{"vector.broadcast", " {0} : {t0} to {r0}"},
    Grammar{"vector.splat", " {0} : {r0}"},
    Grammar{"vector.shape_cast", " {0} : {t0} to {r0}"},
    Grammar{"vector.bitcast", " {0} : {t0} to {r0}"},
    Grammar{"vector.fma", " {0}, {1}, {2} : {t0}", "t0"},
    Grammar{"vector.reduction", " <{kind:keyword}>, {*} : {t0} into {r0}"},
    Grammar{"vector.extract", " {0}{static_position:list} : {r0} from {t0}"},
    Grammar{"vector.extractelement", " {0}{[}{1} : {t1}{]} : {t0}", "e0"},
    Grammar{"vector.insertelement", " {0}, {1}{[}{2} : {t2}{]} : {t1}", "t1"},
    Grammar{"vector.extract_strided_slice", " {0}{attributes} : {t0} to {r0}"},
    Grammar{"vector.insert_strided_slice", " {0}, {1}{attributes} : {t0} into {t1}", "t1"},
    Grammar{"vector.insert", " {0}, {1} {static_position:list} : {t0} into {t1}", "t1"},
    Grammar{"vector.contract", "{attributes} {0}, {1}, {2} : {t0}, {t1} into {t2}", "t2"},
    Grammar{"vector.yield", " {*} : {t*}"},

    Grammar{"tensor.empty", "({*}){attributes} : {r0}"},
    Grammar{"tensor.extract_slice", " {0} {static_offsets:list} {static_sizes:list} {static_strides:list}{attributes} : {t0} to {r0}"},
    Grammar{"tensor.insert_slice", " {0} into {1} {static_offsets:list} {static_sizes:list} {static_strides:list}{attributes} : {t0} into {t1}", "t1"},
    Grammar{"tensor.parallel_insert_slice", " {0} into {1} {static_offsets:list} {static_sizes:list} {static_strides:list}{attributes} : {t0} into {t1}"},
    Grammar{"bufferization.alloc_tensor", "({*}){attributes} : {r0}"},
    Grammar{"tensor.pack", " {0}[#2| padding_value({2} : {t2})][outer_dims_perm| outer_dims_perm = {outer_dims_perm:list}] inner_dims_pos = {inner_dims_pos:list} inner_tiles = {inner_tiles:list} into {1}{attributes} : {t0} -> {r0}"},
    Grammar{"tensor.unpack", " {0}[outer_dims_perm| outer_dims_perm = {outer_dims_perm:list}] inner_dims_pos = {inner_dims_pos:list} inner_tiles = {inner_tiles:list} into {1}{attributes} : {t0} -> {r0}"},
    Grammar{"linalg.pack", " {0}[#2| padding_value({2} : {t2})][outer_dims_perm| outer_dims_perm = {outer_dims_perm:list}] inner_dims_pos = {inner_dims_pos:list} inner_tiles = {inner_tiles:list} into {1}{attributes} : {t0} -> {t1}"},
    Grammar{"linalg.unpack", " {0}[outer_dims_perm| outer_dims_perm = {outer_dims_perm:list}] inner_dims_pos = {inner_dims_pos:list} inner_tiles = {inner_tiles:list} into {1}{attributes} : {t0} -> {t1}"},
    Grammar{"iree_linalg_ext.pack", " {0}[#2| padding_value({2} : {t2})][outer_dims_perm| outer_dims_perm = {outer_dims_perm:list}] inner_dims_pos = {inner_dims_pos:list} inner_tiles = {inner_tiles:list} into {1}{attributes} : ({t0} {t1})[?| -> {r0}]"},
    Grammar{"iree_linalg_ext.unpack", " {0}[outer_dims_perm| outer_dims_perm = {outer_dims_perm:list}] inner_dims_pos = {inner_dims_pos:list} inner_tiles = {inner_tiles:list} into {1}{attributes} : ({t0} {t1})[?| -> {r0}]"},
    Grammar{"linalg.copy", "{attributes} ins({0} : {t0}) outs({1} : {t1})[?| -> {r0}]"},
    Grammar{"linalg.fill", "{attributes} ins({0} : {t0}) outs({1} : {t1})[?| -> {r0}]"},
    Grammar{"linalg.matmul", "{attributes}[indexing_maps| indexing_maps = {indexing_maps}] ins({0}, {1} : {t0}, {t1}) outs({2} : {t2})[?| -> {r0}]"},
    Grammar{"linalg.batch_matmul", "{attributes}[indexing_maps| indexing_maps = {indexing_maps}] ins({0}, {1} : {t0}, {t1}) outs({2} : {t2})[?| -> {r0}]"},
    Grammar{"linalg.matmul_transpose_a", "{attributes}[indexing_maps| indexing_maps = {indexing_maps}] ins({0}, {1} : {t0}, {t1}) outs({2} : {t2})[?| -> {r0}]"},
    Grammar{"linalg.matmul_transpose_b", "{attributes}[indexing_maps| indexing_maps = {indexing_maps}] ins({0}, {1} : {t0}, {t1}) outs({2} : {t2})[?| -> {r0}]"},
    Grammar{"linalg.batch_matmul_transpose_a", "{attributes} ins({0}, {1} : {t0}, {t1}) outs({2} : {t2})[?| -> {r0}]"},
    Grammar{"linalg.batch_matmul_transpose_b", "{attributes} ins({0}, {1} : {t0}, {t1}) outs({2} : {t2})[?| -> {r0}]"},
    Grammar{"linalg.generic", "{attributes} ins({*} : {t*}) outs({*} : {t*})[?| attrs = {attributes}] {region}[?| -> {r0}]"},
    Grammar{"linalg.generic", "{attributes} outs({*} : {t*})[?| attrs = {attributes}] {region}[?| -> {r0}]"},
    Grammar{"linalg.yield", " {*} : {t*}"},
    Grammar{"linalg.index", " {dim:int} : {r0}"},
    Grammar{"linalg.transpose", " ins({0} : {t0}) outs({1} : {t1}) permutation = {permutation}{attributes}[?| -> {r0}]"},
    Grammar{"linalg.broadcast", " ins({0} : {t0}) outs({1} : {t1}) dimensions = {dimensions}{attributes}[?| -> {r0}]"},
    Grammar{"linalg.reduce", " ins({*} : {t*}) outs({*} : {t*}) dimensions = {dimensions}{attributes} ({arguments}) {region}"},
    Grammar{"linalg.reduce", " {payload:op} ins({*} : {t*}) outs({*} : {t*}) dimensions = {dimensions}{attributes}"},
    Grammar{"linalg.map", " ins({*} : {t*}) outs({*} : {t*}){attributes} ({arguments}) {region}"},
    Grammar{"linalg.map", " outs({*} : {t*}){attributes} ({arguments}) {region}"},
    Grammar{"linalg.map", " {payload:op} ins({*} : {t*}) outs({*} : {t*}){attributes}"},
    Grammar{"linalg.*", "{attributes} ins({*} : {t*}) outs({*} : {t*})[?| -> {r0}]"},

    Grammar{"aie.device", "({device})[sym_name| {sym_name}] {region}{attributes}", {}, true},
    Grammar{"aie.tile", "({col}, {row}){attributes}", "index"},
    Grammar{"aie.logical_tile", "<{tile_type:keyword}>({col}, {row}){attributes}", "index"},
    Grammar{"aie.logical_tile", "<{tile_type:keyword}>(?, {row}){attributes}", "index"},
    Grammar{"aie.logical_tile", "<{tile_type:keyword}>({col}, ?){attributes}", "index"},
    Grammar{"aie.logical_tile", "<{tile_type:keyword}>(?, ?){attributes}", "index"},
    Grammar{"aie.lock", "({0}[lockID|, {lockID}]){attributes}", "index"},
    Grammar{"aie.use_lock", "({0}, {action}[value|, {value:int}]){attributes}"},
    Grammar{"aie.use_lock", "({0}, {action}, {1}){attributes}"},
    Grammar{"aie.use_lock", "({0}, {action}, {value:int}, {blocking}){attributes}"},
    Grammar{"aie.buffer", "({0}){attributes} : {r0}[initial_value| = {initial_value}]"},
    Grammar{"aie.external_buffer", "[address| {address:int}]{attributes} : {r0}"},
    Grammar{"aie.mem", "({0}) {region}{attributes}", "index"},
    Grammar{"aie.memtile_dma", "({0}) {region}{attributes}", "index"},
    Grammar{"aie.shim_dma", "({0}) {region}{attributes}", "index"},
    Grammar{"aie.dma_start", "({channel_dir}, {channel_index}, {s0}, {s1}[repeat_count|, repeat_count = {repeat_count}]){attributes}", "i1"},
    Grammar{"aie.dma_start", "({channel_dir:keyword}, {s0}, {s1}){attributes}", "i1"},
    Grammar{"aie.dma", "({channel_dir}, {channel_index}){attributes} {regions}", "i1"},
    Grammar{"aie.dma_bd", "({0} : {t0}[offset|, {offset:int}][len|, {len:int}][?| offset = {offset:list}][?| len = {len:list}][?| sizes = {sizes:list} strides = {strides:list}][?| pad {pad_dimensions}][dimensions|, {dimensions}][pad_dimensions|, {pad_dimensions}][?|, pad_value = {pad_value}])[bd_id_val| bd_id_val {bd_id_val:list} : {bd_id_type:keyword}]{attributes}"},
    Grammar{"aie.dma_bd", "(<{0} : {t0}, {offset}, {len}>, {a_b}){attributes}"},
    Grammar{"aie.dma_bd", "(<{0} : {t0}, {offset}, {len}>){attributes}"},
    Grammar{"aie.dma_bd", "({0} : {t0}, {offset_len:list}){attributes}"},
    Grammar{"aie.dma_bd_packet", "({packet_type}, {packet_id}){attributes}"},
    Grammar{"aie.next_bd", " {s0}"},
    Grammar{"aie.end", ""},
    Grammar{"aie.core", "({0}[#1|, {1}]) {region}{attributes}", "index"},
    Grammar{"aie.event", "({val})"},
    Grammar{"aie.flow", "({0}, {source_bundle} : {source_channel}, {1}, {dest_bundle} : {dest_channel}){attributes}"},
    Grammar{"aie.packet_flow", "({ID}) {region}{attributes}", {}, true},
    Grammar{"aie.packet_source", "<{0}, {bundle} : {channel}>{attributes}"},
    Grammar{"aie.packet_dest", "<{0}, {bundle} : {channel}>{attributes}"},
    Grammar{"aiex.broadcast_packet", "({0}, {bundle} : {channel}) {region}{attributes}", {}, true},
    Grammar{"aiex.bp_id", "({ID}) {region}{attributes}", {}, true},
    Grammar{"aiex.bp_dest", "<{0}, {bundle} : {channel}>{attributes}"},
    Grammar{"aiex.multicast", "({0}, {bundle} : {channel}) {region}{attributes}", {}, true},
    Grammar{"aiex.multi_dest", "<{0}, {bundle} : {channel}>{attributes}"},
    Grammar{"aie.switchbox", "({0}) {region}{attributes}", "index", true},
    Grammar{"aie.shim_mux", "({0}) {region}{attributes}", "index", true},
    Grammar{"aie.connect", "<{source_bundle} : {source_channel}, {dest_bundle} : {dest_channel}>{attributes}"},
    Grammar{"aie.amsel", "<{arbiterID}> ({msel}){attributes}", "index"},
    Grammar{"aie.masterset", "({dest_bundle} : {dest_channel}, {*}){attributes}", "index"},
    Grammar{"aie.packet_rules", "({source_bundle} : {source_channel}) {region}{attributes}", {}, true},
    Grammar{"aie.rule", "({mask}, {value}, {0}){attributes}"},
    Grammar{"aie.wire", "({source_bundle} : {0}, {dest_bundle} : {1}){attributes}"},
    Grammar{"aie.wire", "({0} : {source_bundle}, {1} : {dest_bundle}){attributes}"},
    Grammar{"aie.cascade_flow", "({0}, {1}){attributes}"},
    Grammar{"aie.configure_cascade", "({0}, {inputDir:keyword}, {outputDir:keyword}){attributes}"},
    Grammar{"aie.put_cascade", "({0} : {t0}){attributes}"},
    Grammar{"aie.get_cascade", "(){attributes} : {r0}"},
    Grammar{"aie.put_stream", "({0} : {t0}, {1} : {t1}){attributes}"},
    Grammar{"aie.get_stream", "({0} : {t0}){attributes} : {r0}"},
    Grammar{"aie.shim_dma_allocation", " {sym_name}({0}, {channel_dir}, {channel_index}[packet|, {packet}]){attributes}"},
    Grammar{"aie.shim_dma_allocation", " {sym_name}({channel_dir}, {channel_index}, {col}){attributes}"},
    Grammar{"aie.objectfifo", " {sym_name}({text:fifo}){attributes} : {elemType}[initValues| = {initValues}]"},
    Grammar{"aie.objectfifo.allocate", " {objFifo_name}({0}){attributes}"},
    Grammar{"aie.objectfifo.link", " {fifoIns} -> {fifoOuts}({src_offsets:list} {dst_offsets:list}){attributes}"},
    Grammar{"aie.objectfifo.link", " {fifoIns} -> {fifoOuts}(){attributes}"},
    Grammar{"aie.objectfifo.acquire", " {objFifo_name}({port:keyword}, {size:int}){attributes} : {r0}"},
    Grammar{"aie.objectfifo.acquire", " {objFifo_name}({port:keyword}, {0}){attributes} : {r0}"},
    Grammar{"aie.objectfifo.release", " {objFifo_name}({port:keyword}, {size:int}){attributes}"},
    Grammar{"aie.objectfifo.release", " {objFifo_name}({port:keyword}, {0}){attributes}"},
    Grammar{"aie.objectfifo.acquire", "<{port:keyword}>({0} : {t0}, {size:int}){attributes} : {r0}"},
    Grammar{"aie.objectfifo.release", "<{port:keyword}>({0} : {t0}, {size:int}){attributes}"},
    Grammar{"aie.objectfifo.acquire", " {objFifo_name}<{port:keyword}>({port:keyword}, {size:int}){attributes} : {r0}"},
    Grammar{"aie.objectfifo.release", " {objFifo_name}<{port:keyword}>({port:keyword}, {size:int}){attributes}"},
    Grammar{"aie.objectfifo.subview.access", " {0}{[}{index}{]} : {t0} -> {r0}"},
    Grammar{"aie.objectfifo.register_external_buffers", " {objFifo_name}({text:fifo}) : ({types:text}"},
    Grammar{"aie.objectfifo.register_external_buffers", "({text:fifo}) : ({types:text}"},
    Grammar{"aie.objectfifo.register_process", " {objFifo_name}({port:keyword}, {0} : {t0}, {1} : {t1}, {callee}, {2}){attributes}"},
    Grammar{"aie.runtime_sequence", "[sym_name| {sym_name}]({arguments})[?| attributes{attributes}] {region}{attributes}", {}, true},
    Grammar{"aie.bd_chain", " {sym_name}({arguments}) {region}{attributes}"},
    Grammar{"aie.trace", " {sym_name}({0}) {region}{attributes}"},

    Grammar{"aiex.npu.dma_memcpy_nd", "({0}{static_offsets:list}{static_sizes:list}{static_strides:list}[packet|, packet = {packet}]){attributes} : {t0}"},
    Grammar{"aiex.npu.dma_memcpy_nd", "({0}{static_offsets:list}{static_sizes:list}{static_strides:list}[packet|, packet = {packet}]){attributes} : {t0}, {types:text}"},
    Grammar{"aiex.npu.dma_memcpy_nd", "({x}, {y}, {0}{static_offsets:list}{static_sizes:list}{static_strides:list}[packet|, packet = {packet}]){attributes} : {t0}[?|, {types:text}]"},
    Grammar{"aiex.npu.dma_wait", "{attributes}"},
    Grammar{"aiex.npu.dma_wait", "({symbol}){attributes}"},
    Grammar{"aiex.npu.write32", "({0}, {1}){attributes} : {t*}"},
    Grammar{"aiex.npu.write32", "{attributes}"},
    Grammar{"aiex.npu.maskwrite32", "({0}, {1}, {2}){attributes} : {t*}"},
    Grammar{"aiex.npu.maskwrite32", "{attributes}"},
    Grammar{"aiex.npu.maskpoll32", "{attributes}"},
    Grammar{"aiex.npu.blockwrite", "({0}){attributes} : {t0}"},
    Grammar{"aiex.npu.address_patch", "({0} : {t0}){attributes}"},
    Grammar{"aiex.npu.address_patch", "{attributes}"},
    Grammar{"aiex.npu.sync", "({0}, {*}) : {t*}{attributes}"},
    Grammar{"aiex.npu.sync", "{attributes}"},
    Grammar{"aiex.npu.load_pdi", "{attributes}"},
    Grammar{"aiex.scratchpad_parameter", " {sym_name} : {type}{attributes}"},
    Grammar{"aiex.read_scratchpad_parameter", " {name} : {r0}{attributes}"},
    Grammar{"aiex.sync_scratchpad_parameters_from_host", "{attributes}"},
    Grammar{"aiex.npu.create_scratchpad", "{attributes}"},
    Grammar{"aiex.npu.update_from_scratchpad", "{attributes}"},
    Grammar{"aiex.npu.preempt", "{attributes}"},
    Grammar{"aiex.npu.push_queue", "({column}, {row}, {direction:keyword}:{channel}) bd_id {0} repeat {1}{attributes} : {t*}"},
    Grammar{"aiex.npu.push_queue", "({column}, {row}, {direction:keyword}:{channel}){attributes}"},
    Grammar{"aiex.npu.rtp_write", "({buffer}, {index}, {value:int}){attributes}"},
    Grammar{"aiex.npu.rtp_write", "({buffer}, {index}, {0}){attributes} : {t0}"},
    Grammar{"aiex.npu.rtp_write", "({col:int}, {row:int}, {index:int}, {value:int}){attributes}"},
    Grammar{"aiex.npu.writebd", "{attributes}"},
    Grammar{"aiex.dma_configure_task", "({0}, {direction:keyword}, {channel}[bd_id|, {bd_id:int}][packet|, {packet}]) {region}{attributes}", "index"},
    Grammar{"aiex.dma_bd_pool_pop", "({col:int}, {row:int}, {channel:int}){attributes} : {r0}"},
    Grammar{"aiex.dma_bd_pool_push", "({col:int}, {row:int}, {channel:int}) bd_id {0}{attributes} : {t0}"},
    Grammar{"aiex.dma_configure_task_for", " {alloc} {region}{attributes}", "index"},
    Grammar{"aiex.dma_start_bd_chain", " {symbol}({*}) : ({t*}) on ({0}, {direction:keyword}, {channel}){attributes}", "index"},
    Grammar{"aiex.dma_start_bd_chain_for", " {symbol}({*}) : ({t*}) for {alloc}{attributes}", "index"},
    Grammar{"aiex.dma_start_task", "({0}){attributes}"},
    Grammar{"aiex.dma_await_task", "({0}){attributes}"},
    Grammar{"aiex.dma_free_task", "({0}){attributes}"},
    Grammar{"aiex.dma_channel_reset", "({0}, {direction:keyword}, {channel}){attributes}"},
    Grammar{"aiex.core_reset", "({0}){attributes}"},
    Grammar{"aiex.buffer_clear", "({0}){attributes}"},
    Grammar{"aiex.set_lock", "({0}, {value}){attributes}"},
    Grammar{"aiex.configure", " {symbol} {region}{attributes}"},
    Grammar{"aiex.run", " {runtime_sequence_symbol}({*}) : ({t*}){attributes}"},
};

// An `ipu` is an `npu` since summer 2024; capitals and camels are of the dialect's first years.
constexpr std::array kRenamed{
    Renamed{"module", "builtin.module"},
    Renamed{"func", "func.func"},
    Renamed{"call", "func.call"},
    Renamed{"return", "func.return"},
    Renamed{"br", "cf.br"},
    Renamed{"cond_br", "cf.cond_br"},
    Renamed{"constant", "arith.constant"},
    Renamed{"airlock.call", "func.call"},
    Renamed{"airlock.get_global", "memref.get_global"},
    Renamed{"aiex.runtime_sequence", "aie.runtime_sequence"},
    Renamed{"aie.useLock", "aie.use_lock"},
    Renamed{"aie.dmaStart", "aie.dma_start"},
    Renamed{"aie.dmaBd", "aie.dma_bd"},
    Renamed{"aie.dmaBdPacket", "aie.dma_bd_packet"},
    Renamed{"aie.nextBd", "aie.next_bd"},
    Renamed{"aie.shimDMA", "aie.shim_dma"},
    Renamed{"aie.memTileDMA", "aie.memtile_dma"},
    Renamed{"aie.shimmux", "aie.shim_mux"},
    Renamed{"aie.broadcast_packet", "aiex.broadcast_packet"},
    Renamed{"aie.bp_id", "aiex.bp_id"},
    Renamed{"aie.bp_dest", "aiex.bp_dest"},
    Renamed{"aie.multicast", "aiex.multicast"},
    Renamed{"aie.multi_dest", "aiex.multi_dest"},
    Renamed{"aie.packetrules", "aie.packet_rules"},
    Renamed{"aie.putCascade", "aie.put_cascade"},
    Renamed{"aie.getCascade", "aie.get_cascade"},
    Renamed{"aie.putStream", "aie.put_stream"},
    Renamed{"aie.getStream", "aie.get_stream"},
    Renamed{"aie.shimDMAAllocation", "aie.shim_dma_allocation"},
    Renamed{"aie.objectFifo", "aie.objectfifo"},
    Renamed{"aie.objectFifo.link", "aie.objectfifo.link"},
    Renamed{"aie.objectFifo.acquire", "aie.objectfifo.acquire"},
    Renamed{"aie.objectFifo.release", "aie.objectfifo.release"},
    Renamed{"aie.objectFifo.subview.access", "aie.objectfifo.subview.access"},
    Renamed{"aie.objectFifo.registerProcess", "aie.objectfifo.register_process"},
};
// clang-format on

using Kind = Element::Kind;

struct Directive {
  std::string_view text;
  Kind kind;
};
constexpr std::array kDirectives{
    Directive{"*", Kind::Operands},
    Directive{"t*", Kind::OperandTypes},
    Directive{"r*", Kind::ResultTypes},
    Directive{"results", Kind::Results},
    Directive{"ftype", Kind::FunctionType},
    Directive{"region", Kind::NextRegion},
    Directive{"regions", Kind::Regions},
    Directive{"cases", Kind::Cases},
    Directive{"targets", Kind::Targets},
    Directive{"arguments", Kind::Arguments},
    Directive{"iv", Kind::InductionVariable},
    Directive{"ivtype", Kind::InductionType},
    Directive{"iters", Kind::IterationArguments},
    Directive{"signature", Kind::Signature},
    Directive{"attributes", Kind::Dictionary},
    Directive{"ivs", Kind::InductionVariables},
};
constexpr std::array kShapes{
    Directive{"typed", Kind::TypedAttribute},     Directive{"list", Kind::ListAttribute},
    Directive{"keyword", Kind::KeywordAttribute}, Directive{"text", Kind::TextAttribute},
    Directive{"affine", Kind::AffineAttribute},   Directive{"fifo", Kind::FifoAttribute},
    Directive{"int", Kind::IntegerAttribute},     Directive{"op", Kind::OpAttribute},
};

const Directive* find(std::span<const Directive> table, std::string_view text) {
  const auto row = std::ranges::find(table, text, &Directive::text);
  return row == table.end() ? nullptr : &*row;
}

Element directive(std::string_view what) {
  if (what == "[" || what == "]")
    return {.kind = Kind::Text, .text = what};
  if (const Directive* row = find(kDirectives, what))
    return {.kind = row->kind};
  const auto digit = [&](size_t at) {
    return at < what.size() && std::isdigit(static_cast<unsigned char>(what[at]));
  };
  const auto number = [&](size_t at) { return static_cast<size_t>(what[at] - '0'); };
  if (what.size() == 1 && digit(0))
    return {.kind = Kind::Operand, .number = number(0)};
  if (what.size() == 2 && digit(1)) {
    if (what[0] == 't')
      return {.kind = Kind::OperandType, .number = number(1)};
    if (what[0] == 'r')
      return {.kind = Kind::ResultType, .number = number(1)};
    if (what[0] == 's')
      return {.kind = Kind::Successor, .number = number(1)};
  }
  const size_t colon = what.find(':');
  if (colon == std::string_view::npos)
    return {.kind = Kind::Attribute, .text = what};
  return {.kind = find(kShapes, what.substr(colon + 1))->kind, .text = what.substr(0, colon)};
}

/// The `]` that closes a group whose text begins at `at`; brackets in braces do not count.
size_t group_end(std::string_view syntax, size_t at) {
  for (; at < syntax.size() && syntax[at] != ']'; ++at)
    if (syntax[at] == '{')
      at = syntax.find('}', at);
  return at;
}

}  // namespace

std::span<const Grammar> grammar() {
  return kGrammar;
}

std::span<const Renamed> renamed() {
  return kRenamed;
}

std::vector<Element> elements(std::string_view syntax) {
  std::vector<Element> result;
  for (size_t i = 0; i < syntax.size();) {
    if (syntax[i] == '[') {
      const size_t bar = syntax.find('|', i);
      const size_t end = group_end(syntax, bar + 1);
      result.push_back({.kind = Kind::Group,
                        .text = syntax.substr(i + 1, bar - i - 1),
                        .group = elements(syntax.substr(bar + 1, end - bar - 1))});
      i = end + 1;
    } else if (syntax[i] == '{') {
      const size_t end = syntax.find('}', i);
      result.push_back(directive(syntax.substr(i + 1, end - i - 1)));
      i = end + 1;
    } else {
      const size_t end = std::min(syntax.find_first_of("[{", i), syntax.size());
      result.push_back({.text = syntax.substr(i, end - i)});
      i = end;
    }
  }
  return result;
}

}  // namespace npu::compiler::mlir
