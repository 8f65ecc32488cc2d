// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "compiler/design/design.h"

namespace npu::compiler {

/// How a core or a memtile's DMA sees a memory and its locks: the byte address of the first byte
/// and the number of the first lock.
struct Window {
  uint32_t address = 0;
  int lock = 0;
};

/// The window of a core onto the data memory and locks of `owner`: its own, south, west or north
/// neighbour, core tiles only (hardware reference 2.1, 3.3). Nothing when the core cannot reach it.
std::optional<Window> core_window(Coord core, Coord owner);

/// The window of a DMA onto the memory and locks of `owner`: in a memtile its own and both
/// neighbours (hardware reference 2.2), else its own only.
std::optional<Window> dma_window(Coord dma, Coord owner);

/// The highest word, counted from the first, that a walk of `words` steps through `dims` reaches;
/// the last dimension goes on for as long as there are words (hardware reference 4.5).
uint64_t highest_word(std::span<const Dim> dims, uint64_t words);

/// Words of memory that a descriptor touches in one execution: its length without the padding.
uint64_t memory_words(const Descriptor& descriptor);

/// One more than the highest word of its buffer that a descriptor touches, all iterations counted.
uint64_t end_word(const Descriptor& descriptor);

}  // namespace npu::compiler
