// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What attributes hold, and which of them are read: what a file says beyond them would be lost in
// silence.
#include <algorithm>
#include <array>
#include <utility>

#include "compiler/import/import_state.h"

namespace npu::compiler::import {

namespace {

struct Known {
  std::string_view op;
  std::string_view attributes;  ///< with a space after each
};

// Those without effect on what a run does are listed, too: `a_b` of the dialect's first years,
// `burst_length` and `ddr_id` of the host's memory, where other tools put or find things.
// clang-format off
constexpr std::array kKnown{
    Known{"aie.tile", "col row allocation_scheme controller_id sym_name "},
    Known{"aie.logical_tile", "tile_type col row sym_name "},
    Known{"aie.lock", "lockID init sym_name "},
    Known{"aie.buffer", "address initial_value mem_bank sym_name "},
    Known{"aie.external_buffer", "address sym_name "},
    Known{"aie.core", "elf_file link_with link_files stack_size dynamic_objfifo_lowering emit_parameter_sync_preamble "},
    Known{"aie.dma_start", "channel_dir channel_index repeat_count issue_token started out_of_order enable_out_of_order fot_mode pad_value name sym_name "},
    Known{"aie.dma", "channel_dir channel_index repeat_count issue_token loop out_of_order enable_out_of_order fot_mode pad_value name sym_name "},
    Known{"aie.dma_bd", "offset len dimensions sizes strides pad_dimensions packet out_of_order_id tlast_suppress iteration iteration_size iteration_stride iteration_current bd_id bd_id_val bd_id_type next_bd_id offset_parameter burst_length a_b "},
    Known{"aie.dma_bd_packet", "packet_id packet_type "},
    Known{"aie.flow", "source_bundle source_channel dest_bundle dest_channel name "},
    Known{"aie.packet_flow", "ID keep_pkt_header priority_route name "},
    Known{"aie.packet_source", "bundle channel "},
    Known{"aie.packet_dest", "bundle channel "},
    Known{"aiex.broadcast_packet", "bundle channel "},
    Known{"aiex.bp_id", "ID "},
    Known{"aiex.bp_dest", "bundle channel "},
    Known{"aiex.multicast", "bundle channel "},
    Known{"aiex.multi_dest", "bundle channel "},
    Known{"aie.connect", "source_bundle source_channel dest_bundle dest_channel "},
    Known{"aie.amsel", "arbiterID msel "},
    Known{"aie.masterset", "dest_bundle dest_channel keep_pkt_header "},
    Known{"aie.packet_rules", "source_bundle source_channel "},
    Known{"aie.rule", "mask value "},
    Known{"aie.configure_cascade", "inputDir outputDir "},
    Known{"aie.shim_dma_allocation", "sym_name channel_dir channel_index col packet "},
    Known{"aie.objectfifo", "sym_name text elemType via_DMA disable_synchronization repeat_count padDimensions padValue initValues aie_stream aie_stream_port iter_count plio "},
    Known{"aie.objectfifo.register_external_buffers", "objFifo_name text types "},
    Known{"aie.objectfifo.allocate", "objFifo_name "},
    Known{"aie.objectfifo.link", "fifoIns fifoOuts src_offsets dst_offsets "},
    Known{"aie.runtime_sequence", "sym_name emit_parameter_sync_preamble "},
    Known{"aie.bd_chain", "sym_name "},
    Known{"aiex.npu.dma_memcpy_nd", "id issue_token metadata packet static_offsets static_sizes static_strides x y offset_parameter burst_length "},
    Known{"aiex.npu.dma_wait", "symbol "},
    Known{"aiex.npu.sync", "column row direction channel column_num row_num "},
    Known{"aiex.npu.write32", "address value buffer column row "},
    Known{"aiex.npu.maskwrite32", "address value mask buffer column row "},
    Known{"aiex.npu.maskpoll32", "address value mask buffer column row "},
    Known{"aiex.npu.blockwrite", "address buffer column row "},
    Known{"aiex.npu.address_patch", "addr arg_idx arg_plus "},
    Known{"aiex.npu.push_queue", "column row direction channel bd_id repeat_count issue_token "},
    Known{"aiex.npu.rtp_write", "buffer buffer_sym_name index value col row "},
    Known{"aiex.npu.writebd", "column row column_num row_num ddr_id bd_id buffer_length buffer_offset burst_length enable_packet packet_id packet_type out_of_order_id d0_size d1_size d2_size d0_stride d1_stride d2_stride d0_zero_before d1_zero_before d2_zero_before d0_zero_after d1_zero_after d2_zero_after iteration_current iteration_size iteration_stride next_bd use_next_bd valid_bd lock_acq_enable lock_acq_id lock_acq_val lock_rel_id lock_rel_val "},
    Known{"aiex.npu.update_from_scratchpad", "state_table_idx func func_arg buffer address column row "},
    Known{"aiex.dma_configure_task", "direction channel issue_token repeat_count out_of_order packet "},
    Known{"aiex.dma_configure_task_for", "alloc issue_token repeat_count out_of_order packet "},
    Known{"aiex.dma_start_bd_chain", "symbol direction channel issue_token repeat_count "},
    Known{"aiex.dma_start_bd_chain_for", "symbol alloc issue_token repeat_count "},
    Known{"aiex.dma_channel_reset", "direction channel "},
    Known{"aiex.set_lock", "value "},
};
// clang-format on

/// Attributes that are true or false, with a space after each.
constexpr std::string_view kFlags =
    "issue_token started loop out_of_order enable_out_of_order tlast_suppress via_DMA "
    "disable_synchronization plio keep_pkt_header emit_parameter_sync_preamble ";

bool is_known(std::string_view list, std::string_view name) {
  for (size_t at = 0; at < list.size();) {
    const size_t end = list.find(' ', at);
    if (list.substr(at, end - at) == name)
      return true;
    at = end + 1;
  }
  return false;
}

/// Whether an attribute says nothing that leaving it out would not. The generic form groups its
/// operands in one.
bool says_nothing(const mlir::Attribute& attribute) {
  return attribute.name.find('.') != std::string::npos || attribute.name == "operandSegmentSizes" ||
         attribute.text == "false" || mlir::to_integer(attribute.text) == 0;
}

}  // namespace

void refuse_unknown_attributes(const State& state) {
  const Op* first = nullptr;
  std::string name;
  int others = 0;
  mlir::walk(state.device, [&](const Op& op) {
    const auto row = std::ranges::find(kKnown, op.name, &Known::op);
    if (row == kKnown.end())
      return;
    for (const mlir::Attribute& attribute : op.attributes) {
      const auto flag = mlir::to_integer(attribute.text);
      if (is_known(kFlags, attribute.name) && flag != 0 && flag != 1)
        throw state.error(op, "`{}` is `{}`, neither true nor false", attribute.name,
                          attribute.text);
      if (is_known(row->attributes, attribute.name) || says_nothing(attribute))
        continue;
      others += first != nullptr;
      if (first)
        continue;
      first = &op;
      name = attribute.name;
    }
  });
  if (first)
    throw state.error(*first, "what attribute `{}` says has no meaning here{}", name,
                      others > 0 ? fmt::format("; nor has that of {} more", others) : "");
}

void refuse_attributes(const State& state, const Op& op,
                       std::initializer_list<std::string_view> names, std::string_view where) {
  for (const std::string_view name : names)
    if (const mlir::Attribute* attribute = op.attribute(name);
        attribute && !says_nothing(*attribute))
      throw state.error(op, "attribute `{}` has no meaning {}", name, where);
}

int64_t State::integer(const Op& op, std::string_view name) const {
  if (const auto value = mlir::integer_of(op, name))
    return *value;
  const mlir::Attribute* attribute = op.attribute(name);
  if (attribute)
    throw error(op, "`{}` is `{}`, not a number", name, attribute->text);
  throw error(op, "has no `{}`", name);
}

int64_t State::integer(const Op& op, std::string_view name, int64_t otherwise) const {
  return op.attribute(name) ? integer(op, name) : otherwise;
}

int State::narrowed(const Op& op, std::string_view name, int64_t value) const {
  if (!std::in_range<int>(value))
    throw error(op, "`{}` is {}", name, value);
  return static_cast<int>(value);
}

int State::small(const Op& op, std::string_view name) const {
  return narrowed(op, name, integer(op, name));
}

int State::small(const Op& op, std::string_view name, int64_t otherwise) const {
  return narrowed(op, name, integer(op, name, otherwise));
}

int State::repeats(const Op& op) const {
  return repeats(op, integer(op, "repeat_count", 0));
}

int State::repeats(const Op& op, int64_t repeat_count) const {
  constexpr int kMost = 255;
  if (repeat_count < 0 || repeat_count > kMost)
    throw error(op, "`repeat_count` is {}", repeat_count)
        .hint("0 to {}: a task is executed once more than that", kMost);
  return static_cast<int>(repeat_count) + 1;
}

Direction State::direction(const Op& op, std::string_view name) const {
  const std::string text = mlir::name_of(op, name);
  if (text.starts_with("S2MM") || text == "0 : i32")
    return Direction::S2mm;
  if (text.starts_with("MM2S") || text == "1 : i32")
    return Direction::Mm2s;
  throw error(op, "direction `{}` is neither S2MM nor MM2S", text);
}

std::optional<Packet> State::packet(const Op& op) const {
  const mlir::Attribute* attribute = op.attribute("packet");
  if (!attribute)
    return std::nullopt;
  return Packet{
      .id = static_cast<int>(mlir::integer_field(attribute->text, "pkt_id").value_or(0)),
      .type = static_cast<int>(mlir::integer_field(attribute->text, "pkt_type").value_or(0))};
}

}  // namespace npu::compiler::import
