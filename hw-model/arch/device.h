// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "hw-model/arch/tile.h"

namespace npu::arch {

/// Register generation: AIE2 (AIE-ML) is npu1, AIE2P is npu4.
enum class Generation : uint8_t { Aie2, Aie2p };

/// What one kind of tile has (hardware reference 1.3, 3.1, 4.1). Sizes in bytes.
struct TileFacts {
  uint32_t memory_bytes;
  uint32_t program_bytes;
  int locks;
  int s2mm_channels;
  int mm2s_channels;
  int descriptors;
  int dims;  ///< address dimensions of a descriptor, iteration not counted; the last has no wrap
};

inline constexpr std::array<TileFacts, 3> kTileFacts{{
    {0, 0, 16, 2, 2, 16, 3},                  // shim
    {512 * 1024, 0, 64, 6, 6, 48, 4},         // memtile
    {64 * 1024, 16 * 1024, 16, 2, 2, 16, 3},  // core
}};
constexpr const TileFacts& facts(TileKind kind) {
  return kTileFacts[static_cast<size_t>(kind)];
}

inline constexpr int kTaskQueueDepth = 4;
inline constexpr int kMaxLockValue = 63;
inline constexpr int kMaxRepeat = 256;
/// Descriptors of a memtile that a channel can use: even channels 0..23, odd channels 24..47.
inline constexpr int kMemtileDescriptorsPerParity = 24;
/// Channels of a memtile, of either direction, that reach a neighbour's memory and locks: 0..3.
inline constexpr int kMemtileNeighbourChannels = 4;
/// Offset at which DDR appears to the array's master port (XRT's patch of shim descriptors).
inline constexpr uint64_t kDdrOffset = 0x8000'0000;

/// A device as the driver sees it.
struct Device {
  std::string_view name;
  Generation generation;
  int columns;        ///< physical columns
  int first_column;   ///< first physical column with a NoC shim; partitions start here at the
                      ///< earliest
  int max_partition;  ///< widest partition, in columns
};

inline constexpr Device kNpu1{"npu1", Generation::Aie2, 5, 1, 4};
inline constexpr Device kNpu4{"npu4", Generation::Aie2p, 8, 0, 8};
inline constexpr std::array<const Device*, 2> kDevices{&kNpu1, &kNpu4};

/// The device of that name; throws Error with the names there are.
const Device& device_named(std::string_view name);

/// A run of columns that a hardware context owns. Column 0 of the partition is physical
/// `first_column`.
struct Partition {
  const Device* device = &kNpu1;
  int columns = 4;
  int first_column = 1;

  constexpr bool contains(Coord tile) const { return tile.col < columns && tile.row < kRows; }
  /// Phoenix has one column whose shim has no DMA: it exists in the physical five-column view only.
  constexpr bool has_shim_dma(int col) const { return first_column + col >= device->first_column; }
};

/// Whether two partitions of a device have columns in common.
constexpr bool overlap(const Partition& a, const Partition& b) {
  return a.first_column < b.first_column + b.columns && b.first_column < a.first_column + a.columns;
}

/// A partition of `columns` columns at the device's first usable place; throws Error when it does
/// not fit. `columns == device.columns` on npu1 is the physical view that includes the column
/// without a shim DMA.
Partition partition_of(const Device& device, int columns);

/// The same from that physical column on; throws Error when the device does not have the columns,
/// or a shim among them has no DMA.
Partition partition_at(const Device& device, int first_column, int columns);

}  // namespace npu::arch
