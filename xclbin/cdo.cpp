// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/cdo.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace npu::xclbin {

namespace {

using arch::bits;
using F = CdoField;
using Field = arch::FieldRow<CdoField>;

constexpr uint32_t kHeaderLength = 4;
constexpr uint32_t kMagic = 0x004F4443;       // CDO
constexpr uint32_t kMagicOther = 0x584C4E58;  // XLNX
constexpr uint32_t kVersion = 0x0200;
constexpr uint32_t kLongLength = 255;

// clang-format off
constexpr Field kMaskPoll[] = {
    {F::Address, "address", bits(0, 31, 0)}, {F::Mask, "mask", bits(1, 31, 0)}, {F::Value, "value", bits(2, 31, 0)},
    {F::Timeout, "timeout", bits(3, 31, 0)}, {F::Flags, "flags", bits(4, 31, 0)}};
constexpr Field kMaskWrite[] = {
    {F::Address, "address", bits(0, 31, 0)}, {F::Mask, "mask", bits(1, 31, 0)}, {F::Value, "value", bits(2, 31, 0)}};
constexpr Field kWrite[] = {
    {F::Address, "address", bits(0, 31, 0)}, {F::Value, "value", bits(1, 31, 0)}};
constexpr Field kDelay[] = {{F::Time, "time", bits(0, 31, 0)}};
constexpr Field kDmaWrite[] = {
    {F::AddressHigh, "address_high", bits(0, 31, 0)}, {F::Address, "address", bits(1, 31, 0)}};
constexpr Field kMaskPoll64[] = {
    {F::AddressHigh, "address_high", bits(0, 31, 0)}, {F::Address, "address", bits(1, 31, 0)},
    {F::Mask, "mask", bits(2, 31, 0)},                {F::Value, "value", bits(3, 31, 0)},
    {F::Timeout, "timeout", bits(4, 31, 0)},          {F::Flags, "flags", bits(5, 31, 0)}};
constexpr Field kMaskWrite64[] = {
    {F::AddressHigh, "address_high", bits(0, 31, 0)}, {F::Address, "address", bits(1, 31, 0)},
    {F::Mask, "mask", bits(2, 31, 0)},                {F::Value, "value", bits(3, 31, 0)}};
constexpr Field kWrite64[] = {
    {F::AddressHigh, "address_high", bits(0, 31, 0)}, {F::Address, "address", bits(1, 31, 0)},
    {F::Value, "value", bits(2, 31, 0)}};
constexpr Field kDmaTransfer[] = {
    {F::SourceHigh, "source_high", bits(0, 31, 0)},   {F::Source, "source", bits(1, 31, 0)},
    {F::AddressHigh, "address_high", bits(2, 31, 0)}, {F::Address, "address", bits(3, 31, 0)},
    {F::Count, "count", bits(4, 31, 0)},              {F::Flags, "flags", bits(5, 31, 0)}};
constexpr Field kSet[] = {
    {F::AddressHigh, "address_high", bits(0, 31, 0)}, {F::Address, "address", bits(1, 31, 0)},
    {F::Count, "count", bits(2, 31, 0)},              {F::Value, "value", bits(3, 31, 0)}};
constexpr Field kKeyhole[] = {
    {F::AddressHigh, "address_high", bits(0, 31, 0)}, {F::Address, "address", bits(1, 31, 0)},
    {F::Count, "count", bits(2, 31, 0)}};
constexpr Field kMarker[] = {{F::Value, "value", bits(0, 31, 0)}};

constexpr CdoOpRow kOps[] = {
    {CdoCode::End,             "end",               0, true,  {}},
    {CdoCode::MaskPoll,        "mask_poll",         4, true,  kMaskPoll},
    {CdoCode::MaskWrite,       "mask_write",        3, false, kMaskWrite},
    {CdoCode::Write,           "write",             2, false, kWrite},
    {CdoCode::Delay,           "delay",             1, false, kDelay},
    {CdoCode::DmaWrite,        "dma_write",         2, true,  kDmaWrite},
    {CdoCode::MaskPoll64,      "mask_poll64",       5, true,  kMaskPoll64},
    {CdoCode::MaskWrite64,     "mask_write64",      4, false, kMaskWrite64},
    {CdoCode::Write64,         "write64",           3, false, kWrite64},
    {CdoCode::DmaTransfer,     "dma_transfer",      6, true,  kDmaTransfer},
    {CdoCode::Set,             "set",               4, false, kSet},
    {CdoCode::DmaWriteKeyhole, "dma_write_keyhole", 3, true,  kKeyhole},
    {CdoCode::Nop,             "nop",               0, true,  {}},
    {CdoCode::Marker,          "marker",            1, true,  kMarker},
    {CdoCode::Proc,            "proc",              0, true,  {}},
    {CdoCode::BlockBegin,      "block_begin",       0, true,  {}},
    {CdoCode::BlockEnd,        "block_end",         0, true,  {}},
    {CdoCode::ScatterWrite,    "scatter_write",     0, true,  {}},
    {CdoCode::ScatterWrite2,   "scatter_write2",    0, true,  {}},
};
// clang-format on

uint32_t checksum(std::span<const uint32_t> words) {
  return ~std::accumulate(words.begin(), words.end(), uint32_t{0});
}

std::string name_of(CdoCode code) {
  const CdoOpRow* row = find_cdo_op(code);
  return row ? std::string(row->name) : fmt::format("command {:#x}", static_cast<uint32_t>(code));
}

}  // namespace

std::span<const CdoOpRow> cdo_ops() {
  return kOps;
}

const CdoOpRow* find_cdo_op(CdoCode code) {
  const auto found = std::ranges::find(kOps, code, &CdoOpRow::code);
  return found == std::end(kOps) ? nullptr : &*found;
}

uint32_t CdoView::get(CdoField field) const {
  if (!row)
    return 0;
  const auto found = std::ranges::find(row->fields, field, &Field::id);
  if (found == row->fields.end() || found->bits.word >= payload.size())
    return 0;
  return static_cast<uint32_t>(arch::get(payload, found->bits));
}

void for_each_command(std::span<const uint32_t> words, uint64_t offset,
                      const std::function<void(const CdoView&)>& visit) {
  for (size_t at = 0; at < words.size();) {
    const uint64_t here = offset + 4 * at;
    const uint32_t word = words[at++];
    const CdoCode code{static_cast<uint16_t>(word)};
    uint32_t length = word >> 16 & 0xFF;
    if (length == kLongLength) {
      if (at == words.size())
        throw Error("cdo at {:#x}: {}: its length is missing", here, name_of(code));
      length = words[at++];
    }
    if (length > words.size() - at)
      throw Error("cdo at {:#x}: {}: needs {} words, {} left", here, name_of(code), length,
                  words.size() - at);
    const CdoOpRow* row = find_cdo_op(code);
    if (row && (length < row->words || (!row->data && length != row->words)))
      throw Error("cdo at {:#x}: {}: a payload of {} words is not that of one", here, row->name,
                  length);
    visit({code, row, words.subspan(at, length), here});
    at += length;
  }
}

void for_each_command(View bytes, const std::function<void(const CdoView&)>& visit) {
  Reader reader(bytes, "cdo");
  const Words header = reader.words(kCdoHeaderWords, "header");
  if (header[0] != kHeaderLength)
    throw reader.error_at(0, "header length", "{} words, not {}", header[0], kHeaderLength);
  if (header[1] != kMagic && header[1] != kMagicOther)
    throw reader.error_at(4, "identification", "{:#010x} is not one", header[1]);
  if (header[2] != kVersion)
    throw reader.error_at(8, "version", "{}.{} is not known", header[2] >> 8, header[2] & 0xFF)
        .hint("version 2.0");
  if (const uint32_t sum = checksum(std::span(header).first(4)); header[4] != sum)
    throw reader.error_at(16, "checksum", "{:#010x}, the header has {:#010x}", header[4], sum);
  if (uint64_t{header[3]} * 4 != reader.left())
    throw reader.error_at(12, "length", "says {} words, there are {} bytes", header[3],
                          reader.left());
  const uint64_t offset = reader.position();
  for_each_command(reader.words(header[3], "commands"), offset, visit);
}

Cdo read_cdo(View bytes) {
  Cdo cdo;
  for_each_command(bytes, [&](const CdoView& command) {
    cdo.commands.push_back({command.code, Words(command.payload.begin(), command.payload.end())});
  });
  return cdo;
}

Bytes write_cdo(const Cdo& cdo) {
  Words words;
  for (const CdoCommand& command : cdo.commands) {
    const uint32_t length = static_cast<uint32_t>(command.payload.size());
    words.push_back(static_cast<uint32_t>(command.code) | std::min(length, kLongLength) << 16);
    if (length >= kLongLength)
      words.push_back(length);
    words.insert(words.end(), command.payload.begin(), command.payload.end());
  }
  std::array<uint32_t, kCdoHeaderWords> header{kHeaderLength, kMagic, kVersion,
                                               static_cast<uint32_t>(words.size()), 0};
  header[4] = checksum(std::span(header).first(4));
  Writer writer;
  writer.words(header);
  writer.words(words);
  return writer.take();
}

}  // namespace npu::xclbin
