// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <vector>

#include "hw-model/arch/kernel.h"

// Kernels once more, on plain row-major matrices, one element at a time. Shares nothing with the
// code under test.

namespace npu::logic::reference {

using arch::Rounding;
using arch::Type;
using Bytes = std::vector<std::byte>;

/// Any element fits a double, signed zeros included.
inline double load(Type type, const Bytes& bytes, size_t at) {
  const auto as = [&](auto value) {
    std::memcpy(&value, &bytes[at * sizeof(value)], sizeof(value));
    return value;
  };
  switch (type) {
    case Type::Bf16:
      return arch::to_f32(as(uint16_t{}));
    case Type::F32:
      return as(float{});
    case Type::I8:
      return as(int8_t{});
    case Type::I16:
      return as(int16_t{});
    case Type::I32:
      return as(int32_t{});
    case Type::F16:
    case Type::I64:
      break;
  }
  return 0;
}

/// The element must be exactly representable.
inline void store(Type type, double value, Bytes& bytes, size_t at) {
  const auto as = [&](auto element) {
    std::memcpy(&bytes[at * sizeof(element)], &element, sizeof(element));
  };
  switch (type) {
    case Type::Bf16:
      return as(static_cast<uint16_t>(std::bit_cast<uint32_t>(static_cast<float>(value)) >> 16));
    case Type::F32:
      return as(static_cast<float>(value));
    case Type::I8:
      return as(static_cast<int8_t>(value));
    case Type::I16:
      return as(static_cast<int16_t>(value));
    case Type::I32:
      return as(static_cast<int32_t>(value));
    case Type::F16:
    case Type::I64:
      break;
  }
}

inline float flush(float x) {
  return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x;
}

/// A fused multiply-add that flushes. Where the result may be denormal it is taken 2^64 higher,
/// where none are.
inline float chain_step(float a, float b, float c) {
  a = flush(a);
  b = flush(b);
  c = flush(c);
  const float result = std::fma(a, b, c);
  if (result == 0 || !(std::fabs(result) <= std::numeric_limits<float>::min()))
    return result;
  if (std::fabs(a) > std::fabs(b))
    std::swap(a, b);
  const float high = std::fma(std::ldexp(a, 64), b, std::ldexp(c, 64));
  return std::fabs(high) < 0x1p-62f ? std::copysign(0.0f, high) : std::ldexp(high, -64);
}

inline int32_t wrapped(int64_t x) {
  return static_cast<int32_t>(static_cast<uint32_t>(x));
}

/// The bf16 below or nearest to a float, found among its two neighbours by distance.
inline double round_to_bf16(float x, Rounding rounding) {
  x = flush(x);
  if (!std::isfinite(x))
    return x;
  const uint32_t bits = std::bit_cast<uint32_t>(x) & 0xFFFF0000;
  const auto inner = double{std::bit_cast<float>(bits)};
  if (inner == double{x})
    return inner;
  // One unit further from zero; 2^128 stands for what becomes infinite.
  const int exponent = std::max(static_cast<int>(bits >> 23 & 0xFF), 1) - 127;
  const double outer = inner + std::copysign(std::ldexp(1.0, exponent - 7), x);
  double chosen = x > 0 ? inner : outer;
  if (rounding == Rounding::NearestEven) {
    const double to_inner = std::fabs(x - inner), to_outer = std::fabs(outer - x);
    const bool inner_even = (bits >> 16 & 1) == 0;
    chosen = to_inner < to_outer || (to_inner == to_outer && inner_even) ? inner : outer;
  }
  return std::fabs(chosen) >= 0x1p128 ? std::copysign(HUGE_VAL, x) : chosen;
}

/// floor(x / 2^shift), saturated to the type.
inline double narrow(Type type, int32_t x, int shift) {
  const double limit = std::ldexp(1.0, static_cast<int>(8 * arch::bytes_of(type)) - 1);
  return std::clamp(std::floor(std::ldexp(static_cast<double>(x), -shift)), -limit, limit - 1);
}

/// Where element (row, column) of a matrix lies when packed in blocks, each of them transposed or
/// not.
struct Packing {
  int columns;
  int block_rows;
  int block_columns;
  bool transposed;

  size_t operator()(int row, int column) const {
    const int r = row % block_rows, c = column % block_columns;
    const int block = row / block_rows * (columns / block_columns) + column / block_columns;
    const int within = transposed ? c * block_rows + r : r * block_columns + c;
    return static_cast<size_t>(block * block_rows * block_columns + within);
  }
};

/// One output of a matmul from a row of A, a column of B and the element of C before.
inline double dot(const arch::KernelSpec& spec, const std::vector<double>& row,
                  const std::vector<double>& column, double before) {
  if (arch::accumulator_of(spec.a) == Type::F32) {
    float sum = spec.overwrite ? 0.0f : static_cast<float>(before);
    for (size_t k = 0; k < row.size(); ++k)
      sum = chain_step(static_cast<float>(row[k]), static_cast<float>(column[k]), sum);
    return spec.c == Type::Bf16 ? round_to_bf16(sum, spec.rounding) : double{sum};
  }
  int32_t sum = spec.overwrite ? 0 : static_cast<int32_t>(before);
  for (size_t k = 0; k < row.size(); ++k) {
    const int64_t product = static_cast<int64_t>(row[k]) * static_cast<int64_t>(column[k]);
    sum = wrapped(int64_t{sum} + wrapped(product));
  }
  return spec.c == Type::I32 ? static_cast<double>(sum) : narrow(spec.c, sum, spec.shift);
}

inline Bytes matmul(const arch::KernelSpec& spec, const Bytes& a, const Bytes& b, Bytes c) {
  const arch::MatmulBlock block = arch::matmul_block(spec.a);
  const Packing in_a{spec.k, block.m, block.k, spec.a_transposed};
  const Packing in_b{spec.n, block.k, block.n, spec.b_transposed};
  const Packing in_c{spec.n, block.m, block.n, false};
  std::vector<double> row(static_cast<size_t>(spec.k)), column(static_cast<size_t>(spec.k));
  for (int i = 0; i < spec.m; ++i)
    for (int j = 0; j < spec.n; ++j) {
      for (int k = 0; k < spec.k; ++k) {
        row[static_cast<size_t>(k)] = load(spec.a, a, in_a(i, k));
        column[static_cast<size_t>(k)] = load(spec.b, b, in_b(k, j));
      }
      const size_t at = in_c(i, j);
      store(spec.c, dot(spec, row, column, load(spec.c, c, at)), c, at);
    }
  return c;
}

}  // namespace npu::logic::reference
