// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/register_doc.h"

#include "hw-model/arch/dma.h"

namespace npu::arch {

namespace {

std::string_view generation_name(Generation generation) {
  return generation == Generation::Aie2 ? "AIE2 (npu1)" : "AIE2P (npu4)";
}

std::string_view support(RegisterId id) {
  switch (id) {
    case RegisterId::Storage:
      return "kept, no effect";
    case RegisterId::Accepted:
      return "accepted";
    default:
      return "modelled";
  }
}

/// `5:0`, or `5` for one bit.
std::string bit_range(int msb, int lsb) {
  return msb == lsb ? std::to_string(msb) : fmt::format("{}:{}", msb, lsb);
}

std::string offsets(const Register& row) {
  if (row.count == 1)
    return fmt::format("0x{:05X}", row.offset);
  return fmt::format("0x{:05X} + {:#x} n, n < {}", row.offset, row.stride, row.count);
}

std::string field_list(const Register& row) {
  std::string text;
  for (const RegisterField& field : row.fields) {
    text += fmt::format("{}{} [{}]", text.empty() ? "" : ", ", field.name,
                        bit_range(field.msb, field.lsb));
    if (field.reset != 0)
      text += fmt::format(" = {:#x}", field.reset);
  }
  return text;
}

std::string_view coding(const Bits& bits) {
  return bits.stored_minus_one ? "minus one" : bits.is_signed ? "signed" : "";
}

std::string descriptor_table(TileKind kind) {
  std::string text = fmt::format(
      "\n## Buffer descriptor\n\n{} words.\n\n| word | bits | field | stored "
      "|\n|---|---|---|---|\n",
      bd_words(kind));
  for (const FieldRow<BdField>& row : bd_fields(kind))
    text += fmt::format("| {} | {} | {} | {} |\n", row.bits.word,
                        bit_range(row.bits.msb, row.bits.lsb), row.name, coding(row.bits));
  return text;
}

}  // namespace

std::string register_reference(TileKind kind, Generation generation) {
  std::string text = fmt::format(
      "# Registers of a {} tile, {}\n\nOffsets are bytes inside the tile's 1 MiB window.\n\n"
      "| offset | register | words | model | fields |\n|---|---|---|---|---|\n",
      to_string(kind), generation_name(generation));
  for (const Register& row : registers(kind))
    if (generation == Generation::Aie2 ? row.aie2 : row.aie2p)
      text += fmt::format("| {} | {} | {} | {} | {} |\n", offsets(row), row.name, row.words,
                          support(row.id), field_list(row));
  return text + descriptor_table(kind);
}

}  // namespace npu::arch
