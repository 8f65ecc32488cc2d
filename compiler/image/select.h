// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "compiler/image/edge.h"
#include "compiler/matmul/problem.h"

namespace npu::compiler::image {

/// What the design of `build_select` does with its lines.
enum class Function : uint8_t { Matmul, Edge };

/// One design that can do either of two things. Its line is `side` x `side` bytes: a tile of A and
/// of C for a matmul, pixels for the edges of an image.
struct Select {
  Function function = Function::Matmul;
  int64_t side = 32;
  int64_t lines = 8;
  int threshold = 0;  ///< of edges

  int64_t width() const { return side * side; }
  /// C[lines * side, side] = A B, bytes that saturate, with one tile of B.
  matmul::Problem as_matmul() const;
  /// `lines` lines of `width()` pixels.
  Problem as_edge() const { return {width(), lines, threshold}; }
};

/// `function=edge side=64 lines=8 threshold=64`
std::string to_string(const Select& select);

/// A Design whose arguments are the lines, B, and the results. A core waits for the host to write
/// two parameters into its memory, function and number of lines, and to release a lock; it reads
/// them and does what they say. The configuration is the same for either function, all that
/// differs is the host sequence. Throws Error when the lines do not fit.
Design build_select(const Select& select, const arch::Partition& partition);

}  // namespace npu::compiler::image
