// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/tile.h"
#include "xclbin/bytes.h"

namespace npu::xclbin {

inline constexpr uint16_t kElfMachineAie = 264;

/// What the loader puts into a core tile: bytes at an address, then zeros up to `memory_bytes`.
struct ElfSegment {
  uint32_t address =
      0;  ///< as the core sees it: below 0x20000 program memory, from 0x70000 own data
  Bytes bytes;
  uint32_t memory_bytes = 0;
  uint32_t flags = 5;  ///< 1 executable, 2 writable, 4 readable
  bool operator==(const ElfSegment&) const = default;
};

/// A program for one core: a 32-bit ELF file of which only the loadable segments count.
struct Elf {
  uint32_t flags = 2;  ///< of the processor: 2 and 3 are seen
  uint32_t entry = 0;
  std::vector<ElfSegment> segments;
  bool operator==(const Elf&) const = default;
};

/// Reads the loadable segments. Throws Error with the offset, and for another machine.
Elf read_elf(View bytes);

/// Writes a file of segments and no sections.
Bytes write_elf(const Elf& elf);

/// A program-memory image as a file.
Elf program_elf(std::span<const uint32_t> image);

/// What loading the file into a tile writes. Throws Error for a segment that leaves the tile's own
/// memories.
arch::Commands load_elf(const Elf& elf, arch::Coord tile);

/// The programs in a configuration as files, by tile; data of a core with a program is a segment of
/// it.
struct CoreElf {
  arch::Coord tile;
  Elf elf;
};
std::vector<CoreElf> core_elfs(std::span<const arch::Command> configuration);

}  // namespace npu::xclbin
