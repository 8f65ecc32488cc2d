// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/txn.h"

namespace npu::xclbin {

namespace {

using arch::Command;
using F = TxnField;

/// Builds the Commands of a stream, operation by operation.
class Decoder {
 public:
  Decoder(Aperture aperture, uint32_t translated) : aperture_(aperture), translated_(translated) {}

  void take(const TxnOpView& op) {
    switch (op.row.code) {
      case TxnCode::Write:
        return add(arch::Write{address(op), op.get(F::Value)});
      case TxnCode::BlockWrite:
        return add(arch::BlockWrite{address(op), Words(op.data().begin(), op.data().end())});
      case TxnCode::MaskWrite:
        return add(arch::MaskWrite{address(op), op.get(F::Mask), op.get(F::Value)});
      case TxnCode::MaskPoll:
      case TxnCode::MaskPollBusy:
        return add(arch::MaskPoll{address(op), op.get(F::Mask), op.get(F::Value)});
      case TxnCode::Sync:
        if (op.row.find(F::Direction))
          return add(sync(op));
        break;
      case TxnCode::AddressPatch:
        return add(patch(op));
      case TxnCode::LoadPdi:
        return add(arch::Load{op.get(F::Id)});
      case TxnCode::Noop:
      case TxnCode::Preempt:
      case TxnCode::ReadRegs:
      case TxnCode::RecordTimer:
        ++result_.skipped[std::string(op.row.name)];
        return;
      default:
        break;
    }
    ++result_.unmodelled[std::string(op.row.name)];
  }

  TxnCommands result() { return std::move(result_); }

 private:
  void add(Command command) { result_.commands.push_back(std::move(command)); }

  static uint32_t address(const TxnOpView& op) {
    if (op.get(F::AddressHigh) != 0)
      throw Error("txn at {:#x}: {}: address {:#x} needs more than 32 bits", op.offset, op.row.name,
                  op.get64(F::Address, F::AddressHigh));
    return op.get(F::Address);
  }

  static arch::Sync sync(const TxnOpView& op) {
    if (op.get(F::Direction) > 1)
      throw Error("txn at {:#x}: sync: direction {} is not one", op.offset, op.get(F::Direction))
          .hint("0 is s2mm, 1 is mm2s");
    return {.col = static_cast<uint8_t>(op.get(F::Column)),
            .row = static_cast<uint8_t>(op.get(F::Row)),
            .direction = arch::Direction{static_cast<uint8_t>(op.get(F::Direction))},
            .channel = static_cast<uint8_t>(op.get(F::Channel)),
            .columns = static_cast<uint8_t>(op.get(F::Columns)),
            .rows = static_cast<uint8_t>(op.get(F::Rows))};
  }

  arch::AddressPatch patch(const TxnOpView& op) {
    if (op.get(F::ArgumentHigh) != 0)
      throw Error("txn at {:#x}: address_patch: argument {} does not exist", op.offset,
                  op.get64(F::Argument, F::ArgumentHigh));
    const uint32_t argument = op.get(F::Argument);
    uint64_t addend = op.get64(F::Addend, F::AddendHigh);
    if (aperture_ == Aperture::Firmware && argument >= translated_) {
      if (addend >= arch::kDdrOffset)
        addend -= arch::kDdrOffset;
      else
        result_.unfolded.push_back(argument);
    }
    return {address(op), argument, addend};
  }

  Aperture aperture_;
  uint32_t translated_;
  TxnCommands result_;
};

/// Builds the operation of one Command.
struct Encoder {
  TxnVersion version;
  Aperture aperture;

  TxnOp operator()(const arch::Write& w) const {
    return make_op(version, TxnCode::Write, {{F::Address, w.address}, {F::Value, w.value}});
  }
  TxnOp operator()(const arch::BlockWrite& b) const {
    const arch::Coord tile = arch::tile_of(b.address);
    return make_op(version, TxnCode::BlockWrite,
                   {{F::Column, tile.col}, {F::Row, tile.row}, {F::Address, b.address}}, b.words);
  }
  TxnOp operator()(const arch::MaskWrite& w) const {
    return make_op(version, TxnCode::MaskWrite,
                   {{F::Address, w.address}, {F::Value, w.value}, {F::Mask, w.mask}});
  }
  TxnOp operator()(const arch::MaskPoll& p) const {
    return make_op(version, TxnCode::MaskPoll,
                   {{F::Address, p.address}, {F::Value, p.value}, {F::Mask, p.mask}});
  }
  TxnOp operator()(const arch::AddressPatch& p) const {
    const bool folded = aperture == Aperture::Firmware && p.argument >= kFirmwareArguments;
    const uint64_t addend = p.offset + (folded ? arch::kDdrOffset : 0);
    return make_op(version, TxnCode::AddressPatch,
                   {{F::Address, p.address},
                    {F::Argument, p.argument},
                    {F::Addend, static_cast<uint32_t>(addend)},
                    {F::AddendHigh, static_cast<uint32_t>(addend >> 32)}});
  }
  TxnOp operator()(const arch::Sync& s) const {
    return make_op(version, TxnCode::Sync,
                   {{F::Direction, static_cast<uint32_t>(s.direction)},
                    {F::Row, s.row},
                    {F::Column, s.col},
                    {F::Rows, s.rows},
                    {F::Columns, s.columns},
                    {F::Channel, s.channel}});
  }
  TxnOp operator()(const arch::Load& l) const {
    return make_op(version, TxnCode::LoadPdi, {{F::Id, l.id}});
  }
};

}  // namespace

TxnCommands to_commands(View txn, Aperture aperture, uint32_t translated) {
  Decoder decoder(aperture, translated);
  for_each_op(txn, [&](const TxnOpView& op) { decoder.take(op); });
  return decoder.result();
}

Txn to_txn(std::span<const Command> commands, const TxnHeader& header, Aperture aperture) {
  Txn txn{header, {}};
  const Encoder encoder{header.version(), aperture};
  txn.ops.reserve(commands.size());
  for (const Command& command : commands)
    txn.ops.push_back(std::visit(encoder, command));
  return txn;
}

}  // namespace npu::xclbin
