// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace npu::arch {

enum class TileKind : uint8_t { Shim, Memtile, Core };

inline constexpr int kRows = 6;
inline constexpr int kFirstCoreRow = 2;
inline constexpr int kMaxColumns = 8;

constexpr TileKind kind_of_row(int row) {
  return row == 0 ? TileKind::Shim : row == 1 ? TileKind::Memtile : TileKind::Core;
}

/// `shim`, `memtile` or `core`, as every text of the project says it.
constexpr std::string_view to_string(TileKind kind) {
  constexpr std::string_view kNames[] = {"shim", "memtile", "core"};
  return kNames[static_cast<int>(kind)];
}

/// A tile by its place in the partition: column first, always.
struct Coord {
  uint8_t col = 0;
  uint8_t row = 0;

  constexpr auto operator<=>(const Coord&) const = default;
  constexpr TileKind kind() const { return kind_of_row(row); }
  /// Dense number, column by column.
  constexpr int index() const { return col * kRows + row; }
};

/// `core(0,2)`
std::string to_string(Coord tile);

// Address of a register or memory byte: column [31:25], row [24:20], offset [19:0] in the tile's 1
// MiB window (aie-rt; hardware reference 1.2).
inline constexpr uint32_t kTileWindow = 1u << 20;

constexpr uint32_t address_of(Coord tile, uint32_t offset) {
  return uint32_t{tile.col} << 25 | uint32_t{tile.row} << 20 | offset;
}
constexpr Coord tile_of(uint32_t address) {
  return {static_cast<uint8_t>(address >> 25), static_cast<uint8_t>(address >> 20 & 0x1F)};
}
constexpr uint32_t offset_of(uint32_t address) {
  return address & (kTileWindow - 1);
}

}  // namespace npu::arch
