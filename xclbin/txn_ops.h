// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hw-model/arch/register.h"

namespace npu::xclbin {

/// Operations of the NPU instruction stream: the low byte of an operation's first word.
enum class TxnCode : uint8_t {
  Write = 0,
  BlockWrite = 1,
  BlockSet = 2,
  MaskWrite = 3,
  MaskPoll = 4,
  Noop = 5,
  Preempt = 6,
  MaskPollBusy = 7,
  LoadPdi = 8,
  LoadPmStart = 9,
  CreateScratchpad = 10,
  UpdateStateTable = 11,
  UpdateReg = 12,
  UpdateScratch = 13,
  ConfigShimDmaBd = 14,
  ConfigShimDmaBufBd = 15,
  Sync = 0x80,
  AddressPatch = 0x81,
  ReadRegs = 0x82,
  RecordTimer = 0x83,
  MergeSync = 0x84,
  LoadPmEnd = 200,
};

enum class TxnField : uint8_t {
  Address,
  AddressHigh,
  Value,
  Mask,
  Size,
  Column,
  Row,
  Columns,
  Rows,
  Direction,
  Channel,
  Action,
  Argument,
  ArgumentHigh,
  Addend,
  AddendHigh,
  Level,
  Id,
  ByteCount,
  Count,
  Usage,
  Index,
  Function,
  Operand,
  Tokens,
};

/// Versions of the stream: 0.1 stores the size of most operations, 1.0 drops it and all padding.
enum class TxnVersion : uint8_t { V01 = 1, V10 = 2 };

/// One layout of an operation. A code has several when versions or stored sizes differ.
struct TxnOpRow {
  TxnCode code;
  std::string_view name;
  uint8_t versions;    ///< sum of TxnVersion
  uint8_t words;       ///< of the header; 0: no layout is published
  uint8_t most_words;  ///< the header may be followed by padding up to this
  int8_t size_word;    ///< holds the size of the operation in bytes; -1: the size is fixed
  bool data;           ///< words follow the header
  std::span<const arch::FieldRow<TxnField>> fields;

  bool in(TxnVersion version) const { return versions & static_cast<uint8_t>(version); }
  const arch::FieldRow<TxnField>* find(TxnField field) const;
};

/// Every layout; the first that fits version and size is the one. The order is that of writing: the
/// first of a version is what we write.
std::span<const TxnOpRow> txn_ops();

/// The row for an operation whose words begin there, given the words that are left; nullptr when
/// the code is unknown, has no published layout, or its stored size fits no layout.
const TxnOpRow* find_txn_op(TxnVersion version, std::span<const uint32_t> words);

/// The row that we write; throws Error when that version has none.
const TxnOpRow& txn_op(TxnVersion version, TxnCode code);

/// The name of a code, `custom` for one above 0x80 that has none, or nothing.
std::string_view txn_name(uint8_t code);

}  // namespace npu::xclbin
