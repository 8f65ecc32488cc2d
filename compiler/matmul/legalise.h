// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/design/design.h"
#include "compiler/matmul/problem.h"

namespace npu::compiler::matmul {

/// One loop around the words of a transfer.
struct Loop {
  int64_t size = 1;
  int64_t step = 0;  ///< words; 0: the same again
  bool operator==(const Loop&) const = default;
};

/// One task of a shim channel: `length` words from `offset`, again `repeat` times, `iteration_step`
/// further each time.
struct Task {
  uint64_t offset = 0;  ///< words
  uint64_t length = 0;
  std::vector<Dim> dims;  ///< innermost first; empty: linear
  int repeat = 1;
  uint64_t iteration_step = 0;
  bool operator==(const Task&) const = default;
};

/// Drops loops of one and joins loops that walk on where the inner one ends. Outermost first.
std::vector<Loop> merged(const std::vector<Loop>& loops);

/// The fewest tasks of a shim channel that walk the loops (outermost first) in order. Wraps that
/// the descriptor cannot hold are cut: by the largest divisor that fits, into whole runs and a
/// task for the rest, or by 512 (`Legacy`). `cuts` gets a line for each cut: what, and why. Throws
/// Error, with the sizes, when nothing fits.
std::vector<Task> legalise(const std::vector<Loop>& loops, WrapTiling wraps, std::string_view what,
                           std::vector<std::string>* cuts = nullptr);

}  // namespace npu::compiler::matmul
