// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/alu.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "hw-model/arch/float16.h"

namespace npu::logic {
namespace {

using arch::Instruction;
using arch::Op;
using arch::Type;

int64_t run(Op op, int64_t a, int64_t b = 0, Type type = Type::I32, int64_t dst = 0) {
  return compute({.op = op, .type = type}, a, b, dst);
}
int64_t bits(float value) {
  return std::bit_cast<uint32_t>(value);
}
float real(int64_t value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value));
}
float real(Op op, float a, float b = 0, float dst = 0) {
  return real(run(op, bits(a), bits(b), Type::F32, bits(dst)));
}
constexpr int64_t kLowest = std::numeric_limits<int32_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int32_t>::max();

TEST(Alu, IntegersWrapAtTheWidthOfTheirType) {
  EXPECT_EQ(run(Op::Add, 127, 1, Type::I8), -128);
  EXPECT_EQ(run(Op::Sub, -32768, 1, Type::I16), 32767);
  EXPECT_EQ(run(Op::Mul, 0x10000, 0x10000), 0);
}

TEST(Alu, DivisionTruncatesTowardsZero) {
  EXPECT_EQ(run(Op::Div, -7, 2), -3);
  EXPECT_EQ(run(Op::Rem, -7, 2), -1);
}

TEST(Alu, DivisionByZeroGivesZero) {
  for (const Op op : {Op::Div, Op::DivU, Op::Rem, Op::RemU})
    EXPECT_EQ(run(op, 5, 0), 0);
}

TEST(Alu, TheOneQuotientThatOverflowsWraps) {
  EXPECT_EQ(run(Op::Div, kLowest, -1), kLowest);
  EXPECT_EQ(run(Op::Rem, kLowest, -1), 0);
  EXPECT_EQ(run(Op::Div, std::numeric_limits<int64_t>::min(), -1), 0);
}

TEST(Alu, UnsignedOperationsSeeTheBitsOfTheType) {
  EXPECT_EQ(run(Op::DivU, -1, 2, Type::I8), 127);
  EXPECT_EQ(run(Op::RemU, -1, 16, Type::I8), 15);
  EXPECT_EQ(run(Op::ShrU, -1, 28), 15);
  EXPECT_EQ(run(Op::MinU, -1, 1), 1);
  EXPECT_EQ(run(Op::MaxU, -1, 1), -1);
  EXPECT_EQ(run(Op::CmpLtU, 1, -1), 1);
  EXPECT_EQ(run(Op::CmpLeU, -1, 1), 0);
}

TEST(Alu, SignedOperationsSeeTheSign) {
  EXPECT_EQ(run(Op::Shr, -8, 1), -4);
  EXPECT_EQ(run(Op::Min, -1, 1), -1);
  EXPECT_EQ(run(Op::Max, -1, 1), 1);
  EXPECT_EQ(run(Op::CmpLt, -1, 1), 1);
  EXPECT_EQ(run(Op::CmpLe, 1, -1), 0);
}

TEST(Alu, ComparisonsGiveOneOrZero) {
  EXPECT_EQ(run(Op::CmpEq, 4, 4), 1);
  EXPECT_EQ(run(Op::CmpEq, 4, 5), 0);
  EXPECT_EQ(run(Op::CmpNe, 4, 5), 1);
  EXPECT_EQ(real(Op::FCmpLt, 1, 2) == 0, false);
  EXPECT_EQ(run(Op::FCmpEq, bits(2), bits(2), Type::F32), 1);
  EXPECT_EQ(run(Op::FCmpLe, bits(3), bits(2), Type::F32), 0);
}

TEST(Alu, NanIsUnequalToItself) {
  const int64_t nan = bits(std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(run(Op::FCmpEq, nan, nan, Type::F32), 0);
  EXPECT_EQ(run(Op::FCmpNe, nan, nan, Type::F32), 1);
}

TEST(Alu, LogicIsBitwise) {
  EXPECT_EQ(run(Op::And, 0b1100, 0b1010), 0b1000);
  EXPECT_EQ(run(Op::Or, 0b1100, 0b1010), 0b1110);
  EXPECT_EQ(run(Op::Xor, 0b1100, 0b1010), 0b0110);
}

TEST(Alu, ShiftBeyondTheWidthLeavesNothing) {
  EXPECT_EQ(run(Op::Shl, 1, 32), 0);
  EXPECT_EQ(run(Op::ShrU, -1, 32), 0);
  EXPECT_EQ(run(Op::Shr, -1, 40), -1);
}

TEST(Alu, ShiftLeftExtendsTheSign) {
  EXPECT_EQ(run(Op::Shl, 1, 31), kLowest);
}

TEST(Alu, ConstantsAreSignExtended) {
  EXPECT_EQ(compute({.op = Op::Const, .imm = -5}, 0, 0, 0), -5);
}

TEST(Alu, ConstHighReplacesTheUpperHalf) {
  EXPECT_EQ(compute({.op = Op::ConstHigh, .imm = 7}, 0, 0, -1), 0x7'FFFF'FFFF);
}

TEST(Alu, AddImmediateIs64BitsWide) {
  EXPECT_EQ(compute({.op = Op::AddImm, .imm = 1}, kHighest, 0, 0), kHighest + 1);
}

TEST(Alu, SelectChoosesByItsTarget) {
  EXPECT_EQ(run(Op::Select, 10, 20, Type::I32, 1), 10);
  EXPECT_EQ(run(Op::Select, 10, 20, Type::I32, 0), 20);
}

TEST(Alu, NopKeepsItsTarget) {
  EXPECT_EQ(run(Op::Nop, 1, 2, Type::I32, 3), 3);
}

TEST(Alu, FloatsAreSinglePrecision) {
  EXPECT_EQ(real(Op::FAdd, 16777216.0f, 1.0f), 16777216.0f);
  EXPECT_EQ(real(Op::FSub, 1, 3), -2);
  EXPECT_EQ(real(Op::FMul, 1.5f, -2), -3);
  EXPECT_EQ(real(Op::FDiv, 1, 3), 1.0f / 3);
  EXPECT_EQ(real(Op::FNeg, 2), -2);
  EXPECT_EQ(real(Op::FAbs, -2), 2);
  EXPECT_EQ(real(Op::FSqrt, 9), 3);
  EXPECT_EQ(real(Op::FRsqrt, 4), 0.5f);
  EXPECT_EQ(real(Op::FExp, 0), 1);
  EXPECT_EQ(real(Op::FTanh, 0), 0);
}

TEST(Alu, MinimumAndMaximumPassOverNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(real(Op::FMin, nan, 2), 2);
  EXPECT_EQ(real(Op::FMax, 2, nan), 2);
}

TEST(Alu, FusedMultiplyAddRoundsOnce) {
  const float a = 1 + std::ldexp(1.0f, -12);
  EXPECT_EQ(real(Op::FFma, a, a, -1), std::fma(a, a, -1.0f));
  EXPECT_NE(real(Op::FFma, a, a, -1), static_cast<float>(a * a) - 1);
}

int64_t converted(Type from, Type to, int64_t value) {
  return compute({.op = Op::Convert, .type = to, .b = static_cast<uint8_t>(from)}, value, 0, 0);
}

TEST(AluConvert, FloatToIntegerTruncates) {
  EXPECT_EQ(converted(Type::F32, Type::I32, bits(-2.9f)), -2);
}

TEST(AluConvert, FloatToIntegerSaturates) {
  EXPECT_EQ(converted(Type::F32, Type::I8, bits(1000)), 127);
  EXPECT_EQ(converted(Type::F32, Type::I8, bits(-1000)), -128);
  EXPECT_EQ(converted(Type::F32, Type::I32, bits(1e20f)), kHighest);
}

TEST(AluConvert, FloatTo64BitsSaturates) {
  EXPECT_EQ(converted(Type::F32, Type::I64, bits(1e30f)), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(converted(Type::F32, Type::I64, bits(-1e30f)), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(converted(Type::F32, Type::I64, bits(0x1p40f)), int64_t{1} << 40);
}

TEST(AluFloat, MinimumAndMaximumOfANanAreNan) {
  for (const Op op : {Op::FMinimum, Op::FMaximum}) {
    EXPECT_TRUE(std::isnan(real(compute({.op = op}, bits(std::nanf("")), bits(1), 0))));
    EXPECT_TRUE(std::isnan(real(compute({.op = op}, bits(1), bits(std::nanf("")), 0))));
  }
  EXPECT_EQ(real(compute({.op = Op::FMaximum}, bits(2), bits(1), 0)), 2);
  EXPECT_EQ(real(compute({.op = Op::FMinimum}, bits(2), bits(1), 0)), 1);
}

TEST(AluConvert, NanBecomesZero) {
  EXPECT_EQ(converted(Type::F32, Type::I32, bits(std::nanf(""))), 0);
}

TEST(AluConvert, IntegerToFloatRoundsToNearest) {
  EXPECT_EQ(real(converted(Type::I32, Type::F32, 16777217)), 16777216.0f);
}

TEST(AluConvert, IntegerToBf16HasTheValueOfABf16) {
  EXPECT_EQ(real(converted(Type::I32, Type::Bf16, 257)), 256.0f);
}

TEST(AluConvert, FloatToBf16RoundsToNearestEven) {
  EXPECT_EQ(converted(Type::F32, Type::Bf16, 0x3F80'8000), 0x3F80'0000);
  EXPECT_EQ(converted(Type::F32, Type::Bf16, 0x3F81'8000), 0x3F82'0000);
  EXPECT_EQ(converted(Type::F32, Type::Bf16, 0x3F80'8001), 0x3F81'0000);
}

TEST(AluConvert, NarrowingIntegersKeepsTheLowBits) {
  EXPECT_EQ(converted(Type::I32, Type::I8, 0x1FF), -1);
}

TEST(AluMemory, LoadExtendsTheSignOfIntegers) {
  const std::array<std::byte, 4> memory{std::byte{0xFE}, std::byte{0xFF}, std::byte{0},
                                        std::byte{0}};
  EXPECT_EQ(load(memory.data(), Type::I8), -2);
  EXPECT_EQ(load(memory.data(), Type::I16), -2);
  EXPECT_EQ(load(memory.data(), Type::I32), 0xFFFE);
}

TEST(AluConvert, FloatToF16RoundsToNearestEven) {
  EXPECT_EQ(real(converted(Type::F32, Type::F16, bits(2049))), 2048.0f);
  EXPECT_EQ(real(converted(Type::F32, Type::F16, bits(2051))), 2052.0f);
  EXPECT_EQ(real(converted(Type::F32, Type::F16, bits(65519))), 65504.0f);
  EXPECT_TRUE(std::isinf(real(converted(Type::F32, Type::F16, bits(65520)))));
  EXPECT_EQ(real(converted(Type::F32, Type::F16, bits(0x1.8p-25f))), 0x1p-24f);
}

TEST(AluConvert, IntegersAreRoundedOnce) {
  // 257.5 and a little: as f32 it is the middle, which would go to the even 256.
  const int64_t above = (int64_t{0x101} << 32) + 1;
  EXPECT_EQ(real(converted(Type::I64, Type::Bf16, above)), 0x1.02p40f);
  EXPECT_EQ(real(converted(Type::I64, Type::Bf16, -above)), -0x1.02p40f);
  EXPECT_EQ(real(converted(Type::I64, Type::F32, (int64_t{0x1000001} << 32) + 1)), 0x1.000002p56f);
  EXPECT_EQ(real(converted(Type::I64, Type::F32, std::numeric_limits<int64_t>::max())), 0x1p63f);
  EXPECT_TRUE(std::isinf(real(converted(Type::I64, Type::F16, 65520))));
}

TEST(AluFloat, MultiplyAddIsRoundedOnceToItsType) {
  const auto fused = [](Type type, float a, float b, float c) {
    return real(run(Op::FFma, bits(a), bits(b), type, bits(c)));
  };
  // As f32 these are the middle between two numbers of the type.
  EXPECT_EQ(fused(Type::F16, 0x1p-15f, 0x1p-16f, 1 + 0x1p-10f), 1 + 0x1p-10f);
  EXPECT_EQ(fused(Type::Bf16, 1.75f, 37.0f / 64, -0x1p-100f), 258.0f / 256);
  EXPECT_EQ(fused(Type::Bf16, 2.25f, 29.0f / 64, 0x1p-100f), 262.0f / 256);
  EXPECT_TRUE(std::isinf(fused(Type::F16, 256, 256, 0)));
  EXPECT_TRUE(std::isnan(fused(Type::F16, HUGE_VALF, 0, 1)));
}

TEST(AluFloat, MultiplyAddOfRandomF16IsTheNearestToTheExactSum) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::array<float, 3> x;
    for (float& value : x)
      value = arch::f16_to_f32(static_cast<uint16_t>(random()));
    // 53 bits are enough for a product and a sum of numbers of 11 bits to be rounded twice.
    const double sum = std::fma(double{x[0]}, double{x[1]}, double{x[2]});
    const float result = real(run(Op::FFma, bits(x[0]), bits(x[1]), Type::F16, bits(x[2])));
    ASSERT_EQ(arch::to_f16(result) & 0x7FFF, arch::to_f16(sum) & 0x7FFF)
        << x[0] << " * " << x[1] << " + " << x[2];
  }
}

TEST(AluMemory, F16IsAnF32InRegisters) {
  std::array<std::byte, 2> memory{std::byte{0x01}, std::byte{0x00}};
  EXPECT_EQ(real(load(memory.data(), Type::F16)), 0x1p-24f);
  store(memory.data(), Type::F16, bits(-1.5f));
  EXPECT_EQ(memory, (std::array{std::byte{0x00}, std::byte{0xBE}}));
}

TEST(AluMemory, LoadOfBf16GivesAFloat) {
  const std::array<std::byte, 2> memory{std::byte{0xC0}, std::byte{0x3F}};
  EXPECT_EQ(real(load(memory.data(), Type::Bf16)), 1.5f);
}

TEST(AluMemory, StoreOfBf16RoundsToNearestEven) {
  std::array<std::byte, 2> memory{};
  store(memory.data(), Type::Bf16, 0x3F81'8000);
  EXPECT_EQ(memory, (std::array{std::byte{0x82}, std::byte{0x3F}}));
}

TEST(AluMemory, StoreOfNanToBf16StaysNan) {
  std::array<std::byte, 2> memory{};
  store(memory.data(), Type::Bf16, 0x7F80'0001);
  EXPECT_TRUE(std::isnan(real(load(memory.data(), Type::Bf16))));
}

TEST(AluMemory, StoreWritesNoMoreThanItsType) {
  for (const arch::TypeRow& row : arch::kTypes) {
    std::array<std::byte, 8> memory{};
    store(memory.data(), row.type, -1);
    for (size_t i = row.bytes; i < memory.size(); ++i)
      EXPECT_EQ(memory[i], std::byte{0}) << row.name;
  }
}

}  // namespace
}  // namespace npu::logic
