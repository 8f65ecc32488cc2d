// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/timing.h"

#include <gtest/gtest.h>

#include "tests/arch/error_text.h"

namespace npu::arch {
namespace {

Timing with_row(KernelOp op, Type a, Type c, double rate, double per_block, double setup) {
  Timing timing;
  timing.kernels.push_back({op, a, c, {rate}, {per_block}, {setup}});
  return timing;
}

TEST(KernelCycles, OfAMatmulAreSetupPlusMacsPlusBlocks) {
  const Timing timing = with_row(KernelOp::Matmul, Type::Bf16, Type::F32, 128, 6, 100);
  // 64 x 64 x 64 MACs at 128 a cycle, and 16 x 16 blocks of 4 x 4.
  EXPECT_EQ(timing.kernel_cycles(parse_kernel("matmul bf16 bf16 f32 64x64x64")),
            100u + 2048u + 256u * 6u);
}

TEST(KernelCycles, CountABlockThatIsPartlyFilled) {
  const Timing timing = with_row(KernelOp::Matmul, Type::I8, Type::I32, 256, 10, 0);
  // 5 x 9 of C in blocks of 4 x 8: 2 x 2 of them.
  EXPECT_EQ(timing.kernel_cycles(parse_kernel("matmul i8 i8 i32 5x256x9")), 45u + 40u);
}

TEST(KernelCycles, OfAnElementwiseKernelAreSetupPlusElements) {
  const Timing timing = with_row(KernelOp::Zero, Type::F32, Type::F32, 16, 99, 20);
  EXPECT_EQ(timing.kernel_cycles(parse_kernel("zero f32 4096")), 20u + 256u);
}

TEST(KernelCycles, RoundUpToWholeCycles) {
  const Timing timing = with_row(KernelOp::Add, Type::Bf16, Type::Bf16, 32, 0, 0);
  EXPECT_EQ(timing.kernel_cycles(parse_kernel("add bf16 33")), 2u);
}

TEST(KernelCycles, WithoutARowAreOneInstructionPerMac) {
  EXPECT_EQ(Timing{}.kernel_cycles(parse_kernel("matmul i32 i32 i32 4x8x4")), 128u);
}

TEST(KernelCycles, WithARateOfZeroAreRefused) {
  const Timing timing = with_row(KernelOp::Add, Type::Bf16, Type::Bf16, 0, 0, 0);
  EXPECT_EQ(
      error_text([&] { timing.kernel_cycles(parse_kernel("add bf16 33")); }),
      "kernel cost of `add bf16 33`: a rate of 0 does not work; MACs or elements a cycle, above 0");
}

TEST(KernelRow, IsChosenByOperationAndTypes) {
  const Timing timing = with_row(KernelOp::Matmul, Type::Bf16, Type::F32, 128, 0, 0);
  EXPECT_EQ(timing.row_of(parse_kernel("matmul bf16 bf16 f32 4x8x4")), &timing.kernels[0]);
  EXPECT_EQ(timing.row_of(parse_kernel("matmul bf16 bf16 bf16 4x8x4")), nullptr);
  EXPECT_EQ(timing.row_of(parse_kernel("zero f32 4")), nullptr);
}

}  // namespace
}  // namespace npu::arch
