// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/kernel.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/arch/error_text.h"

namespace npu::arch {
namespace {

std::string complaint(std::string_view text) {
  return error_text([&] { parse_kernel(text); });
}

TEST(KernelText, ShowsTypesShapeAndOptionsOfAMatmul) {
  EXPECT_EQ(to_string(KernelSpec{.op = KernelOp::Matmul,
                                 .a = Type::I8,
                                 .b = Type::I8,
                                 .c = Type::I16,
                                 .m = 64,
                                 .k = 32,
                                 .n = 16,
                                 .a_transposed = true,
                                 .b_transposed = true,
                                 .overwrite = true,
                                 .rounding = Rounding::Floor,
                                 .shift = 2,
                                 .symbol = {}}),
            "matmul i8 i8 i16 64x32x16 at bt overwrite floor shift=2");
}

class KernelTexts : public testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(Texts, KernelTexts,
                         testing::Values("matmul bf16 bf16 f32 64x64x64",
                                         "matmul bf16 bf16 bf16 4x8x4 overwrite floor",
                                         "zero f32 4096", "copy i8 64", "cast f32 bf16 4096 floor",
                                         "cast i32 i8 256 shift=4", "add bf16 1024", "mul i32 16",
                                         "edge i8 512", "edge i8 64 threshold=255",
                                         "external conv2dk1_i8"));

TEST_P(KernelTexts, ReadBackAsTheyPrint) {
  EXPECT_EQ(to_string(parse_kernel(GetParam())), GetParam());
}

TEST(KernelText, ReadsBackEveryMatmul) {
  std::mt19937 random(11);
  const auto below = [&](uint32_t end) { return static_cast<int>(random() % end); };
  for (int i = 0; i < 200; ++i) {
    KernelSpec spec;
    spec.a = kTypes[static_cast<size_t>(below(5))].type;
    spec.b = kTypes[static_cast<size_t>(below(5))].type;
    spec.c = kTypes[static_cast<size_t>(below(5))].type;
    spec.m = 1 + below(512);
    spec.k = 1 + below(512);
    spec.n = 1 + below(512);
    spec.a_transposed = below(2);
    spec.b_transposed = below(2);
    spec.overwrite = below(2);
    spec.rounding = below(2) ? Rounding::Floor : Rounding::NearestEven;
    spec.shift = below(32);
    EXPECT_EQ(parse_kernel(to_string(spec)), spec) << to_string(spec);
  }
}

TEST(KernelText, GivesAllOperandsTheOneTypeItNames) {
  const KernelSpec spec = parse_kernel("zero f32 16");
  EXPECT_EQ(spec.a, Type::F32);
  EXPECT_EQ(spec.c, Type::F32);
}

TEST(KernelText, GivesACastItsTwoTypes) {
  const KernelSpec spec = parse_kernel("cast f32 bf16 16");
  EXPECT_EQ(spec.a, Type::F32);
  EXPECT_EQ(spec.c, Type::Bf16);
}

TEST(KernelText, NamesTheWordThatIsWrong) {
  EXPECT_EQ(complaint("matmull bf16"),
            "kernel `matmull bf16`: `matmull` is not an operation; operations: matmul, zero, copy, "
            "cast, add, mul, edge, scale, reduce_add, reduce_min, reduce_max, relu, or, and, "
            "threshold, grey, rgba, weigh, filter, scaled_cast, external");
  EXPECT_EQ(complaint("zero f64 4"),
            "kernel `zero f64 4`: `f64` is not an element type; bf16, f32, i8, i16, i32");
  EXPECT_EQ(complaint("matmul i8 i8 i32 4x8"),
            "kernel `matmul i8 i8 i32 4x8`: `4x8` is not a shape; m x k x n, as in 64x64x64");
  EXPECT_EQ(complaint("matmul i8 i8 i32 4x0x8"),
            "kernel `matmul i8 i8 i32 4x0x8`: `4x0x8` is not a size; a number above 0, three of "
            "them for a matmul: "
            "64x64x64");
  EXPECT_EQ(complaint("add bf16 16 fast"),
            "kernel `add bf16 16 fast`: `fast` is not an option; options: at, bt, overwrite, "
            "floor, shift=N, threshold=N, scale=X, cycles=N");
  EXPECT_EQ(complaint("edge i8 16 threshold=256"),
            "kernel `edge i8 16 threshold=256`: `threshold=256` is not a threshold; threshold=0 to "
            "threshold=255");
  EXPECT_EQ(complaint("cast i32 i8 16 shift=64"),
            "kernel `cast i32 i8 16 shift=64`: `shift=64` is not a shift; shift=0 to shift=63");
}

TEST(KernelText, SaysWhatIsMissing) {
  EXPECT_EQ(complaint(""), "kernel ``: its operation is missing");
  EXPECT_EQ(complaint("zero f32"), "kernel `zero f32`: the number of elements is missing");
  EXPECT_EQ(complaint("external"), "kernel `external`: its symbol is missing");
}

// AIE2 shapes; types without an instruction use 4x8 by 8x4.
TEST(MatmulBlocks, AreTheShapesOfTheInstructions) {
  const auto block = [](Type type) {
    const MatmulBlock b = matmul_block(type);
    return std::array{b.m, b.k, b.n};
  };
  EXPECT_EQ(block(Type::Bf16), (std::array{4, 8, 4}));
  EXPECT_EQ(block(Type::I8), (std::array{4, 8, 8}));
  EXPECT_EQ(block(Type::I16), (std::array{4, 2, 8}));
  EXPECT_EQ(block(Type::I32), (std::array{4, 8, 4}));
  EXPECT_EQ(block(Type::F32), (std::array{4, 8, 4}));
}

}  // namespace
}  // namespace npu::arch
