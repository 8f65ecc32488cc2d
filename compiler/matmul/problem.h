// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hw-model/arch/types.h"

namespace npu::compiler::matmul {

using arch::Layout;
using arch::Type;

/// What a sum meets on its way out of L1, in this order. The cast to a narrower C is part of every
/// matmul; this is how it is done.
struct Epilogue {
  /// A row of N values of B's type is added to every row of sums, as one more step of K.
  bool bias = false;
  /// Integers that are narrowed are divided by 2^shift, rounded down.
  int shift = 0;
  /// Sums are multiplied by it in f32, to nearest even; integers are narrowed then, to nearest
  /// even and saturated.
  float scale = 1;
  /// Of sums stored as bf16.
  arch::Rounding rounding = arch::Rounding::NearestEven;
  /// After the cast, what has a sign becomes +0.
  bool relu = false;
  bool operator==(const Epilogue&) const = default;
};

/// C[m,n] = A[m,k] B[k,n], `batch` times, on matrices that lie one after another. C is row-major. A
/// transposed operand is one in column-major order.
struct Problem {
  int64_t m = 512;
  int64_t k = 512;
  int64_t n = 512;
  Type a = Type::Bf16;
  Type b = Type::Bf16;
  Type c = Type::F32;
  Layout a_layout = Layout::Row;
  Layout b_layout = Layout::Row;
  int64_t batch = 1;
  Epilogue epilogue = {};

  /// Steps of K, that of a bias included.
  int64_t depth() const { return k + (epilogue.bias ? 1 : 0); }

  bool operator==(const Problem&) const = default;
};

/// Throws Error when a size is below 1 or the kernels know no such types.
void validate(const Problem& problem);

/// `m=512 k=512 n=640 bf16 bf16 f32 row row`
std::string to_string(const Problem& problem);

/// Cores that work together: columns along M, rows along N.
struct Herd {
  int columns = 1;
  int rows = 1;
  bool operator==(const Herd&) const = default;
};
/// `4x2`
std::string to_string(Herd herd);

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

/// Which extents of the loop over the cores decide into how many pieces an L2 buffer is cut.
enum class SplitL2 : uint8_t {
  Fixed,   ///< the first extent above 1
  Legacy,  ///< all of them: their greatest common divisor
};

/// Locks of an L2 buffer that several cores write.
enum class L2Locks : uint8_t {
  Shared,     ///< one pair that counts arrivals
  PerWriter,  ///< a pair for each writer
};

/// How a dimension that exceeds the wrap field of a shim descriptor is cut.
enum class WrapTiling : uint8_t {
  Default,  ///< by the largest divisor that fits
  Legacy,   ///< by 512, as in February 2024
};

/// What a user can choose.
/// Slices of A and B that L2 and L1 hold: one is filled while another is used.
struct Depths {
  int a_l2 = 2;
  int b_l2 = 2;
  int a_l1 = 2;  ///< 1 or 2: the program of a core knows two
  int b_l1 = 2;
};

struct Options {
  std::string strategy = "default";
  std::optional<Herd> herd;    ///< missing: the strategy decides
  std::optional<Tiles> tiles;  ///< missing: the strategy decides
  std::string schedule = "S0";
  SplitL2 split_l2 = SplitL2::Fixed;
  L2Locks l2_locks = L2Locks::Shared;
  WrapTiling wraps = WrapTiling::Default;
  Depths depths = {};
};

}  // namespace npu::compiler::matmul
