// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/txn.h"

#include <algorithm>

namespace npu::xclbin {

namespace {

constexpr std::string_view kFormat = "txn";
constexpr uint8_t kGenerationAie2 = 3;
constexpr uint8_t kGenerationAie2p = 4;

TxnHeader read_header(Reader& reader) {
  TxnHeader header;
  header.major = reader.u8("major version");
  header.minor = reader.u8("minor version");
  header.generation = reader.u8("device generation");
  header.rows = reader.u8("rows");
  header.columns = reader.u8("columns");
  header.memtile_rows = reader.u8("memtile rows");
  header.padding = reader.u16("padding");
  return header;
}

[[noreturn]] void refuse(const Reader& reader, uint64_t offset, TxnVersion version,
                         std::span<const uint32_t> rest) {
  const uint8_t code = rest[0] & 0xFF;
  const std::string_view name = txn_name(code);
  if (name.empty())
    throw reader.error_at(offset, "operation", "code {:#x} is not one", code);
  const auto rows = txn_ops();
  const auto known = std::ranges::find_if(rows, [&](const TxnOpRow& row) {
    return static_cast<uint8_t>(row.code) == code && row.in(version) && row.words > 0;
  });
  if (known == rows.end() && static_cast<uint8_t>(code) < 0x80)
    throw reader.error_at(offset, name, "no layout of it is published");
  const int size_word = known == rows.end() ? 1 : known->size_word;
  if (size_word >= 0 && static_cast<size_t>(size_word) < rest.size())
    throw reader.error_at(offset, name, "its size of {} bytes is not that of one", rest[size_word]);
  throw reader.error_at(offset, name, "only {} words are left", rest.size());
}

}  // namespace

TxnVersion TxnHeader::version() const {
  if (major == 0 && minor == 1)
    return TxnVersion::V01;
  if (major == 1 && minor == 0)
    return TxnVersion::V10;
  throw Error("txn at 0x0: version: {}.{} is not known", major, minor).hint("versions 0.1 and 1.0");
}

TxnHeader txn_header(arch::Generation generation, int columns, TxnVersion version) {
  const bool old = version == TxnVersion::V01;
  return {.major = static_cast<uint8_t>(old ? 0 : 1),
          .minor = static_cast<uint8_t>(old ? 1 : 0),
          .generation = generation == arch::Generation::Aie2 ? kGenerationAie2 : kGenerationAie2p,
          .columns = static_cast<uint8_t>(columns)};
}

uint32_t TxnOpView::get(TxnField field) const {
  const arch::FieldRow<TxnField>* found = row.find(field);
  return found ? static_cast<uint32_t>(arch::get(words, found->bits)) : 0;
}

uint64_t TxnOpView::get64(TxnField low, TxnField high) const {
  return uint64_t{get(high)} << 32 | get(low);
}

TxnHeader for_each_op(View bytes, const std::function<void(const TxnOpView&)>& visit) {
  Reader reader(bytes, kFormat);
  const TxnHeader header = read_header(reader);
  const TxnVersion version = header.version();
  const uint32_t count = reader.u32("operation count");
  const uint32_t size = reader.u32("total size");
  if (size != bytes.size())
    throw reader.error_at(12, "total size", "says {} bytes, there are {}", size, bytes.size());
  const uint64_t first = reader.position();
  if (reader.left() % 4 != 0)
    throw reader.error_at(12, "total size", "{} bytes are not whole words", size);
  const Words words = reader.words(reader.left() / 4, "operations");
  std::span<const uint32_t> rest = words;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t offset = first + 4 * (words.size() - rest.size());
    if (rest.empty())
      throw reader.error_at(offset, "operation count", "says {}, the stream ends after {}", count,
                            i);
    const TxnOpRow* row = find_txn_op(version, rest);
    if (!row)
      refuse(reader, offset, version, rest);
    const size_t taken = row->size_word < 0 ? row->words : rest[row->size_word] / 4;
    visit({*row, rest.first(taken), offset});
    rest = rest.subspan(taken);
  }
  if (!rest.empty())
    throw reader.error_at(first + 4 * (words.size() - rest.size()), "operation count",
                          "says {}, {} words follow the last", count, rest.size());
  return header;
}

Txn read_txn(View bytes) {
  Txn txn;
  txn.header = for_each_op(bytes, [&](const TxnOpView& op) {
    txn.ops.push_back({Words(op.words.begin(), op.words.end())});
  });
  return txn;
}

Bytes write_txn(const Txn& txn) {
  Writer writer;
  const TxnHeader& header = txn.header;
  for (const uint8_t byte : {header.major, header.minor, header.generation, header.rows,
                             header.columns, header.memtile_rows})
    writer.u8(byte);
  writer.u16(header.padding);
  writer.u32(static_cast<uint32_t>(txn.ops.size()));
  const size_t size_at = writer.size();
  writer.u32(0);
  for (const TxnOp& op : txn.ops)
    writer.words(op.words);
  writer.put_u32(size_at, static_cast<uint32_t>(writer.size()));
  return writer.take();
}

TxnOp make_op(TxnVersion version, TxnCode code,
              std::initializer_list<std::pair<TxnField, uint32_t>> fields,
              std::span<const uint32_t> data) {
  const TxnOpRow& row = txn_op(version, code);
  TxnOp op{Words(row.words)};
  op.words[0] = static_cast<uint32_t>(code);
  for (const auto& [field, value] : fields) {
    if (const arch::FieldRow<TxnField>* found = row.find(field))
      arch::put(op.words, found->bits, value, fmt::format("txn {}: {}", row.name, found->name));
  }
  op.words.insert(op.words.end(), data.begin(), data.end());
  if (row.size_word >= 0)
    op.words[row.size_word] = static_cast<uint32_t>(4 * op.words.size());
  return op;
}

}  // namespace npu::xclbin
