// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "compiler/matmul/problem.h"
#include "hw-model/arch/device.h"

namespace npu::compiler::matmul {

/// A way to choose tiles.
struct Strategy {
  std::string_view name;
  std::string_view sentence;
  /// Herds of at most four cores become one column.
  bool collapses_small_herds;
  /// Missing: what is predicted to be fastest (`search`). Rules other than that refuse sizes that
  /// they do not divide.
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

/// Bytes that a core's buffers need: A and B by their depths, C once, and an accumulator where C is
/// narrower than that.
int64_t core_bytes(const Problem& problem, const Shape& core, const Depths& depths);

/// Bytes of L1 that buffers may take: the memory less the stack.
int64_t core_budget();

/// True when the core accumulates in a buffer of its own because C is narrower than the
/// accumulator.
bool has_accumulator(const Problem& problem);

}  // namespace npu::compiler::matmul
