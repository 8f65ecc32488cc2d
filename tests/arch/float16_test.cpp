// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Floats of 16 bits against their definition: every value, and every middle between two.
#include "hw-model/arch/float16.h"

#include <cmath>

#include <gtest/gtest.h>

namespace npu::arch {
namespace {

/// What the bits stand for by IEEE 754: sign, exponent, mantissa.
double value_of(unsigned bits, int mantissa) {
  const int bias = (1 << (14 - mantissa)) - 1;
  const int exponent = static_cast<int>(bits >> mantissa) & (2 * bias + 1);
  const unsigned fraction = bits & ((1u << mantissa) - 1);
  const double size = exponent == 0
                          ? std::ldexp(fraction, 1 - bias - mantissa)
                          : std::ldexp(fraction + (1u << mantissa), exponent - bias - mantissa);
  return bits >> 15 != 0 ? -size : size;
}

class Float16 : public ::testing::TestWithParam<int> {
 protected:
  int mantissa() const { return GetParam(); }
  unsigned infinity() const { return 0x7FFFu >> mantissa() << mantissa(); }
  uint16_t rounded(double value) const { return to_float16(value, mantissa()); }
};

TEST_P(Float16, EveryNumberStaysWhatItIs) {
  for (unsigned bits = 0; bits < infinity(); ++bits) {
    ASSERT_EQ(rounded(value_of(bits, mantissa())), bits);
    ASSERT_EQ(rounded(value_of(bits | 0x8000, mantissa())), bits | 0x8000);
  }
}

TEST_P(Float16, WhatLiesBetweenTwoGoesToTheNearerAndFromTheMiddleToTheEven) {
  // Infinity counts as the number that its bits would be if there were one more exponent.
  for (unsigned bits = 0; bits < infinity(); ++bits) {
    const double middle = (value_of(bits, mantissa()) + value_of(bits + 1, mantissa())) / 2;
    ASSERT_EQ(rounded(middle), bits % 2 == 0 ? bits : bits + 1);
    ASSERT_EQ(rounded(std::nextafter(middle, 0)), bits);
    ASSERT_EQ(rounded(std::nextafter(middle, HUGE_VAL)), bits + 1);
    ASSERT_EQ(rounded(-middle), (bits % 2 == 0 ? bits : bits + 1) | 0x8000);
  }
}

TEST_P(Float16, WhatIsTooLargeIsInfinite) {
  EXPECT_EQ(rounded(1e300), infinity());
  EXPECT_EQ(rounded(-HUGE_VAL), infinity() | 0x8000);
}

TEST_P(Float16, WhatIsTooSmallIsZeroWithItsSign) {
  EXPECT_EQ(rounded(5e-324), 0);
  EXPECT_EQ(rounded(-1e-300), 0x8000);
}

TEST_P(Float16, NanStaysOneAndKeepsItsSign) {
  EXPECT_EQ(rounded(std::nan("")), infinity() | 1u << (mantissa() - 1));
  EXPECT_EQ(rounded(-std::nan("")) >> 15, 1);
}

INSTANTIATE_TEST_SUITE_P(Both, Float16, ::testing::Values(kF16Mantissa, kBf16Mantissa),
                         [](const auto& mantissa) {
                           return mantissa.param == kF16Mantissa ? "F16" : "Bf16";
                         });

TEST(Bf16, IsRoundedFromAnF32AsFromAnyNumber) {
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += 0x3FF7) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    ASSERT_EQ(to_bf16(value), to_bf16(static_cast<double>(value))) << std::hex << bits;
  }
}

TEST(F16, EveryNumberIsAnF32) {
  for (const unsigned sign : {0x0000u, 0x8000u})
    for (unsigned bits = sign; bits < sign + 0x7C00; ++bits)
      ASSERT_EQ(f16_to_f32(static_cast<uint16_t>(bits)), value_of(bits, kF16Mantissa)) << bits;
}

TEST(F16, EveryPatternComesBackFromAnF32) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const unsigned quiet = (bits & 0x7FFF) > 0x7C00 ? bits | 0x0200 : bits;
    ASSERT_EQ(to_f16(f16_to_f32(static_cast<uint16_t>(bits))), quiet);
  }
}

}  // namespace
}  // namespace npu::arch
