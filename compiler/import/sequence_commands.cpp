// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The ops of a runtime sequence that become commands one by one.
#include <algorithm>
#include <array>
#include <bit>

#include "compiler/design/reach.h"
#include "compiler/design/verify.h"
#include "compiler/import/sequence.h"
#include "compiler/lower/emit_bd.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/register.h"

namespace npu::compiler::import {

namespace {

using arch::BdField;
using arch::RegisterId;
using arch::TileKind;

struct FieldName {
  std::string_view name;
  BdField field;
};
/// Attributes of `writebd`, which hold what the register's field holds, as rows of the table of
/// descriptor fields.
constexpr std::array kFields{
    FieldName{"enable_packet", BdField::EnablePacket},
    FieldName{"packet_id", BdField::PacketId},
    FieldName{"packet_type", BdField::PacketType},
    FieldName{"out_of_order_id", BdField::OutOfOrderId},
    FieldName{"d0_size", BdField::D0Wrap},
    FieldName{"d1_size", BdField::D1Wrap},
    FieldName{"d2_size", BdField::D2Wrap},
    FieldName{"d0_zero_before", BdField::D0PadBefore},
    FieldName{"d1_zero_before", BdField::D1PadBefore},
    FieldName{"d2_zero_before", BdField::D2PadBefore},
    FieldName{"d0_zero_after", BdField::D0PadAfter},
    FieldName{"d1_zero_after", BdField::D1PadAfter},
    FieldName{"d2_zero_after", BdField::D2PadAfter},
    FieldName{"iteration_current", BdField::IterationCurrent},
    FieldName{"next_bd", BdField::NextBd},
    FieldName{"use_next_bd", BdField::UseNextBd},
    FieldName{"valid_bd", BdField::Valid},
    FieldName{"lock_acq_enable", BdField::AcquireEnable},
    FieldName{"lock_acq_id", BdField::AcquireId},
    FieldName{"lock_acq_val", BdField::AcquireValue},
    FieldName{"lock_rel_id", BdField::ReleaseId},
    FieldName{"lock_rel_val", BdField::ReleaseValue},
};
/// Those that hold one less than what they mean.
constexpr std::array kSteps{
    FieldName{"d0_stride", BdField::D0Step},
    FieldName{"d1_stride", BdField::D1Step},
    FieldName{"d2_stride", BdField::D2Step},
    FieldName{"iteration_size", BdField::IterationWrap},
    FieldName{"iteration_stride", BdField::IterationStep},
};

/// The value of a lock has a sign and stands in the dialect as the seven bits of the field.
int64_t field_value(BdField field, int64_t value) {
  constexpr int64_t kSign = 64;
  const bool has_sign = field == BdField::AcquireValue || field == BdField::ReleaseValue;
  return has_sign && value >= kSign ? value - 2 * kSign : value;
}

}  // namespace

/// Buffers and locks have their numbers before commands name them.
void Sequence::fix_addresses() {
  if (fixed_)
    return;
  fixed_ = true;
  verify(state_.design, "numbers-unique");
  assign_addresses(state_.design);
  assign_locks(state_.design);
}

int64_t Sequence::attribute_or_operand(const Op& op, std::string_view name, size_t operand) const {
  return op.attribute(name) ? state_.integer(op, name) : number(op, op.operands.at(operand));
}

uint32_t Sequence::buffer_address(const Op& op, const std::string& name, int64_t word) {
  const auto found = state_.buffer_names.find(name);
  if (found == state_.buffer_names.end())
    throw state_.error(op, "there is no buffer `{}`", name);
  fix_addresses();
  const Buffer& buffer = state_.design.buffers[static_cast<size_t>(found->second)];
  if (word < 0 || static_cast<uint64_t>(word) >= (buffer.bytes() + 3) / 4)
    throw state_.error(op, "word {} is outside of `{}` of {} bytes", word, name, buffer.bytes());
  return arch::address_of(buffer.tile,
                          arch::register_offset(buffer.tile.kind(), RegisterId::DataMemory) +
                              *buffer.address + 4 * static_cast<uint32_t>(word));
}

/// In the whole array, in a tile that is named, or in a buffer by words.
uint32_t Sequence::address(const Op& op, int64_t offset) {
  if (op.attribute("buffer"))
    return buffer_address(op, mlir::name_of(op, "buffer"), offset);
  if (!op.attribute("column") && !op.attribute("row"))
    return static_cast<uint32_t>(offset);
  return arch::address_of({static_cast<uint8_t>(state_.integer(op, "column", 0)),
                           static_cast<uint8_t>(state_.integer(op, "row", 0))},
                          static_cast<uint32_t>(offset));
}

Sequence::ShimEnd Sequence::shim_end(const Op& op, const std::string& symbol) const {
  const auto found = state_.shim_names.find(symbol);
  if (found == state_.shim_names.end())
    throw state_.error(op, "no shim DMA channel is called `{}`", symbol)
        .hint("aie.shim_dma_allocation @{} (%shim, MM2S, 0), or an object fifo of that name",
              symbol);
  const ShimChannel& channel = state_.design.shim_channels[static_cast<size_t>(found->second)];
  ShimEnd end{{static_cast<uint8_t>(channel.col), 0}, channel.direction, *channel.index};
  if (const auto packet = state_.shim_packets.find(symbol); packet != state_.shim_packets.end())
    end.packet = packet->second;
  return end;
}

/// Tokens of a tile that has a controller are packets of its id.
void Sequence::name_controller(Coord tile, Direction direction, int channel, int id) {
  const RegisterId control =
      direction == Direction::S2mm ? RegisterId::S2mmControl : RegisterId::Mm2sControl;
  std::array<uint32_t, 2> words{};
  arch::put(std::span(&words[0], 1), arch::control::kControllerId, 0x1F, "controller");
  arch::put(std::span(&words[1], 1), arch::control::kControllerId, id, "controller");
  add(arch::MaskWrite{arch::address_of(tile, arch::channel_register(tile.kind(), control, channel)),
                      words[0], words[1]});
}

void Sequence::push(Coord tile, Direction direction, int channel, int descriptor, int repeat,
                    bool token) {
  const RegisterId queue =
      direction == Direction::S2mm ? RegisterId::S2mmQueue : RegisterId::Mm2sQueue;
  if (const auto controller = state_.controllers.find(tile);
      token && controller != state_.controllers.end())
    name_controller(tile, direction, channel, controller->second);
  add(arch::Write{arch::address_of(tile, arch::channel_register(tile.kind(), queue, channel)),
                  queue_word(descriptor, repeat, token)});
}

/// Writes a shim descriptor and the place of its memory.
void Sequence::transfer(const Op& op, Transfer transfer, Coord shim, int descriptor,
                        const Descriptor& links) try {
  check_transfer(op, transfer, descriptor);
  for (const auto& use : {links.acquire, links.release})
    if (use && state_.design.locks[static_cast<size_t>(use->lock)].tile != shim)
      throw state_
          .error(op, "lock `{}` is in {}", state_.design.locks[static_cast<size_t>(use->lock)].name,
                 arch::to_string(state_.design.locks[static_cast<size_t>(use->lock)].tile))
          .hint("a shim's DMA reaches the locks of {} alone", arch::to_string(shim));
  // What fits a descriptor as it stands is what lowering makes of a transfer of its own.
  Design alone{.partition = state_.design.partition,
               .shim_channels = {{.col = shim.col, .index = 0}},
               .arguments = state_.design.arguments,
               .sequence = {transfer}};
  fit_dims(alone);
  const Transfer& fitted = std::get<Transfer>(alone.sequence.at(0));
  std::vector<uint32_t> words = transfer_words(alone, fitted);
  const auto put = [&](BdField field, int64_t value) {
    arch::put_bd(TileKind::Shim, words, field, value);
  };
  if (links.next) {
    put(BdField::UseNextBd, 1);
    put(BdField::NextBd, *links.next);
  }
  if (const auto& acquire = links.acquire) {
    put(BdField::AcquireEnable, 1);
    put(BdField::AcquireId, lock_number(*acquire));
    put(BdField::AcquireValue, acquire->equal ? acquire->value : -acquire->value);
  }
  if (const auto& release = links.release) {
    put(BdField::ReleaseId, lock_number(*release));
    put(BdField::ReleaseValue, release->value);
  }
  const uint32_t at = arch::address_of(shim, arch::bd_offset(TileKind::Shim, descriptor));
  add(arch::BlockWrite{at, std::move(words)});
  add(arch::AddressPatch{at + 4, static_cast<uint32_t>(fitted.argument), fitted.offset});
} catch (const Error& error) {
  if (std::string_view(error.what()).starts_with(state_.options.file))
    throw;
  throw state_.error(op, "{}", error.what());
}

/// Before it would run over another argument's memory, or another register.
void Sequence::check_transfer(const Op& op, const Transfer& transfer, int descriptor) const {
  const int numbers = arch::facts(TileKind::Shim).descriptors;
  if (descriptor < 0 || descriptor >= numbers)
    throw state_.error(op, "descriptor {} of {}", descriptor, numbers).hint("0 to {}", numbers - 1);
  if (transfer.length == 0)
    throw state_.error(op, "moves nothing: its length is 0");
  if (transfer.offset % 4 != 0)
    throw state_.error(op, "begins at byte {}, and a transfer goes by words of 4", transfer.offset);
  if (!state_.options.sizes)
    return;
  const Argument& argument = state_.design.arguments.at(static_cast<size_t>(transfer.argument));
  const auto larger = state_.options.sizes->find(transfer.argument);
  const uint64_t bytes = larger == state_.options.sizes->end()
                             ? argument.bytes()
                             : std::max(argument.bytes(), larger->second);
  const uint64_t words = 1 + highest_word(transfer.dims, transfer.length) +
                         static_cast<uint64_t>(transfer.repeat - 1) * transfer.iteration_step;
  constexpr uint64_t kMost = uint64_t{1} << 60;
  const uint64_t end = transfer.offset + 4 * std::min(words, kMost);
  if (end > (bytes + 3) / 4 * 4)
    throw state_
        .error(op, "reaches byte {} of argument `{}` of {} bytes", end - 1, argument.name, bytes)
        .hint("offsets, sizes and strides inside of it, or --size {}={} where the host's is larger",
              transfer.argument, end);
}

int64_t Sequence::lock_number(const LockUse& use) const {
  return *state_.design.locks[static_cast<size_t>(use.lock)].id;
}

/// Four dimensions, outermost first; the outermost is the number of executions. A fourth stride may
/// be missing and is one.
void Sequence::memcpy_nd(const Op& op) {
  const HostMemory memory = host_memory(op, op.operands.at(0));
  size_t next = 1;
  const std::vector<int64_t> offsets = numbers(op, "static_offsets", next);
  const std::vector<int64_t> sizes = numbers(op, "static_sizes", next);
  std::vector<int64_t> strides = numbers(op, "static_strides", next);
  if (strides.size() + 1 == sizes.size())
    strides.push_back(1);
  constexpr size_t kDims = 4;
  if (sizes.size() != kDims || strides.size() != kDims || offsets.size() != kDims)
    throw state_.error(op, "{} offsets, {} sizes and {} strides, not 4 each", offsets.size(),
                       sizes.size(), strides.size());
  int64_t start = host_offset(op);
  std::vector<Dim> dims;
  for (size_t i = 0; i < kDims; ++i) {
    if (sizes[i] < 1 || strides[i] < 0)
      throw state_.error(op, "size {} and stride {}", sizes[i], strides[i]);
    start += offsets[i] * (i + 1 == kDims ? 1 : strides[i]);
    dims.push_back({static_cast<uint64_t>(sizes[i]), static_cast<uint64_t>(strides[i])});
  }
  dims = dims_in_words(state_, op, dims, memory.element_bytes);
  const ShimEnd end = shim_end(op, mlir::name_of(op, "metadata"));
  // Channels into memory always send their token.
  const bool token = mlir::flag_of(op, "issue_token") || end.direction == Direction::S2mm;
  Transfer copy{.argument = memory.argument,
                .offset = offset_in(op, memory, start),
                .repeat = static_cast<int>(dims.back().size),
                .iteration_step = dims.back().size > 1 ? dims.back().step : 0,
                .token = token,
                .packet = op.attribute("packet") ? state_.packet(op) : end.packet};
  dims.pop_back();
  copy.length = 1;
  for (const Dim& dim : dims)
    copy.length *= dim.size;
  copy.dims = dims;
  const auto descriptor = state_.small(op, "id");
  transfer(op, copy, end.tile, descriptor);
  push(end.tile, end.direction, end.channel, descriptor, copy.repeat, token);
}

void Sequence::wait(const Op& op) {
  const ShimEnd end = shim_end(op, mlir::name_of(op, "symbol"));
  add(arch::Sync{.col = end.tile.col,
                 .row = 0,
                 .direction = end.direction,
                 .channel = static_cast<uint8_t>(end.channel)});
}

void Sequence::sync(const Op& op) {
  constexpr std::array<std::string_view, 6> kNames{"column",  "row",        "direction",
                                                   "channel", "column_num", "row_num"};
  std::array<int64_t, kNames.size()> values{};
  for (size_t i = 0; i < kNames.size(); ++i)
    values[i] = op.operands.empty() ? state_.integer(op, kNames[i], i < 4 ? 0 : 1)
                                    : number(op, op.operands.at(i));
  add(arch::Sync{.col = static_cast<uint8_t>(values[0]),
                 .row = static_cast<uint8_t>(values[1]),
                 .direction = static_cast<Direction>(values[2] != 0),
                 .channel = static_cast<uint8_t>(values[3]),
                 .columns = static_cast<uint8_t>(values[4]),
                 .rows = static_cast<uint8_t>(values[5])});
}

void Sequence::write32(const Op& op, bool masked) {
  const uint32_t at = address(op, attribute_or_operand(op, "address", 0));
  const auto value = static_cast<uint32_t>(attribute_or_operand(op, "value", 1));
  if (masked)
    add(arch::MaskWrite{at, static_cast<uint32_t>(attribute_or_operand(op, "mask", 2)), value});
  else
    add(arch::Write{at, value});
}

void Sequence::block_write(const Op& op) {
  const auto words = words_.find(op.operands.at(0).id);
  if (words == words_.end())
    throw state_.error(op, "`{}` is no constant data", op.operands[0].name);
  add(arch::BlockWrite{address(op, state_.integer(op, "address")), words->second});
}

void Sequence::address_patch(const Op& op) {
  const int64_t plus = attribute_or_operand(op, "arg_plus", 0);
  if (plus < 0)
    throw state_.error(op, "`arg_plus` is {}", plus);
  add(arch::AddressPatch{static_cast<uint32_t>(state_.integer(op, "addr")),
                         static_cast<uint32_t>(state_.integer(op, "arg_idx")),
                         static_cast<uint64_t>(plus)});
}

void Sequence::push_queue(const Op& op) {
  const Coord tile{static_cast<uint8_t>(state_.integer(op, "column")),
                   static_cast<uint8_t>(state_.integer(op, "row"))};
  push(tile, state_.direction(op, "direction"), state_.small(op, "channel"),
       state_.narrowed(op, "bd_id", attribute_or_operand(op, "bd_id", 0)),
       state_.repeats(op, attribute_or_operand(op, "repeat_count", 1)),
       mlir::flag_of(op, "issue_token"));
}

void Sequence::rtp_write(const Op& op) {
  const std::string name = mlir::name_of(op, op.attribute("buffer") ? "buffer" : "buffer_sym_name");
  add(arch::Write{buffer_address(op, name, state_.integer(op, "index")),
                  static_cast<uint32_t>(attribute_or_operand(op, "value", 0))});
}

namespace {

/// A burst of 64 bytes or more is its length: the field has 0 for 64, 1 for 128 and so on.
int64_t burst_code(int64_t written) {
  constexpr uint64_t kShortest = 64;
  const auto bytes = static_cast<uint64_t>(written);
  return bytes >= kShortest && std::has_single_bit(bytes)
             ? std::countr_zero(bytes) - std::countr_zero(kShortest)
             : written;
}

}  // namespace

void Sequence::writebd(const Op& op) try {
  const Coord tile{static_cast<uint8_t>(state_.integer(op, "column")),
                   static_cast<uint8_t>(state_.integer(op, "row"))};
  const TileKind kind = tile.kind();
  std::vector<uint32_t> words(static_cast<size_t>(arch::bd_words(kind)));
  const auto put = [&](BdField field, int64_t value) {
    if (arch::bd_field(kind, field) || value != 0)
      arch::put_bd(kind, words, field, value);
  };
  put(BdField::Length, state_.integer(op, "buffer_length"));
  put(BdField::BaseAddress,
      state_.integer(op, "buffer_offset", 0) / (kind == TileKind::Shim ? 1 : 4));
  for (const FieldName& row : kFields)
    if (op.attribute(row.name))
      put(row.field, field_value(row.field, state_.integer(op, row.name)));
  for (const FieldName& row : kSteps)
    if (op.attribute(row.name))
      put(row.field, state_.integer(op, row.name) + 1);
  if (kind == TileKind::Shim) {
    put(BdField::AxCache, 2);
    put(BdField::BurstLength, burst_code(state_.integer(op, "burst_length", 0)));
  }
  const auto id = state_.small(op, "bd_id");
  if (const int numbers = arch::facts(kind).descriptors; id < 0 || id >= numbers)
    throw state_.error(op, "descriptor {} of {}", id, numbers).hint("0 to {}", numbers - 1);
  add(arch::BlockWrite{arch::address_of(tile, arch::bd_offset(kind, id)), std::move(words)});
} catch (const Error& error) {
  if (std::string_view(error.what()).starts_with(state_.options.file))
    throw;
  throw state_.error(op, "{}", error.what());
}

void Sequence::set_lock(const Op& op) {
  const int64_t value = state_.integer(op, "value");
  if (value < 0 || value > arch::kMaxLockValue)
    throw state_.error(op, "a lock cannot be {}", value).hint("0 to {}", arch::kMaxLockValue);
  fix_addresses();
  const Lock& lock = state_.design.locks[static_cast<size_t>(state_.lock(op, 0))];
  add(arch::Write{
      arch::address_of(lock.tile,
                       arch::register_offset(lock.tile.kind(), RegisterId::LockValue, *lock.id)),
      static_cast<uint32_t>(value)});
}

/// Sets a bit and clears it again.
void Sequence::pulse(Coord tile, uint32_t offset, arch::Bits field) {
  uint32_t mask = 0;
  arch::put(std::span(&mask, 1), field, 1, "reset");
  for (const uint32_t value : {mask, 0U})
    add(arch::MaskWrite{arch::address_of(tile, offset), mask, value});
}

bool Sequence::reset(const Op& op) {
  if (op.name == "aiex.core_reset") {
    const Coord tile = state_.tile(op, 0);
    if (tile.kind() != TileKind::Core)
      throw state_.error(op, "{} has no core", arch::to_string(tile));
    pulse(tile, arch::register_offset(tile.kind(), RegisterId::CoreControl), arch::bits(0, 1, 1));
  } else if (op.name == "aiex.dma_channel_reset") {
    const Coord tile = state_.tile(op, 0);
    if (tile.kind() == TileKind::Shim)
      throw state_.error(op, "channels of {} have no reset", arch::to_string(tile));
    const bool s2mm = state_.direction(op, "direction") == Direction::S2mm;
    pulse(tile,
          arch::channel_register(tile.kind(),
                                 s2mm ? RegisterId::S2mmControl : RegisterId::Mm2sControl,
                                 state_.small(op, "channel")),
          arch::control::kReset);
  } else if (op.name == "aiex.buffer_clear") {
    const Buffer& buffer = state_.design.buffers[static_cast<size_t>(state_.buffer(op, 0))];
    add(arch::BlockWrite{buffer_address(op, buffer.name, 0),
                         std::vector<uint32_t>((buffer.bytes() + 3) / 4)});
  } else {
    return false;
  }
  return true;
}

bool Sequence::transfers(const Op& op) {
  if (op.name == "aiex.npu.dma_memcpy_nd")
    memcpy_nd(op);
  else if (op.name == "aiex.npu.dma_wait")
    wait(op);
  else if (op.name == "aiex.npu.sync")
    sync(op);
  else if (op.name == "aiex.npu.push_queue")
    push_queue(op);
  else if (op.name == "aiex.npu.writebd" || op.name == "aiex.npu.writebd_shimtile")
    writebd(op);
  else
    return false;
  return true;
}

bool Sequence::command(const Op& op) {
  if (op.name == "aiex.npu.write32")
    write32(op, false);
  else if (op.name == "aiex.npu.maskwrite32")
    write32(op, true);
  else if (op.name == "aiex.npu.maskpoll32")
    add(arch::MaskPoll{address(op, state_.integer(op, "address")),
                       static_cast<uint32_t>(state_.integer(op, "mask")),
                       static_cast<uint32_t>(state_.integer(op, "value"))});
  else if (op.name == "aiex.npu.blockwrite")
    block_write(op);
  else if (op.name == "aiex.npu.address_patch")
    address_patch(op);
  else if (op.name == "aiex.npu.rtp_write")
    rtp_write(op);
  else if (op.name == "aiex.set_lock")
    set_lock(op);
  else
    return reset(op);
  return true;
}

}  // namespace npu::compiler::import
