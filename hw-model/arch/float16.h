// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "hw-model/arch/types.h"

// Floats of 16 bits: bf16, and f16 of IEEE 754.
namespace npu::arch {

inline constexpr int kBf16Mantissa = 7;
inline constexpr int kF16Mantissa = 10;

/// The bits of a number in a float of 16 bits with that many bits of mantissa: rounded once, to
/// nearest even, beyond the largest to infinity. A NaN keeps the upper bits of its mantissa and is
/// quiet.
constexpr uint16_t to_float16(double value, int mantissa) {
  const int bias = (1 << (14 - mantissa)) - 1;
  const uint64_t infinity = uint64_t(2 * bias + 1) << mantissa;
  const auto raw = std::bit_cast<uint64_t>(value);
  const uint64_t sign = raw >> 63 << 15;
  const uint64_t fraction = raw & ((uint64_t{1} << 52) - 1);
  if (value != value)
    return static_cast<uint16_t>(sign | infinity | uint64_t{1} << (mantissa - 1) |
                                 fraction >> (52 - mantissa));
  const int exponent = static_cast<int>(raw >> 52 & 0x7FF) - 1023;
  // Below the least normal number the unit stays the same.
  const int unit = std::max(exponent, 1 - bias);
  const int shift = std::min(52 - mantissa + unit - exponent, 63);
  const uint64_t significand = fraction | uint64_t{1} << 52;
  const uint64_t rest = significand & ((uint64_t{1} << shift) - 1);
  const uint64_t half = uint64_t{1} << (shift - 1);
  const uint64_t kept = significand >> shift;
  const uint64_t rounded = kept + (rest > half || (rest == half && kept % 2 == 1) ? 1 : 0);
  // The leading bit of a normal number adds one to the exponent.
  return static_cast<uint16_t>(
      sign | std::min((static_cast<uint64_t>(unit - 1 + bias) << mantissa) + rounded, infinity));
}

constexpr uint16_t to_bf16(double value) {
  return to_float16(value, kBf16Mantissa);
}
/// The same, fast: bf16 is the upper half of an f32.
constexpr uint16_t to_bf16(float value) {
  const auto raw = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = value != value ? raw | 0x40'0000 : raw + 0x7FFF + (raw >> 16 & 1);
  return static_cast<uint16_t>(rounded >> 16);
}
constexpr uint16_t to_f16(double value) {
  return to_float16(value, kF16Mantissa);
}

/// The value of an f16, which an f32 always has.
constexpr float f16_to_f32(uint16_t f16) {
  const uint32_t sign = uint32_t{f16} >> 15 << 31;
  const uint32_t magnitude = f16 & 0x7FFF;
  if (magnitude < 0x0400) {
    const float value = static_cast<float>(magnitude) * 0x1p-24f;
    return sign != 0 ? -value : value;
  }
  const uint32_t exponent_offset = magnitude < 0x7C00 ? 112u << 23 : 224u << 23;
  return std::bit_cast<float>(sign | ((magnitude << 13) + exponent_offset));
}

/// The bits of a number that is rounded to a type of floats, and the value of such bits.
constexpr uint32_t float_bits(double value, Type type) {
  if (type == Type::Bf16)
    return to_bf16(value);
  return type == Type::F16 ? to_f16(value) : std::bit_cast<uint32_t>(static_cast<float>(value));
}
constexpr uint32_t float_bits(float value, Type type) {
  if (type == Type::Bf16)
    return to_bf16(value);
  return type == Type::F16 ? to_f16(value) : std::bit_cast<uint32_t>(value);
}
constexpr float float_value(uint32_t bits, Type type) {
  if (type == Type::Bf16)
    return to_f32(static_cast<uint16_t>(bits));
  return type == Type::F16 ? f16_to_f32(static_cast<uint16_t>(bits)) : std::bit_cast<float>(bits);
}

}  // namespace npu::arch
