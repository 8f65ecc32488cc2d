// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/sample.h"

#include <array>
#include <bit>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace npu::logic {
namespace {

using arch::KernelSpec;
using arch::Type;
using Bytes = std::vector<std::byte>;

class SampledKernel : public testing::TestWithParam<const char*> {
 protected:
  SampledKernel() : spec_(arch::parse_kernel(GetParam())), block_(arch::matmul_block(spec_.a)) {}

  Bytes operand(int rows, int columns, Type type) {
    Bytes bytes(static_cast<size_t>(rows * columns) * arch::bytes_of(type));
    for (size_t at = 0; at < bytes.size(); at += arch::bytes_of(type)) {
      const float number = static_cast<float>(static_cast<int>(random_() % 255) - 127);
      const auto bits = std::bit_cast<uint32_t>(number);
      const uint32_t word = type == Type::Bf16  ? bits >> 16
                            : type == Type::F32 ? bits
                                                : static_cast<uint32_t>(random_());
      std::memcpy(&bytes[at], &word, arch::bytes_of(type));
    }
    return bytes;
  }
  /// Whether two tiles of C have the same bits at a row and column.
  bool same_at(const Bytes& x, const Bytes& y, int row, int column) const {
    const int block = row / block_.m * (spec_.n / block_.n) + column / block_.n;
    const int at = block * block_.m * block_.n + row % block_.m * block_.n + column % block_.n;
    const size_t bytes = arch::bytes_of(spec_.c);
    return std::memcmp(&x[static_cast<size_t>(at) * bytes], &y[static_cast<size_t>(at) * bytes],
                       bytes) == 0;
  }

  KernelSpec spec_;
  arch::MatmulBlock block_;
  std::mt19937 random_{7};
};

TEST_P(SampledKernel, ComputesItsElementsAsTheFullOneDoesAndNoOther) {
  Bytes a = operand(spec_.m, spec_.k, spec_.a);
  Bytes b = operand(spec_.k, spec_.n, spec_.b);
  const Bytes before = operand(spec_.m, spec_.n, spec_.c);
  Bytes full = before;
  Bytes some = before;
  find_kernel(spec_).run(spec_, std::array{a.data(), b.data(), full.data()});
  SampledMatmul(spec_, 3)(std::array{a.data(), b.data(), some.data()});
  const Sample sample(spec_, 3);
  int others = 0;
  for (int row = 0; row < spec_.m; ++row)
    for (int column = 0; column < spec_.n; ++column)
      if (sample.has(row, column))
        EXPECT_TRUE(same_at(full, some, row, column)) << row << ',' << column;
      else
        others += same_at(full, some, row, column) ? 0 : 1;
  EXPECT_GT(others, spec_.m * spec_.n / 4);
}

TEST_P(SampledKernel, UsesEachRowOfAAndEachColumnOfB) {
  const Sample sample(spec_, 11);
  for (int row = 0; row < spec_.m; ++row) {
    bool used = false;
    for (int column = 0; column < spec_.n; ++column)
      used |= sample.has(row, column);
    EXPECT_TRUE(used) << "row " << row;
  }
  for (int column = 0; column < spec_.n; ++column) {
    bool used = false;
    for (int row = 0; row < spec_.m; ++row)
      used |= sample.has(row, column);
    EXPECT_TRUE(used) << "column " << column;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kernels, SampledKernel,
    testing::Values("matmul bf16 bf16 f32 64x64x64", "matmul bf16 bf16 f32 32x16x64 overwrite",
                    "matmul bf16 bf16 bf16 64x32x32 at bt", "matmul i8 i8 i32 64x64x64 at",
                    "matmul i8 i8 i8 32x64x64 bt shift=6", "matmul i16 i16 i32 24x32x40",
                    "matmul f32 f32 f32 20x8x44 bt", "matmul i32 i32 i32 32x24x32"));

const KernelSpec kTile = arch::parse_kernel("matmul bf16 bf16 f32 64x64x64");

TEST(Sample, OfATileIsTheSameForEveryStepOfK) {
  KernelSpec other = kTile;
  other.k = 8;
  other.overwrite = true;
  const Sample one(kTile, 5);
  const Sample two(other, 5);
  for (int row = 0; row < 64; ++row)
    for (int column = 0; column < 64; ++column)
      EXPECT_EQ(one.has(row, column), two.has(row, column));
}

TEST(Sample, OfAnotherSeedIsAnother) {
  const Sample one(kTile, 5);
  const Sample two(kTile, 6);
  int differ = 0;
  for (int row = 0; row < 64; ++row)
    for (int column = 0; column < 64; ++column)
      differ += one.has(row, column) != two.has(row, column) ? 1 : 0;
  EXPECT_GT(differ, 0);
}

TEST(Sample, IsASixteenthOfATileOfSixteenBlocksASide) {
  const Sample sample(kTile, 5);
  int computed = 0;
  for (int row = 0; row < 64; ++row)
    for (int column = 0; column < 64; ++column)
      computed += sample.has(row, column) ? 1 : 0;
  EXPECT_EQ(computed, 64 * 64 / 16);
}

}  // namespace
}  // namespace npu::logic
