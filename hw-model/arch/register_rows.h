// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

#include "hw-model/arch/register.h"

// What the register tables are written with: a row reads like a line of the manual, and the
// compiler proofreads it.

namespace npu::arch {

/// Where a row's registers are: `at(0x1DE00).each(2, 8)` are two registers 8 bytes apart,
/// `at(0xA0000).block(8)` is one element of eight words.
struct Place {
  uint32_t offset;
  uint32_t stride = 4;
  uint16_t count = 1;
  uint32_t words = 1;

  constexpr Place each(uint16_t number, uint32_t bytes) const {
    return {offset, bytes, number, words};
  }
  constexpr Place block(uint32_t size) const {
    return {offset, std::max(stride, 4 * size), count, size};
  }
};
constexpr Place at(uint32_t offset) {
  return {offset};
}

struct Generations {
  bool aie2;
  bool aie2p;
};
inline constexpr Generations kBoth{true, true};
inline constexpr Generations kAie2Only{true, false};
inline constexpr Generations kAie2pOnly{false, true};

/// A line of a table: the register, and its fields as text, `name[msb:lsb] name[bit]
/// name[msb:lsb]=reset`.
struct Row {
  Register reg;
  std::string_view fields;
};
constexpr Row row(Place place, RegisterId id, std::string_view name, Generations generations,
                  std::string_view fields = {}) {
  return {{id,
           name,
           place.offset,
           place.stride,
           place.count,
           place.words,
           generations.aie2,
           generations.aie2p,
           {}},
          fields};
}

/// Reads one number off the text, decimal or 0x hexadecimal.
constexpr uint32_t take_number(std::string_view& text) {
  uint32_t base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  }
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  uint32_t value = 0;
  size_t digits = 0;
  for (; !text.empty() && kDigits.substr(0, base).find(text[0]) != std::string_view::npos;
       ++digits) {
    value = value * base + static_cast<uint32_t>(kDigits.find(text[0]));
    text.remove_prefix(1);
  }
  if (digits == 0)
    throw std::logic_error("a number is missing");
  return value;
}

constexpr void take_character(std::string_view& text, char expected) {
  if (text.empty() || text[0] != expected)
    throw std::logic_error("field text: name[msb:lsb]=reset");
  text.remove_prefix(1);
}

constexpr RegisterField take_field(std::string_view& text) {
  RegisterField field{text.substr(0, std::min(text.find('['), text.size())), 0, 0};
  text.remove_prefix(field.name.size());
  take_character(text, '[');
  field.msb = field.lsb = static_cast<uint8_t>(take_number(text));
  if (text.starts_with(':')) {
    text.remove_prefix(1);
    field.lsb = static_cast<uint8_t>(take_number(text));
  }
  take_character(text, ']');
  if (text.starts_with('=')) {
    text.remove_prefix(1);
    field.reset = take_number(text);
  }
  if (!text.empty())
    take_character(text, ' ');
  return field;
}

constexpr size_t field_count(std::span<const Row> table) {
  size_t count = 0;
  for (const Row& row : table)
    count += static_cast<size_t>(std::ranges::count(row.fields, '['));
  return count;
}

/// The fields of all rows, one after another. A text that is malformed does not build, nor one
/// whose fields overlap or leave the word.
template <size_t kCount>
constexpr std::array<RegisterField, kCount> parse_fields(std::span<const Row> table) {
  std::array<RegisterField, kCount> fields{};
  auto next = fields.begin();
  for (const Row& row : table) {
    uint32_t used = 0;
    for (std::string_view text = row.fields; !text.empty(); ++next) {
      *next = take_field(text);
      if (next->msb > 31 || next->lsb > next->msb)
        throw std::logic_error("a field leaves its word");
      const uint32_t mask = bits(0, next->msb, next->lsb).mask();
      if (used & mask)
        throw std::logic_error("two fields overlap");
      if (next->reset & ~(mask >> next->lsb))
        throw std::logic_error("a reset value leaves its field");
      used |= mask;
    }
  }
  return fields;
}

/// The registers of a table, each with its part of `fields`.
template <size_t N>
constexpr std::array<Register, N> with_fields(const std::array<Row, N>& table,
                                              std::span<const RegisterField> fields) {
  std::array<Register, N> registers{};
  for (size_t i = 0; i < N; ++i) {
    const size_t count = field_count({&table[i], 1});
    registers[i] = table[i].reg;
    registers[i].fields = fields.first(count);
    fields = fields.subspan(count);
  }
  return registers;
}

/// True when two rows of one generation share a word. Rows may interleave (control and start queue
/// of a channel).
constexpr bool overlap(const Register& a, const Register& b) {
  if (!((a.aie2 && b.aie2) || (a.aie2p && b.aie2p)))
    return false;
  const uint32_t a_end = a.offset + a.stride * (a.count - 1u) + 4 * a.words;
  const uint32_t b_end = b.offset + b.stride * (b.count - 1u) + 4 * b.words;
  if (a_end <= b.offset || b_end <= a.offset)
    return false;
  for (uint32_t i = 0; i < a.count; ++i)
    for (uint32_t j = 0; j < b.count; ++j) {
      const uint32_t first = a.offset + i * a.stride;
      const uint32_t second = b.offset + j * b.stride;
      if (first < second + 4 * b.words && second < first + 4 * a.words)
        return true;
    }
  return false;
}

/// True when rows ascend by offset and no two rows of a generation share a word.
constexpr bool well_formed(std::span<const Register> rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const Register& row = rows[i];
    if (row.offset % 4 != 0 || row.count == 0 || row.words == 0 || row.stride < 4 * row.words)
      return false;
    if (i > 0 && rows[i - 1].offset > row.offset)
      return false;
    for (size_t j = 0; j < i; ++j)
      if (overlap(rows[j], row))
        return false;
  }
  return true;
}

// One table per kind of tile, each in its own file.
std::span<const Register> core_registers();
std::span<const Register> memtile_registers();
std::span<const Register> shim_registers();

}  // namespace npu::arch
