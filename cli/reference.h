// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "compiler/matmul/problem.h"
#include "hw-model/arch/kernel.h"
#include "hw-model/logic/sample.h"

namespace npu::cli {

/// How a result compares with the reference, bit by bit.
struct Comparison {
  uint64_t elements = 0;
  uint64_t sampled = 0;  ///< of them, which had to be computed; the others hold marks. 0: all
  uint64_t mismatches = 0;
  // The first that differs, in the order of the rows.
  uint64_t row = 0;
  uint64_t column = 0;
  std::string expected;
  std::string got;
  // In words.
  std::string_view unit = "elements";
  std::string place;  ///< of the first that differs; empty: C[row,column]
};

/// Multiplies on the host and compares, sharing no code with the model's kernels. Floats: each
/// output is one chain of fused multiply-adds from +0 with k ascending, denormals taken and given
/// as zero, rounded to nearest even; a bf16 result is rounded once, at the end. Integers: 32 bits
/// that wrap, shifted right, rounded down and saturated when C is narrower. A bias is added to the
/// sum as one more product, by 1; last, where asked for, what has a sign becomes +0. `bias`: N
/// values of B's type, of a problem that has one.
///
/// With a `sample`, of which C is tiles side by side from its first element on, only its elements
/// are multiplied; every other one has to be the mark of its place, as it leaves a tile.
Comparison compare(const compiler::matmul::Problem& problem, std::span<const std::byte> a,
                   std::span<const std::byte> b, std::span<const std::byte> c,
                   std::span<const std::byte> bias = {}, const logic::Sample* sample = nullptr);

}  // namespace npu::cli
