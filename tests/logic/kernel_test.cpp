// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <random>
#include <string>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw-model/arch/error.h"
#include "hw-model/logic/kernel_registry.h"
#include "hw-model/logic/kernels/isa.h"
#include "tests/logic/kernel_reference.h"

namespace npu::logic {
namespace {

using arch::KernelSpec;
using arch::Type;
using kernels::Isa;
using reference::Bytes;
using ::testing::HasSubstr;

enum class Values { Moderate, NearDenormal, Special };

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }

  Bytes bytes(Type type, size_t count, Values values) {
    Bytes out(count * arch::bytes_of(type));
    for (size_t at = 0; at < out.size(); at += arch::bytes_of(type)) {
      uint32_t word = bits(type, values);
      if (type == Type::Bf16)
        word >>= 16;
      std::memcpy(&out[at], &word, arch::bytes_of(type));
    }
    return out;
  }

 private:
  uint32_t bits(Type type, Values values) {
    const auto any = static_cast<uint32_t>(engine_());
    if (arch::accumulator_of(type) == Type::I32)
      return values == Values::Special && pick(0, 1) > 0 ? any & 0x80808080 : any;
    const uint32_t sign_and_mantissa = any & 0x807FFFFF;
    const auto exponent = [&](int low, int high) {
      return sign_and_mantissa | static_cast<uint32_t>(pick(low, high)) << 23;
    };
    switch (values) {
      case Values::Moderate:
        return exponent(107, 147);
      case Values::NearDenormal:
        return pick(0, 7) > 0 ? exponent(50, 68)
                              : exponent(0, 2) & (any % 3 > 0 ? ~0u : 0xFF800000);
      case Values::Special:
        break;
    }
    constexpr uint32_t kSpecial[] = {0x00000000, 0x80000000, 0x00010000, 0x807F0000,
                                     0x00800000, 0x7F7F0000, 0xFF7F0000, 0x3F800000};
    return kSpecial[any % 8];
  }

  std::mt19937 engine_;
};

/// Positions where two results differ; a NaN equals any NaN.
std::vector<size_t> differences(Type type, const Bytes& x, const Bytes& y) {
  std::vector<size_t> out;
  const size_t size = arch::bytes_of(type);
  for (size_t at = 0; at < x.size() / size; ++at) {
    const bool both_nan =
        std::isnan(reference::load(type, x, at)) && std::isnan(reference::load(type, y, at));
    if (!both_nan && std::memcmp(&x[at * size], &y[at * size], size) != 0)
      out.push_back(at);
  }
  return out;
}

Bytes run(const Kernel& kernel, Bytes a, Bytes b, Bytes c) {
  const std::vector<std::byte*> arguments{a.data(), b.data(), c.data()};
  kernel.run(kernel.spec, arguments);
  return c;
}

/// A unary kernel on one element.
double apply(const std::string& text, double x) {
  const Kernel kernel = find_kernel(arch::parse_kernel(text));
  Bytes in(kernel.arguments.front().bytes), out(kernel.arguments.back().bytes);
  reference::store(kernel.spec.a, x, in, 0);
  const std::vector<std::byte*> arguments{in.data(), out.data()};
  kernel.run(kernel.spec, arguments);
  return reference::load(kernel.spec.c, out, 0);
}

/// A binary kernel on one element.
double apply(const std::string& text, double x, double y) {
  const Kernel kernel = find_kernel(arch::parse_kernel(text));
  Bytes a(kernel.arguments[0].bytes), b(a), c(a);
  reference::store(kernel.spec.a, x, a, 0);
  reference::store(kernel.spec.a, y, b, 0);
  return reference::load(kernel.spec.c, run(kernel, a, b, c), 0);
}

std::string message(const std::string& text) {
  try {
    find_kernel(arch::parse_kernel(text));
  } catch (const Error& error) {
    return std::string(error.what()) + "; " + error.hint();
  }
  return "found";
}

struct Signature {
  Type operand;
  Type result;
};

class Matmul : public ::testing::TestWithParam<std::tuple<Isa, Signature>> {
 protected:
  void SetUp() override {
    if (!kernels::present(isa()))
      GTEST_SKIP() << "no " << kernels::to_string(isa()) << " here";
  }

  static Isa isa() { return std::get<0>(GetParam()); }

  /// The manuals promise vdpbf16ps the order of its sums; at the ends of the range processors may
  /// differ.
  static bool ends_are_the_chain() {
    return isa() != Isa::Avx512Bf16 || kernels::agrees_with_scalar(isa());
  }

  KernelSpec spec() {
    const auto [operand, result] = std::get<1>(GetParam());
    const arch::MatmulBlock block = arch::matmul_block(operand);
    KernelSpec spec;
    spec.a = spec.b = operand;
    spec.c = result;
    spec.m = block.m * random_.pick(1, 10);
    spec.k = block.k * random_.pick(1, 5);
    spec.n = block.n * random_.pick(1, 10);
    return spec;
  }

  void expect_reference(const KernelSpec& spec, Values values) {
    const auto size = [](int x, int y) { return static_cast<size_t>(x) * static_cast<size_t>(y); };
    const Bytes a = random_.bytes(spec.a, size(spec.m, spec.k), values);
    const Bytes b = random_.bytes(spec.b, size(spec.k, spec.n), values);
    const Bytes c = random_.bytes(spec.c, size(spec.m, spec.n), values);
    const Bytes actual = run(kernels::find_kernel(spec, isa()), a, b, c);
    EXPECT_THAT(differences(spec.c, actual, reference::matmul(spec, a, b, c)), ::testing::IsEmpty())
        << arch::to_string(spec);
  }

  Random random_{7};
};

TEST_P(Matmul, AddsTheChainOfProductsToC) {
  for (int i = 0; i < 8; ++i)
    expect_reference(spec(), Values::Moderate);
}

TEST_P(Matmul, StartsFromPlusZeroToOverwrite) {
  for (int i = 0; i < 4; ++i) {
    KernelSpec s = spec();
    s.overwrite = true;
    expect_reference(s, Values::Moderate);
  }
}

TEST_P(Matmul, ReadsTransposedBlocks) {
  for (int i = 1; i < 4; ++i) {
    KernelSpec s = spec();
    s.a_transposed = (i & 1) != 0;
    s.b_transposed = (i & 2) != 0;
    expect_reference(s, Values::Moderate);
  }
}

TEST_P(Matmul, FlushesDenormals) {
  if (!ends_are_the_chain())
    GTEST_SKIP() << "this processor's vdpbf16ps is not the chain";
  for (int i = 0; i < 8; ++i)
    expect_reference(spec(), Values::NearDenormal);
}

TEST_P(Matmul, TakesSignedZerosAndTheLargestValues) {
  if (!ends_are_the_chain())
    GTEST_SKIP() << "this processor's vdpbf16ps is not the chain";
  for (int i = 0; i < 8; ++i) {
    KernelSpec s = spec();
    s.overwrite = i % 2 > 0;
    expect_reference(s, Values::Special);
  }
}

TEST_P(Matmul, NarrowsAsTheSpecSays) {
  for (int i = 0; i < 4; ++i) {
    KernelSpec s = spec();
    s.rounding = arch::Rounding::Floor;
    s.shift = i * 5;
    expect_reference(s, Values::Moderate);
  }
}

TEST_P(Matmul, LeavesTheModesOfTheFloatingPointUnitAlone) {
  expect_reference(spec(), Values::Moderate);
  volatile float smallest = std::numeric_limits<float>::min();
  EXPECT_GT(smallest / 2, 0.0f);
}

constexpr Signature kSignatures[] = {
    {Type::Bf16, Type::F32}, {Type::Bf16, Type::Bf16}, {Type::I8, Type::I32},
    {Type::I8, Type::I16},   {Type::I8, Type::I8},     {Type::I16, Type::I32},
    {Type::I32, Type::I32},  {Type::F32, Type::F32},
};

std::string name_of(const ::testing::TestParamInfo<std::tuple<Isa, Signature>>& test) {
  const auto& [isa, types] = test.param;
  std::string name = fmt::format("{}_{}_{}", kernels::to_string(isa),
                                 arch::to_string(types.operand), arch::to_string(types.result));
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Matmul,
                         ::testing::Combine(::testing::ValuesIn(kernels::kIsas),
                                            ::testing::ValuesIn(kSignatures)),
                         name_of);

// 2^-126 less three quarters of the unit below it: FTZ hardware looks at the sum rounded to 24
// bits, not to what is left of them in a denormal.
TEST(SequentialChain, FlushesWhatOnlyDenormalRoundingWouldLift) {
  const KernelSpec spec = arch::parse_kernel("matmul f32 f32 f32 4x8x4");
  for (const Isa isa : kernels::kIsas) {
    if (!kernels::present(isa))
      continue;
    Bytes a(4 * 8 * 4), b(8 * 4 * 4), c(4 * 4 * 4);
    reference::store(Type::F32, -0x1.8p-80, a, 0);
    reference::store(Type::F32, 0x1p-71, b, 0);
    reference::store(Type::F32, 0x1p-126, c, 0);
    const Bytes out = run(kernels::find_kernel(spec, isa), a, b, c);
    EXPECT_EQ(reference::load(Type::F32, out, 0), 0.0) << kernels::to_string(isa);
  }
}

TEST(InstructionSet, IsNeverAboveItsCap) {
  EXPECT_EQ(kernels::fastest_isa("scalar"), Isa::Scalar);
  EXPECT_LE(kernels::fastest_isa("x86-64-v3"), Isa::X86V3);
}

TEST(InstructionSet, IsNamedByTheRegistry) {
  EXPECT_EQ(kernel_isa(), kernels::to_string(kernels::best_isa()));
}

TEST(InstructionSet, OfX86AgreesWithScalar) {
  for (const Isa isa : {Isa::X86V3, Isa::X86V4})
    EXPECT_EQ(kernels::present(isa), kernels::present(isa) && kernels::agrees_with_scalar(isa))
        << kernels::to_string(isa);
}

TEST(InstructionSet, UnknownCapIsRefused) {
  EXPECT_THROW(kernels::fastest_isa("sse9"), Error);
}

class Rounding : public ::testing::TestWithParam<const char*> {};

TEST_P(Rounding, ToBf16TakesTheNeighbourOfItsMode) {
  const KernelSpec spec = arch::parse_kernel(GetParam());
  const Kernel kernel = find_kernel(spec);
  Random random(3);
  Bytes in = random.bytes(Type::F32, static_cast<size_t>(spec.m), Values::Moderate);
  for (size_t at = 0; at < in.size(); at += 8) {  // half of them ties, of even and odd
    in[at] = std::byte{0};
    in[at + 1] = std::byte{0x80};
  }
  Bytes out(static_cast<size_t>(spec.m) * 2), expected(out);
  for (size_t i = 0; i < out.size() / 2; ++i) {
    const auto x = static_cast<float>(reference::load(Type::F32, in, i));
    reference::store(Type::Bf16, reference::round_to_bf16(x, spec.rounding), expected, i);
  }
  const std::vector<std::byte*> arguments{in.data(), out.data()};
  kernel.run(spec, arguments);
  EXPECT_EQ(out, expected);
}

INSTANTIATE_TEST_SUITE_P(Modes, Rounding,
                         ::testing::Values("cast f32 bf16 4096", "cast f32 bf16 4096 floor"));

TEST(Cast, NearestEvenTakesTheEvenOneOfATie) {
  EXPECT_EQ(apply("cast f32 bf16 1", 1.00390625), 1.0);
  EXPECT_EQ(apply("cast f32 bf16 1", 1.01171875), 1.015625);
}

TEST(Cast, FloorOfANegativeNumberIsFurtherFromZero) {
  EXPECT_EQ(apply("cast f32 bf16 1 floor", -1.001), -1.0078125);
  EXPECT_EQ(apply("cast f32 bf16 1 floor", 1.007), 1.0);
}

TEST(Cast, BeyondTheLargestBf16IsInfinite) {
  EXPECT_EQ(apply("cast f32 bf16 1", 0x1.fffffep127), HUGE_VAL);
  EXPECT_EQ(apply("cast f32 bf16 1 floor", 0x1.fffffep127), 0x1.fep127);
}

TEST(Cast, OfANaNStaysOne) {
  const Kernel kernel = find_kernel(arch::parse_kernel("cast f32 bf16 1 floor"));
  uint32_t in = 0x7F800001;  // its upper half alone would be infinity
  uint32_t out = 0;
  const std::vector<std::byte*> arguments{reinterpret_cast<std::byte*>(&in),
                                          reinterpret_cast<std::byte*>(&out)};
  kernel.run(kernel.spec, arguments);
  EXPECT_EQ(out, 0x7FC0u);
}

TEST(Cast, FlushesDenormalsToTheZeroOfTheirSign) {
  const double x = apply("cast bf16 f32 1", -0x1p-130);
  EXPECT_EQ(x, 0.0);
  EXPECT_TRUE(std::signbit(x));
}

TEST(Cast, NarrowingShiftsRoundsDownAndSaturates) {
  EXPECT_EQ(apply("cast i32 i8 1 shift=2", -5), -2);
  EXPECT_EQ(apply("cast i32 i8 1 shift=2", 600), 127);
  EXPECT_EQ(apply("cast i32 i16 1", -70000), -32768);
  EXPECT_EQ(apply("cast i32 i16 1 shift=63", -1), -1);
}

TEST(Cast, WideningKeepsTheSign) {
  EXPECT_EQ(apply("cast i8 i32 1", -128), -128);
  EXPECT_EQ(apply("cast i16 i32 1", -32768), -32768);
}

TEST(Elementwise, IntegersWrap) {
  EXPECT_EQ(apply("add i8 1", 127, 1), -128);
  EXPECT_EQ(apply("mul i16 1", 256, 256), 0);
  EXPECT_EQ(apply("add i32 1", 2147483647, 1), -2147483648.0);
}

TEST(Elementwise, Bf16IsRoundedByItsMode) {
  EXPECT_EQ(apply("add bf16 1", 1.0, 0.00390625), 1.0);
  EXPECT_EQ(apply("add bf16 1 floor", -1.0, -0.001953125), -1.0078125);
  EXPECT_EQ(apply("mul bf16 1", 1.0078125, 1.0078125), 1.015625);
}

TEST(Elementwise, F32FlushesDenormals) {
  EXPECT_EQ(apply("mul f32 1", 0x1p-100, 0x1p-30), 0.0);
  EXPECT_EQ(apply("add f32 1", 0x1.8p-126, -0x1p-126), 0.0);
  EXPECT_EQ(apply("add f32 1", 0x1p-130, 1.5), 1.5);
}

TEST(Elementwise, ZeroClearsAllBytesOfItsType) {
  const Kernel kernel = find_kernel(arch::parse_kernel("zero i16 3"));
  Bytes out(8, std::byte{0xFF});
  const std::vector<std::byte*> arguments{out.data()};
  kernel.run(kernel.spec, arguments);
  const Bytes expected{std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
                       std::byte{0}, std::byte{0}, std::byte{0xFF}, std::byte{0xFF}};
  EXPECT_EQ(out, expected);
}

TEST(Elementwise, CopyKeepsTheBitsOfDenormals) {
  EXPECT_EQ(apply("copy f32 1", 0x1p-140), 0x1p-140);
}

/// The edges of the middle one of three lines, by the definition: two sums of nine products.
Bytes edges(const std::array<Bytes, 3>& lines, int threshold) {
  constexpr int kAcross[3][3] = {{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}};
  const int width = static_cast<int>(lines[0].size());
  Bytes out;
  for (int x = 0; x < width; ++x) {
    int gx = 0, gy = 0;
    for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 3; ++column) {
        const int at = std::min(std::max(x + column - 1, 0), width - 1);
        const int pixel =
            std::to_integer<int>(lines[static_cast<size_t>(row)][static_cast<size_t>(at)]);
        gx += kAcross[row][column] * pixel;
        gy += kAcross[column][row] * pixel;
      }
    const int sum = std::min(std::abs(gx) + std::abs(gy), 255);
    out.push_back(static_cast<std::byte>(sum > threshold ? sum : 0));
  }
  return out;
}

class EdgeWidths : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Widths, EdgeWidths, testing::Values(1, 2, 3, 64, 129));

TEST_P(EdgeWidths, AreTheTwoSumsOfNineProducts) {
  Random random(17);
  for (const int threshold : {0, 64, 254}) {
    std::array<Bytes, 3> lines;
    for (Bytes& line : lines)
      line = random.bytes(Type::I8, static_cast<size_t>(GetParam()), Values::Moderate);
    const Kernel kernel = find_kernel(
        arch::parse_kernel(fmt::format("edge i8 {} threshold={}", GetParam(), threshold)));
    Bytes out(lines[0].size());
    kernel.run(kernel.spec, std::vector<std::byte*>{lines[0].data(), lines[1].data(),
                                                    lines[2].data(), out.data()});
    EXPECT_EQ(out, edges(lines, threshold)) << "threshold " << threshold;
  }
}

TEST(Edges, AreOfBytes) {
  EXPECT_THAT(message("edge i16 64"), HasSubstr("no edge detection of this type; pixels are i8"));
}

TEST(Arguments, OfAMatmulAreItsThreeMatrices) {
  const Kernel kernel = find_kernel(arch::parse_kernel("matmul bf16 bf16 f32 8x16x4"));
  ASSERT_EQ(kernel.arguments.size(), 3u);
  EXPECT_EQ(kernel.arguments[0].bytes, 8u * 16 * 2);
  EXPECT_EQ(kernel.arguments[1].bytes, 16u * 4 * 2);
  EXPECT_EQ(kernel.arguments[2].bytes, 8u * 4 * 4);
}

TEST(Arguments, OverwrittenCIsNotRead) {
  EXPECT_TRUE(find_kernel(arch::parse_kernel("matmul i8 i8 i32 4x8x8")).arguments[2].reads);
  EXPECT_FALSE(
      find_kernel(arch::parse_kernel("matmul i8 i8 i32 4x8x8 overwrite")).arguments[2].reads);
}

TEST(Registry, NamesTheTypesThereAre) {
  EXPECT_THAT(message("matmul bf16 i8 f32 4x8x4"), HasSubstr("bf16 bf16 f32, bf16 bf16 bf16"));
  EXPECT_THAT(message("cast i8 f32 4"), HasSubstr("casts: f32 bf16"));
}

TEST(Registry, NamesTheBlockThatAShapeBreaks) {
  EXPECT_EQ(message("matmul i8 i8 i32 4x8x4"),
            "kernel `matmul i8 i8 i32 4x8x4`: the shape is no multiple of the i8 block 4x8x8; "
            "m a multiple of 4, k of 8, n of 8");
}

TEST(Registry, NamesAnExternalKernelItDoesNotHave) {
  EXPECT_THAT(message("external conv2dk1_i8"), HasSubstr("conv2dk1_i8"));
}

}  // namespace
}  // namespace npu::logic
