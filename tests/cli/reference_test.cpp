// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/reference.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "cli/inputs.h"

namespace npu::cli {
namespace {

using arch::Layout;
using arch::Type;
using compiler::matmul::Problem;
using Bytes = std::vector<std::byte>;

template <typename T>
T at(const Bytes& bytes, int64_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * static_cast<int64_t>(sizeof value), sizeof value);
  return value;
}

float flush(float x) {
  return std::fabs(x) < std::numeric_limits<float>::min() ? std::copysign(0.0F, x) : x;
}
float float_at(const Bytes& bytes, Type type, int64_t index) {
  return flush(type == Type::Bf16 ? arch::to_f32(at<uint16_t>(bytes, index))
                                  : at<float>(bytes, index));
}
int64_t integer_at(const Bytes& bytes, Type type, int64_t index) {
  return type == Type::I8    ? at<int8_t>(bytes, index)
         : type == Type::I16 ? at<int16_t>(bytes, index)
                             : at<int32_t>(bytes, index);
}

void store(Bytes& c, Type type, int64_t index, float value) {
  auto bits = std::bit_cast<uint32_t>(value);
  if (type == Type::Bf16) {
    const uint32_t half = bits & 0xFFFF;
    bits = (bits >> 16) + (half > 0x8000 || (half == 0x8000 && (bits >> 16 & 1)));
  }
  std::memcpy(c.data() + index * arch::bytes_of(type), &bits, arch::bytes_of(type));
}
void store(Bytes& c, Type type, int64_t index, int32_t value) {
  const int64_t high = type == Type::I8 ? 127 : type == Type::I16 ? 32767 : INT32_MAX;
  const auto narrow = static_cast<int32_t>(std::clamp<int64_t>(value, -high - 1, high));
  std::memcpy(c.data() + index * arch::bytes_of(type), &narrow, arch::bytes_of(type));
}

/// Three plain loops, one element after another.
Bytes multiply(const Problem& p, const Bytes& a, const Bytes& b) {
  Bytes c(static_cast<size_t>(p.m * p.n) * arch::bytes_of(p.c));
  for (int64_t i = 0; i < p.m; ++i)
    for (int64_t j = 0; j < p.n; ++j) {
      float sum = 0;
      uint32_t integer_sum = 0;
      for (int64_t k = 0; k < p.k; ++k) {
        const int64_t ai = p.a_layout == Layout::Row ? i * p.k + k : k * p.m + i;
        const int64_t bi = p.b_layout == Layout::Row ? k * p.n + j : j * p.k + k;
        if (arch::accumulator_of(p.a) == Type::F32)
          sum = flush(std::fma(float_at(a, p.a, ai), float_at(b, p.b, bi), sum));
        else
          integer_sum += static_cast<uint32_t>(integer_at(a, p.a, ai) * integer_at(b, p.b, bi));
      }
      if (arch::accumulator_of(p.a) == Type::F32)
        store(c, p.c, i * p.n + j, sum);
      else
        store(c, p.c, i * p.n + j, static_cast<int32_t>(integer_sum));
    }
  return c;
}

struct Case {
  Type operand;
  Type result;
  Inputs inputs;
};

class Reference : public testing::TestWithParam<Case> {
 protected:
  // Sizes that fill no panel.
  Problem problem() const {
    Problem p{.m = 7, .k = 37, .n = 70};
    p.a = p.b = GetParam().operand;
    p.c = GetParam().result;
    return p;
  }
  Bytes operand(const Problem& p, int which) const {
    return make_matrix(p.a, static_cast<uint64_t>(which == 0 ? p.m * p.k : p.k * p.n), 5,
                       static_cast<uint64_t>(which), GetParam().inputs);
  }
};

TEST_P(Reference, EqualsThreePlainLoops) {
  const Problem p = problem();
  const Bytes a = operand(p, 0);
  const Bytes b = operand(p, 1);
  EXPECT_EQ(compare(p, a, b, multiply(p, a, b)).mismatches, 0u);
}

TEST_P(Reference, ReadsColumnMajorOperands) {
  Problem p = problem();
  p.a_layout = p.b_layout = Layout::Column;
  const Bytes a = operand(p, 0);
  const Bytes b = operand(p, 1);
  EXPECT_EQ(compare(p, a, b, multiply(p, a, b)).mismatches, 0u);
}

TEST_P(Reference, SeesOneBit) {
  const Problem p = problem();
  const Bytes a = operand(p, 0);
  const Bytes b = operand(p, 1);
  Bytes c = multiply(p, a, b);
  c[static_cast<size_t>(5 * p.n + 66) * arch::bytes_of(p.c)] ^= std::byte{1};
  const Comparison found = compare(p, a, b, c);
  EXPECT_EQ(found.mismatches, 1u);
  EXPECT_EQ(found.row, 5u);
  EXPECT_EQ(found.column, 66u);
}

INSTANTIATE_TEST_SUITE_P(
    Types, Reference,
    testing::Values(
        Case{Type::Bf16, Type::F32, Inputs::Uniform}, Case{Type::Bf16, Type::Bf16, Inputs::Uniform},
        Case{Type::F32, Type::F32, Inputs::Uniform}, Case{Type::I8, Type::I32, Inputs::Uniform},
        Case{Type::I8, Type::I16, Inputs::Uniform}, Case{Type::I8, Type::I8, Inputs::Uniform},
        Case{Type::I16, Type::I32, Inputs::Uniform}, Case{Type::I32, Type::I32, Inputs::Uniform},
        Case{Type::Bf16, Type::F32, Inputs::Special}, Case{Type::F32, Type::F32, Inputs::Special},
        Case{Type::I8, Type::I8, Inputs::Special}, Case{Type::I32, Type::I32, Inputs::Special}));

TEST(ReferenceText, ShowsBothValuesOfTheFirstThatDiffers) {
  const Problem p{.m = 1, .k = 1, .n = 1, .a = Type::I8, .b = Type::I8, .c = Type::I8};
  const Comparison found =
      compare(p, Bytes{std::byte{100}}, Bytes{std::byte{2}}, Bytes{std::byte{5}});
  EXPECT_EQ(found.expected, "127");
  EXPECT_EQ(found.got, "5");
}

TEST(Inputs, OfOneSeedAreTheSame) {
  EXPECT_EQ(make_matrix(Type::Bf16, 100, 3, 0, Inputs::Uniform),
            make_matrix(Type::Bf16, 100, 3, 0, Inputs::Uniform));
}

TEST(Inputs, OfAnotherSeedDiffer) {
  EXPECT_NE(make_matrix(Type::Bf16, 100, 3, 0, Inputs::Uniform),
            make_matrix(Type::Bf16, 100, 4, 0, Inputs::Uniform));
}

TEST(Inputs, OfTheOtherOperandDiffer) {
  EXPECT_NE(make_matrix(Type::Bf16, 100, 3, 0, Inputs::Uniform),
            make_matrix(Type::Bf16, 100, 3, 1, Inputs::Uniform));
}

TEST(Inputs, KeepTheirBytesFromReleaseToRelease) {
  const Bytes bytes = make_matrix(Type::I32, 2, 1, 0, Inputs::Uniform);
  EXPECT_EQ(at<uint32_t>(bytes, 0), 0xb18a02f4u);
  EXPECT_EQ(at<uint32_t>(bytes, 1), 0x6c5795e1u);
}

TEST(Inputs, UniformFloatsLieBetweenMinusOneAndOne) {
  const Bytes bytes = make_matrix(Type::F32, 10'000, 1, 0, Inputs::Uniform);
  float low = 0;
  float high = 0;
  for (int64_t i = 0; i < 10'000; ++i) {
    low = std::min(low, at<float>(bytes, i));
    high = std::max(high, at<float>(bytes, i));
  }
  EXPECT_GE(low, -1.0F);
  EXPECT_LT(low, -0.99F);
  EXPECT_LT(high, 1.0F);
  EXPECT_GT(high, 0.99F);
}

}  // namespace
}  // namespace npu::cli
