// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/design/reach.h"

#include <algorithm>

namespace npu::compiler {

using arch::TileKind;

namespace {
constexpr uint32_t kMemtileWindow = 0x80000;
constexpr int kMemtileLocks = arch::facts(TileKind::Memtile).locks;

uint64_t product(std::span<const Dim> dims) {
  uint64_t words = 1;
  for (const Dim& dim : dims)
    words *= dim.size;
  return words;
}
}  // namespace

std::optional<Window> core_window(Coord core, Coord owner) {
  if (core.kind() != TileKind::Core || owner.kind() != TileKind::Core)
    return std::nullopt;
  const int right = owner.col - core.col;
  const int up = owner.row - core.row;
  if (right == 0 && up == 0)
    return Window{arch::kCoreOwn, arch::kCoreOwnLocks};
  if (right == 0 && up == -1)
    return Window{arch::kCoreSouth, 0};
  if (right == -1 && up == 0)
    return Window{arch::kCoreWest, arch::kCoreLocksPerWindow};
  if (right == 0 && up == 1)
    return Window{arch::kCoreNorth, 2 * arch::kCoreLocksPerWindow};
  return std::nullopt;
}

std::optional<Window> dma_window(Coord dma, Coord owner) {
  if (dma.kind() != TileKind::Memtile)
    return dma == owner ? std::optional(Window{}) : std::nullopt;
  const int right = owner.col - dma.col;
  if (owner.row != dma.row || right < -1 || right > 1)
    return std::nullopt;
  return Window{kMemtileWindow * static_cast<uint32_t>(right + 1), kMemtileLocks * (right + 1)};
}

uint64_t highest_word(std::span<const Dim> dims, uint64_t words) {
  if (words == 0)
    return 0;
  if (dims.empty())
    return words - 1;
  uint64_t rest = words - 1;
  uint64_t full = 0;     // a whole walk through the dimensions so far
  uint64_t highest = 0;  // the part of it that the last step has reached
  for (size_t i = 0; i < dims.size(); ++i) {
    const uint64_t size = std::max<uint64_t>(dims[i].size, 1);
    const uint64_t digit = i + 1 < dims.size() ? rest % size : rest;
    const uint64_t now = digit * dims[i].step + highest;
    highest = digit == 0 ? now : std::max(now, (digit - 1) * dims[i].step + full);
    full += (size - 1) * dims[i].step;
    rest /= size;
  }
  return highest;
}

uint64_t memory_words(const Descriptor& descriptor) {
  return descriptor.pads.empty() ? descriptor.length : product(descriptor.dims);
}

uint64_t end_word(const Descriptor& descriptor) {
  const uint64_t words = memory_words(descriptor);
  if (words == 0)
    return descriptor.offset;
  const uint64_t iterations = static_cast<uint64_t>(std::max(descriptor.iteration_size, 1) - 1);
  return descriptor.offset + iterations * descriptor.iteration_step +
         highest_word(descriptor.dims, words) + 1;
}

}  // namespace npu::compiler
