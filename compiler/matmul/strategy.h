// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "compiler/matmul/problem.h"
#include "hw-model/arch/device.h"

namespace npu::compiler::matmul {

/// Extents in elements along the three dimensions of a matmul.
struct Shape {
  int64_t m = 1;
  int64_t n = 1;
  int64_t k = 1;
  bool operator==(const Shape&) const = default;
};

/// Tile sizes: what L2 holds at a time, what one core holds, and the block of one instruction.
/// `l2.k` and `core.k` are the K slices of the two levels.
struct Tiles {
  Shape l2;
  Shape core;
  Shape pack;

  Herd herd() const { return {static_cast<int>(l2.m / core.m), static_cast<int>(l2.n / core.n)}; }
  bool operator==(const Tiles&) const = default;
};

/// A way to choose tiles.
struct Strategy {
  std::string_view name;
  std::string_view sentence;
  /// Herds of at most four cores become one column.
  bool collapses_small_herds;
  Tiles (*rule)(const Problem&, const arch::Partition&, const Options&);
};

/// All strategies, `default` first, then by date.
std::span<const Strategy> strategies();

/// The strategy of that name; throws Error with the names there are.
const Strategy& strategy_named(std::string_view name);

/// Largest divisor of `n` not above `max`.
int64_t largest_divisor(int64_t n, int64_t max);

/// Largest divisor of `n` that is a multiple of `multiple` and not above `max`; if there is none,
/// the largest divisor not above `max`.
int64_t largest_divisor(int64_t n, int64_t max, int64_t multiple);

/// Bytes that a core's buffers need: A and B twice, C once, and an accumulator where C is narrower
/// than that.
int64_t core_bytes(const Problem& problem, const Shape& core);

/// Bytes of L1 that buffers may take: the memory less the stack.
int64_t core_budget();

/// True when the core accumulates in a buffer of its own because C is narrower than the
/// accumulator.
bool has_accumulator(const Problem& problem);

}  // namespace npu::compiler::matmul
