// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/txn_ops.h"

#include <algorithm>

namespace npu::xclbin {

namespace {

using arch::bits;
using F = TxnField;
using Field = arch::FieldRow<TxnField>;

constexpr uint8_t k01 = static_cast<uint8_t>(TxnVersion::V01);
constexpr uint8_t k10 = static_cast<uint8_t>(TxnVersion::V10);
constexpr uint8_t kBoth = k01 | k10;

// clang-format off
constexpr Field kWrite01[] = {
    {F::Address, "address", bits(2, 31, 0)}, {F::AddressHigh, "address_high", bits(3, 31, 0)},
    {F::Value, "value", bits(4, 31, 0)},     {F::Size, "size", bits(5, 31, 0)}};
constexpr Field kWrite10[] = {
    {F::Address, "address", bits(1, 31, 0)}, {F::Value, "value", bits(2, 31, 0)}};
constexpr Field kBlock01[] = {
    {F::Column, "column", bits(1, 7, 0)},    {F::Row, "row", bits(1, 15, 8)},
    {F::Address, "address", bits(2, 31, 0)}, {F::Size, "size", bits(3, 31, 0)}};
constexpr Field kBlock10[] = {
    {F::Address, "address", bits(1, 31, 0)}, {F::Size, "size", bits(2, 31, 0)}};
constexpr Field kMask01[] = {
    {F::Address, "address", bits(2, 31, 0)}, {F::AddressHigh, "address_high", bits(3, 31, 0)},
    {F::Value, "value", bits(4, 31, 0)},     {F::Mask, "mask", bits(5, 31, 0)},
    {F::Size, "size", bits(6, 31, 0)}};
constexpr Field kMask10[] = {
    {F::Address, "address", bits(1, 31, 0)}, {F::Value, "value", bits(2, 31, 0)},
    {F::Mask, "mask", bits(3, 31, 0)}};
constexpr Field kPreempt[] = {{F::Level, "level", bits(0, 15, 8)}};
constexpr Field kLoadPdi[] = {
    {F::Id, "id", bits(0, 31, 16)},          {F::ByteCount, "bytes", bits(1, 31, 0)},
    {F::Address, "address", bits(2, 31, 0)}, {F::AddressHigh, "address_high", bits(3, 31, 0)}};
constexpr Field kLoadPm[] = {
    {F::Count, "count", bits(0, 31, 8)}, {F::Id, "id", bits(1, 31, 0)}};
constexpr Field kScratchpad[] = {
    {F::Usage, "usage", bits(0, 15, 8)},     {F::ByteCount, "bytes", bits(1, 31, 0)},
    {F::Address, "address", bits(2, 31, 0)}, {F::AddressHigh, "address_high", bits(3, 31, 0)}};
constexpr Field kStateTable[] = {
    {F::Index, "index", bits(0, 15, 8)}, {F::Function, "function", bits(0, 23, 16)},
    {F::Operand, "operand", bits(1, 31, 0)}};
constexpr Field kUpdateReg[] = {
    {F::Index, "index", bits(0, 15, 8)},     {F::Function, "function", bits(0, 23, 16)},
    {F::Operand, "operand", bits(1, 31, 0)}, {F::Address, "address", bits(2, 31, 0)}};
constexpr Field kSync[] = {
    {F::Size, "size", bits(1, 31, 0)},     {F::Direction, "direction", bits(2, 7, 0)},
    {F::Row, "row", bits(2, 15, 8)},       {F::Column, "column", bits(2, 23, 16)},
    {F::Rows, "rows", bits(3, 15, 8)},     {F::Columns, "columns", bits(3, 23, 16)},
    {F::Channel, "channel", bits(3, 31, 24)}};
constexpr Field kPatch48[] = {
    {F::Size, "size", bits(1, 31, 0)},         {F::Action, "action", bits(4, 31, 0)},
    {F::Address, "address", bits(6, 31, 0)},   {F::AddressHigh, "address_high", bits(7, 31, 0)},
    {F::Argument, "argument", bits(8, 31, 0)}, {F::ArgumentHigh, "argument_high", bits(9, 31, 0)},
    {F::Addend, "addend", bits(10, 31, 0)},    {F::AddendHigh, "addend_high", bits(11, 31, 0)}};
constexpr Field kPatch24[] = {
    {F::Size, "size", bits(1, 31, 0)},        {F::Address, "address", bits(2, 31, 0)},
    {F::Argument, "argument", bits(3, 7, 0)}, {F::Addend, "addend", bits(4, 31, 0)},
    {F::AddendHigh, "addend_high", bits(5, 31, 0)}};
constexpr Field kReadRegs[] = {
    {F::Size, "size", bits(1, 31, 0)}, {F::Count, "count", bits(2, 31, 0)}};
constexpr Field kTimer[] = {
    {F::Size, "size", bits(1, 31, 0)}, {F::Id, "id", bits(2, 31, 0)}};
constexpr Field kMergeSync[] = {
    {F::Size, "size", bits(1, 31, 0)}, {F::Tokens, "tokens", bits(2, 7, 0)},
    {F::Columns, "columns", bits(2, 15, 8)}};

// Layouts as aie-rt, mlir-aie and aiebu write and read them. The 48-byte address patch is the one that every reader of
// either version takes; a patch of 24 bytes is 1.0 of one compiler.
constexpr TxnOpRow kOps[] = {
    {TxnCode::Write,              "write",                 k01,   6,  6, 5,  false, kWrite01},
    {TxnCode::Write,              "write",                 k10,   3,  3, -1, false, kWrite10},
    {TxnCode::BlockWrite,         "block_write",           k01,   4,  4, 3,  true,  kBlock01},
    {TxnCode::BlockWrite,         "block_write",           k10,   3,  3, 2,  true,  kBlock10},
    {TxnCode::BlockSet,           "block_set",             kBoth, 0,  0, -1, false, {}},
    {TxnCode::MaskWrite,          "mask_write",            k01,   7,  8, 6,  false, kMask01},
    {TxnCode::MaskWrite,          "mask_write",            k10,   4,  4, -1, false, kMask10},
    {TxnCode::MaskPoll,           "mask_poll",             k01,   7,  8, 6,  false, kMask01},
    {TxnCode::MaskPoll,           "mask_poll",             k10,   4,  4, -1, false, kMask10},
    {TxnCode::Noop,               "noop",                  kBoth, 1,  1, -1, false, {}},
    {TxnCode::Preempt,            "preempt",               kBoth, 1,  1, -1, false, kPreempt},
    {TxnCode::MaskPollBusy,       "mask_poll_busy",        k01,   7,  8, 6,  false, kMask01},
    {TxnCode::MaskPollBusy,       "mask_poll_busy",        k10,   4,  4, -1, false, kMask10},
    {TxnCode::LoadPdi,            "load_pdi",              kBoth, 4,  4, -1, false, kLoadPdi},
    {TxnCode::LoadPmStart,        "load_pm_start",         kBoth, 2,  2, -1, false, kLoadPm},
    {TxnCode::CreateScratchpad,   "create_scratchpad",     kBoth, 4,  4, -1, false, kScratchpad},
    {TxnCode::UpdateStateTable,   "update_state_table",    kBoth, 2,  2, -1, false, kStateTable},
    {TxnCode::UpdateReg,          "update_reg",            kBoth, 3,  3, -1, false, kUpdateReg},
    {TxnCode::UpdateScratch,      "update_scratch",        kBoth, 1,  1, -1, false, {}},
    {TxnCode::ConfigShimDmaBd,    "config_shim_dma_bd",    kBoth, 0,  0, -1, false, {}},
    {TxnCode::ConfigShimDmaBufBd, "config_shim_dmabuf_bd", kBoth, 0,  0, -1, false, {}},
    {TxnCode::Sync,               "sync",                  kBoth, 4,  4, 1,  false, kSync},
    {TxnCode::AddressPatch,       "address_patch",         kBoth, 12, 12, 1, false, kPatch48},
    {TxnCode::AddressPatch,       "address_patch",         k10,   6,  6, 1,  false, kPatch24},
    {TxnCode::ReadRegs,           "read_regs",             kBoth, 3,  3, 1,  true,  kReadRegs},
    {TxnCode::RecordTimer,        "record_timer",          kBoth, 3,  3, 1,  false, kTimer},
    {TxnCode::MergeSync,          "merge_sync",            kBoth, 3,  4, 1,  false, kMergeSync},
    {TxnCode::LoadPmEnd,          "load_pm_end",           kBoth, 0,  0, -1, false, {}},
};

// Codes from 0x80 on store their size in their second word, known or not.
constexpr Field kCustomFields[] = {{F::Size, "size", bits(1, 31, 0)}};
constexpr uint8_t kFirstCustom = 0x80;
constexpr TxnOpRow kCustom{TxnCode{kFirstCustom}, "custom", kBoth, 2, 2, 1, true, kCustomFields};
// clang-format on

bool fits(const TxnOpRow& row, std::span<const uint32_t> words) {
  if (row.words == 0 || words.size() < row.words)
    return false;
  if (row.size_word < 0)
    return true;
  const uint32_t size = words[row.size_word];
  return size % 4 == 0 && size >= row.words * 4u && size / 4 <= words.size() &&
         (row.data || size <= row.most_words * 4u);
}

}  // namespace

const arch::FieldRow<TxnField>* TxnOpRow::find(TxnField field) const {
  const auto found = std::ranges::find(fields, field, &Field::id);
  return found == fields.end() ? nullptr : &*found;
}

std::span<const TxnOpRow> txn_ops() {
  return kOps;
}

const TxnOpRow* find_txn_op(TxnVersion version, std::span<const uint32_t> words) {
  if (words.empty())
    return nullptr;
  const uint8_t code = words[0] & 0xFF;
  for (const TxnOpRow& row : kOps)
    if (static_cast<uint8_t>(row.code) == code && row.in(version) && fits(row, words))
      return &row;
  return txn_name(code) == kCustom.name && fits(kCustom, words) ? &kCustom : nullptr;
}

const TxnOpRow& txn_op(TxnVersion version, TxnCode code) {
  for (const TxnOpRow& row : kOps)
    if (row.code == code && row.in(version) && row.words > 0)
      return row;
  throw Error("txn: no layout of {} is published", txn_name(static_cast<uint8_t>(code)));
}

std::string_view txn_name(uint8_t code) {
  for (const TxnOpRow& row : kOps)
    if (static_cast<uint8_t>(row.code) == code)
      return row.name;
  return code >= kFirstCustom ? kCustom.name : std::string_view();
}

}  // namespace npu::xclbin
