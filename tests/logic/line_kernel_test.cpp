// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels on lines of elements and pixels, on numbers worked out by hand.
#include <bit>
#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw-model/arch/error.h"
#include "hw-model/logic/kernel_registry.h"

namespace npu::logic {
namespace {

using ::testing::ElementsAre;

/// Arguments are vectors of elements, or one 64-bit number.
template <typename... Vectors>
void run(const char* text, Vectors&... arguments) {
  const Kernel kernel = find_kernel(arch::parse_kernel(text));
  ASSERT_EQ(kernel.arguments.size(), sizeof...(arguments));
  kernel.run(kernel.spec,
             std::vector<std::byte*>{reinterpret_cast<std::byte*>(arguments.data())...});
}
using Bytes = std::vector<uint8_t>;
using Number = std::vector<int64_t>;

TEST(LineKernel, ScalesByAFactorInMemory) {
  std::vector<int16_t> in{1, -2, 20000};
  std::vector<int32_t> factor{3};
  std::vector<int16_t> out(3);
  run("scale i16 3", in, factor, out);
  EXPECT_THAT(out, ElementsAre(3, -6, static_cast<int16_t>(60000)));
}

TEST(LineKernel, ReducesToOneElement) {
  std::vector<int32_t> in{5, -7, 3};
  std::vector<int32_t> out(1);
  run("reduce_add i32 3", in, out);
  EXPECT_THAT(out, ElementsAre(1));
  run("reduce_min i32 3", in, out);
  EXPECT_THAT(out, ElementsAre(-7));
  run("reduce_max i32 3", in, out);
  EXPECT_THAT(out, ElementsAre(5));
}

TEST(LineKernel, ReluKeepsWhatIsNotNegative) {
  std::vector<uint16_t> in{0x3F80, 0xBF80, 0x8000};
  std::vector<uint16_t> out(3);
  run("relu bf16 3", in, out);
  EXPECT_THAT(out, ElementsAre(0x3F80, 0, 0));
}

TEST(LineKernel, ScaledCastRoundsIntegersToNearestEvenAndSaturates) {
  std::vector<int32_t> in{1, 3, -1, -3, 5, 1000, -1000};
  std::vector<int8_t> out(in.size());
  run("scaled_cast i32 i8 7 scale=0.5", in, out);
  EXPECT_THAT(out, ElementsAre(0, 2, 0, -2, 2, 127, -128));
}

TEST(LineKernel, ScaledCastMultipliesInF32) {
  std::vector<int32_t> in{16777217};  // is no f32: 16777216 is the nearest
  std::vector<int16_t> out(1);
  run("scaled_cast i32 i16 1 scale=0.0009765625", in, out);
  EXPECT_THAT(out, ElementsAre(16384));
}

TEST(LineKernel, ScaledCastFlushesWhatBecomesDenormal) {
  std::vector<float> in{-0x1p-126F, 0x1p-125F};
  std::vector<float> out(2);
  run("scaled_cast f32 f32 2 scale=0.5", in, out);
  EXPECT_EQ(std::bit_cast<uint32_t>(out[0]), 0x80000000U);
  EXPECT_EQ(out[1], 0x1p-126F);
}

TEST(LineKernel, ScaledCastToBf16RoundsOnceMore) {
  std::vector<float> in{1.00390625F, -1.00390625F};
  std::vector<uint16_t> out(2);
  run("scaled_cast f32 bf16 2 scale=1 floor", in, out);
  EXPECT_THAT(out, ElementsAre(0x3F80, 0xBF81));
}

TEST(LineKernel, CombinesBits) {
  Bytes a{0x0F, 0xF0};
  Bytes b{0x3C, 0x3C};
  Bytes out(2);
  run("or i8 2", a, b, out);
  EXPECT_THAT(out, ElementsAre(0x3F, 0xFC));
  run("and i8 2", a, b, out);
  EXPECT_THAT(out, ElementsAre(0x0C, 0x30));
}

TEST(LineKernel, ThresholdHasFiveKinds) {
  Bytes in{50, 100, 200};
  Bytes out(3);
  Number limit{100};
  Number highest{250};
  const std::vector<Bytes> expected{
      {0, 0, 250}, {250, 250, 0}, {50, 100, 100}, {0, 0, 200}, {50, 100, 0}};
  for (int64_t kind = 0; kind < 5; ++kind) {
    Number number{kind};
    run("threshold i8 3", in, out, limit, highest, number);
    EXPECT_EQ(out, expected[static_cast<size_t>(kind)]) << "kind " << kind;
  }
}

TEST(LineKernel, GreyWeighsColours) {
  Bytes in{255, 255, 255, 0, 255, 0, 0, 9};
  Bytes out(2);
  run("grey i8 2", in, out);
  EXPECT_THAT(out, ElementsAre(255, 76));
  Bytes back(8);
  run("rgba i8 2", out, back);
  EXPECT_THAT(back, ElementsAre(255, 255, 255, 255, 76, 76, 76, 255));
}

TEST(LineKernel, WeighedSumSaturates) {
  Bytes a{100, 200};
  Bytes b{50, 250};
  Bytes out(2);
  Number half{8192};
  Number one{16384};
  Number offset{-3};
  run("weigh i8 2", a, b, out, half, one, offset);
  EXPECT_THAT(out, ElementsAre(97, 255));
}

TEST(LineKernel, FilterTakesTheEndPixelsBeyondALine) {
  Bytes above{1, 2, 3};
  Bytes line{10, 20, 30};
  Bytes below{5, 5, 5};
  std::vector<int16_t> weights{0, 0, 0, 4096, 0, 4096, 0, 0, -4096};
  Bytes out(3);
  run("filter i8 3", above, line, below, out, weights);
  EXPECT_THAT(out, ElementsAre(25, 35, 45));
}

TEST(LineKernel, OfAnotherTypeIsRefused) {
  EXPECT_THROW(find_kernel(arch::parse_kernel("grey i16 4")), Error);
}

}  // namespace
}  // namespace npu::logic
