// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/register.h"

#include <algorithm>

namespace npu::arch {

void put(std::span<uint32_t> words, Bits b, int64_t value, std::string_view name) {
  const int64_t range = int64_t{1} << b.width();
  const int64_t lowest = b.is_signed ? -range / 2 : b.stored_minus_one ? 1 : 0;
  const int64_t highest = lowest + range - 1;
  if (value < lowest || value > highest)
    throw Error("{}: {} does not fit in {} bits", name, value, b.width())
        .hint("{} to {}", lowest, highest);
  const uint32_t raw = static_cast<uint32_t>(value - (b.stored_minus_one ? 1 : 0));
  words[b.word] = (words[b.word] & ~b.mask()) | (raw << b.lsb & b.mask());
}

std::optional<Location> find_register(TileKind kind, Generation generation, uint32_t offset) {
  const std::span<const Register> rows = registers(kind);
  const auto after = std::upper_bound(rows.begin(), rows.end(), offset,
                                      [](uint32_t o, const Register& r) { return o < r.offset; });
  // Strided rows interleave (control and start queue of a channel), so the nearest row below need
  // not be the one.
  for (auto row = after; row != rows.begin();) {
    --row;
    if (!(generation == Generation::Aie2 ? row->aie2 : row->aie2p))
      continue;
    const uint32_t index = (offset - row->offset) / row->stride;
    const uint32_t word = (offset - row->offset) % row->stride / 4;
    if (index < row->count && word < row->words)
      return Location{&*row, static_cast<int>(index), static_cast<int>(word)};
  }
  return std::nullopt;
}

uint32_t register_offset(TileKind kind, RegisterId id, int index) {
  const std::span<const Register> rows = registers(kind);
  const auto row = std::ranges::find(rows, id, &Register::id);
  if (row == rows.end())
    throw Error("{}: this kind of tile has no such register", to_string(kind));
  if (index < 0 || index >= row->count)
    throw Error("{}.{}: there is no number {}", to_string(kind), row->name, index)
        .hint("0 to {}", row->count - 1);
  return row->offset + row->stride * static_cast<uint32_t>(index);
}

std::string to_string(const Location& location) {
  const Register& row = *location.row;
  constexpr uint32_t kLargestBlock = 16;
  std::string name(row.name);
  bool word_named = false;
  if (const size_t at = name.find("{}"); at != std::string::npos) {
    const size_t second = name.find("{}", at + 2);
    word_named = second != std::string::npos;
    if (word_named)
      name.replace(second, 2, std::to_string(location.word));
    name.replace(at, 2, std::to_string(location.index));
  }
  if (row.words > kLargestBlock)
    return fmt::format("{}+{:#x}", name, location.word * 4);
  if (row.words > 1 && !word_named)
    return fmt::format("{}.w{}", name, location.word);
  return name;
}

std::string name_address(Generation generation, uint32_t address) {
  const Coord tile = tile_of(address);
  const uint32_t offset = offset_of(address);
  if (tile.row >= kRows)
    return fmt::format("tile({},{})+{:#x}", tile.col, tile.row, offset);
  if (const auto location = find_register(tile.kind(), generation, offset))
    return fmt::format("{}.{}", to_string(tile), to_string(*location));
  return fmt::format("{}+{:#x}", to_string(tile), offset);
}

std::string describe_address(Generation generation, uint32_t address) {
  return fmt::format("{} (0x{:08x})", name_address(generation, address), address);
}

}  // namespace npu::arch
