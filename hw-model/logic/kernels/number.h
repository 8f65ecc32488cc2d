// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "hw-model/arch/types.h"

namespace npu::logic::kernels {

inline constexpr float kSmallestNormal = std::numeric_limits<float>::min();

/// A denormal becomes the zero of its sign (the core has none, hardware reference 6.2).
inline float flush(float x) {
  return std::fabs(x) < kSmallestNormal ? std::copysign(0.0f, x) : x;
}

/// An exact or nearly exact result as f32: rounded once to nearest even, flushed when it is below
/// the smallest normal number after rounding to 24 bits with unbounded exponent, as FTZ hardware
/// does.
inline float rounded(double x) {
  constexpr double kTiny = 0x1p-126 * (1 - 0x1p-25);
  const float result = static_cast<float>(x);
  return std::fabs(x) < kTiny ? std::copysign(0.0f, result) : result;
}

/// One step of the sequential policy: a fused multiply-add rounded to nearest even, denormals
/// flushed before and after.
inline float step(float a, float b, float c) {
  a = flush(a);
  b = flush(b);
  c = flush(c);
  const float result = std::fma(a, b, c);
  // Where the result may be denormal, two doubles are exact enough to tell; elsewhere they would
  // round twice.
  return std::fabs(result) <= kSmallestNormal ? rounded(double{a} * b + c) : result;
}

/// A product, rounded once; its factors are flushed before.
inline float times(float x, float y) {
  return rounded(double{flush(x)} * flush(y));
}

/// f32 to bf16. Floor is towards minus infinity. Denormals are flushed, a NaN becomes the quiet one
/// of its sign.
inline uint16_t to_bf16(float value, arch::Rounding rounding) {
  const uint32_t bits = std::bit_cast<uint32_t>(flush(value));
  const uint32_t negative = bits >> 31;
  const uint32_t nearest_even = 0x7FFF + (bits >> 16 & 1);
  const uint32_t up = rounding == arch::Rounding::Floor ? negative * 0xFFFF : nearest_even;
  const bool nan = (bits & 0x7FFFFFFF) > 0x7F800000;
  return static_cast<uint16_t>(nan ? negative << 15 | 0x7FC0 : (bits + up) >> 16);
}

/// i32 to a narrower integer: shifted right, rounded down, saturated.
template <typename Narrow>
Narrow saturated(int32_t value, int shift) {
  using Limits = std::numeric_limits<Narrow>;
  return static_cast<Narrow>(
      std::clamp<int64_t>(int64_t{value} >> shift, Limits::min(), Limits::max()));
}

}  // namespace npu::logic::kernels
