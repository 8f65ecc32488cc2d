// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Numbers of a core body: their widths, their signs, how they are rounded.
#include <cmath>
#include <limits>

#include "tests/compiler/import/core_fixture.h"

namespace npu::compiler {
namespace {

using ::testing::ElementsAre;

using CoreNumber = CoreBody;

TEST_F(CoreNumber, ConstantsAndGlobalsOfF16AreTheirBits) {
  bench.module_text = R"(
    memref.global constant @list : memref<3xf16> = dense<[1.0, -2.5, 0x7C00]>
    memref.global constant @splat : memref<2xf16> = dense<65519.0>
    memref.global constant @digits : memref<2xf16> = dense<"0x003C0100">
)";
  bench.buffer("half", "memref<8xf16>");
  bench.run(std::string(kConstants) + R"(
    %a = arith.constant 0.1 : f16
    memref.store %a, %half[%c0] : memref<8xf16>
    %b = arith.constant 0x8001 : f16
    memref.store %b, %half[%c1] : memref<8xf16>
    %list = memref.get_global @list : memref<3xf16>
    %c = memref.load %list[%c1] : memref<3xf16>
    memref.store %c, %half[%c2] : memref<8xf16>
    %splat = memref.get_global @splat : memref<2xf16>
    %d = memref.load %splat[%c1] : memref<2xf16>
    %digits = memref.get_global @digits : memref<2xf16>
    %e = memref.load %digits[%c1] : memref<2xf16>
    %f = arith.addf %d, %e : f16
    memref.store %f, %half[%c4] : memref<8xf16>
  )");
  EXPECT_THAT(bench.read<uint16_t>("half", 5), ElementsAre(0x2E66, 0x8001, 0xC100, 0, 0x7BFF));
  ASSERT_EQ(bench.program.globals.size(), 3u);
  EXPECT_EQ(bench.program.globals[0].type, arch::Type::F16);
  EXPECT_THAT(bench.program.globals[0].initial, ElementsAre(0xC1003C00u, 0x7C00u));
  EXPECT_THAT(bench.program.globals[1].initial, ElementsAre(0x7BFF7BFFu));
}

TEST_F(CoreNumber, VectorsOfF16AreRoundedLaneByLane) {
  bench.buffer("half", "memref<4xf16>");
  bench.write("half", std::vector<uint16_t>{0x3C00, 0x4000, 0x6800, 0x7BFF});
  bench.run(std::string(kConstants) + R"(
    %v = vector.load %half[%c0] : memref<4xf16>, vector<4xf16>
    %one = arith.constant dense<1.0> : vector<4xf16>
    %s = arith.addf %v, %one : vector<4xf16>
    %t = math.fma %s, %s, %one : vector<4xf16>
    vector.store %t, %half[%c0] : memref<4xf16>, vector<4xf16>
    %sum = vector.reduction <add>, %v : vector<4xf16> into f16
    %wide = arith.extf %sum : f16 to f32
    %whole = arith.fptosi %wide : f32 to i32
    memref.store %whole, %out[%c0] : memref<64xi32>
  )");
  EXPECT_THAT(bench.read<uint16_t>("half", 4), ElementsAre(0x4500, 0x4900, 0x7C00, 0x7C00));
  EXPECT_THAT(bench.read<int32_t>("out", 1), ElementsAre(std::numeric_limits<int32_t>::max()));
}

TEST_F(CoreNumber, MultiplyAddIsRoundedOnceToTheTypeOfItsOperands) {
  bench.buffer("half", "memref<1xf16>");
  bench.run(std::string(kConstants) + R"(
    %a = arith.constant 0x0200 : f16
    %b = arith.constant 0x0100 : f16
    %c = arith.constant 0x3C01 : f16
    %r = math.fma %a, %b, %c : f16
    memref.store %r, %half[%c0] : memref<1xf16>
  )");
  EXPECT_THAT(bench.read<uint16_t>("half", 1), ElementsAre(0x3C01));
}

TEST_F(CoreNumber, IntegersOf64BitsWithoutSignAreFloatsAndComeBack) {
  bench.buffer("wide", "memref<4xi64>");
  bench.run(std::string(kConstants) + R"(
    %a = arith.constant -1099511627776 : i64
    %f = arith.uitofp %a : i64 to f32
    %b = arith.fptoui %f : f32 to i64
    memref.store %b, %wide[%c0] : memref<4xi64>
    %five = arith.constant 5 : i64
    %g = arith.uitofp %five : i64 to f32
    %c = arith.fptoui %g : f32 to i64
    memref.store %c, %wide[%c1] : memref<4xi64>
    %h = arith.uitofp %a : i64 to f16
    %i = arith.bitcast %h : f16 to i16
    %j = arith.extui %i : i16 to i64
    memref.store %j, %wide[%c2] : memref<4xi64>
  )");
  EXPECT_THAT(bench.read<int64_t>("wide", 3), ElementsAre(-1099511627776, 5, 0x7C00));
}

TEST_F(CoreNumber, SumsSayWhetherTheyAreTooLarge) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %a = arith.constant -1 : i8
    %one = arith.constant 1 : i8
    %s, %c = arith.addui_extended %a, %one : i8, i1
    %t, %d = arith.addui_extended %one, %one : i8, i1
    %s32 = arith.extsi %s : i8 to i32
    %c32 = arith.extui %c : i1 to i32
    %d32 = arith.extui %d : i1 to i32
    memref.store %s32, %out[%c0] : memref<64xi32>
    memref.store %c32, %out[%c1] : memref<64xi32>
    memref.store %d32, %out[%c2] : memref<64xi32>
  )",
                  3),
              ElementsAre(0, 1, 0));
}

TEST_F(CoreNumber, FloorAndCeilingKeepWhatHasNoFraction) {
  bench.buffer("real", "memref<16xf32>");
  bench.run(std::string(kConstants) + R"(
    %c8 = arith.constant 8 : index
    %v = arith.constant dense<[2.5, -2.5, 3.0, -0.5, 0.5, -0.0, 1.0e+30, -8388609.0]> : vector<8xf32>
    %f = math.floor %v : vector<8xf32>
    %c = math.ceil %v : vector<8xf32>
    vector.store %f, %real[%c0] : memref<16xf32>, vector<8xf32>
    vector.store %c, %real[%c8] : memref<16xf32>, vector<8xf32>
  )");
  const std::vector<float> values{2.5F, -2.5F, 3.0F, -0.5F, 0.5F, -0.0F, 1.0e30F, -8388609.0F};
  std::vector<float> expected;
  for (const float value : values)
    expected.push_back(std::floor(value));
  for (const float value : values)
    expected.push_back(std::ceil(value));
  const auto results = bench.read<float>("real", 16);
  EXPECT_EQ(results, expected);
  for (size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(std::signbit(results[i]), std::signbit(expected[i])) << i;
}

TEST_F(CoreNumber, LanesOfExtendedSumsAreApart) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %a = arith.constant dense<[1, -2, 3, -4]> : vector<4xi32>
    %s, %c = arith.addui_extended %a, %a : vector<4xi32>, vector<4xi1>
    %c32 = arith.extui %c : vector<4xi1> to vector<4xi32>
    vector.store %s, %out[%c0] : memref<64xi32>, vector<4xi32>
    vector.store %c32, %out[%c4] : memref<64xi32>, vector<4xi32>
  )",
                  8),
              ElementsAre(2, -4, 6, -8, 0, 1, 0, 1));
}

TEST_F(CoreNumber, LanesOfExtendedProductsAreApart) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %c6 = arith.constant 6 : index
    %a = arith.constant dense<[3, -4]> : vector<2xi32>
    %l, %h = arith.mulsi_extended %a, %a : vector<2xi32>
    %m, %u = arith.mului_extended %a, %a : vector<2xi32>
    vector.store %l, %out[%c0] : memref<64xi32>, vector<2xi32>
    vector.store %h, %out[%c2] : memref<64xi32>, vector<2xi32>
    vector.store %m, %out[%c4] : memref<64xi32>, vector<2xi32>
    vector.store %u, %out[%c6] : memref<64xi32>, vector<2xi32>
  )",
                  8),
              ElementsAre(9, 16, 0, 0, 9, 16, 0, -8));
}

TEST_F(CoreNumber, ComparedVectorsAreVectorsOfTruths) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %a = arith.constant dense<[1, -2, 3, -4]> : vector<4xi32>
    %z = arith.constant dense<0> : vector<4xi32>
    %p = arith.cmpi sgt, %a, %z : vector<4xi32>
    %x = arith.select %p, %a, %z : vector<4xi1>, vector<4xi32>
    vector.store %x, %out[%c0] : memref<64xi32>, vector<4xi32>
  )",
                  4),
              ElementsAre(1, 0, 3, 0));
}

TEST_F(CoreNumber, ZerosAreInTheOrderOfTheirSigns) {
  bench.buffer("real", "memref<4xf32>");
  bench.run(std::string(kConstants) + R"(
    %c3 = arith.constant 3 : index
    %p = arith.constant 0.0 : f32
    %n = arith.constant -0.0 : f32
    %a = arith.maximumf %n, %p : f32
    %b = arith.maximumf %p, %n : f32
    %c = arith.minimumf %p, %n : f32
    %d = arith.minnumf %n, %p : f32
    memref.store %a, %real[%c0] : memref<4xf32>
    memref.store %b, %real[%c1] : memref<4xf32>
    memref.store %c, %real[%c2] : memref<4xf32>
    memref.store %d, %real[%c3] : memref<4xf32>
  )");
  EXPECT_THAT(bench.read<uint32_t>("real", 4), ElementsAre(0u, 0u, 0x80000000u, 0x80000000u));
}

TEST_F(CoreNumber, BitcastsOfVectorsGiveOtherLanesOfTheSameBits) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %v = arith.constant dense<[1, 2, 3, -1, 0, 0, 0, 1]> : vector<8xi8>
    %w = vector.bitcast %v : vector<8xi8> to vector<2xi32>
    vector.store %w, %out[%c0] : memref<64xi32>, vector<2xi32>
  )",
                  2),
              ElementsAre(static_cast<int32_t>(0xFF030201), 0x01000000));
}

TEST_F(CoreNumber, OpsOnValuesOfOtherTypesAreRefused) {
  const auto refused = [&](const std::string& type, const std::string& op) {
    return error("%x = arith.constant " + type + "\n%y = " + op + "\n");
  };
  const std::string place = "core(0,2), line 10: ";
  EXPECT_EQ(refused("1 : i32", "arith.addf %x, %x : i32"),
            place + "`arith.addf`: a value of type `i32`");
  EXPECT_EQ(refused("1.0 : f16", "arith.addi %x, %x : f16"),
            place + "`arith.addi`: a value of type `f16`");
  EXPECT_EQ(refused("1.0 : f16", "arith.cmpi eq, %x, %x : f16"),
            place + "`arith.cmpi`: a value of type `f16`");
  EXPECT_EQ(refused("1.0 : bf16", "arith.extf %x : bf16 to f16"),
            place + "`arith.extf`: from `bf16` to `f16`");
  EXPECT_EQ(refused("1.0 : f16", "arith.truncf %x : f16 to bf16"),
            place + "`arith.truncf`: from `f16` to `bf16`");
  EXPECT_EQ(refused("1 : i32", "arith.extsi %x : i32 to i8"),
            place + "`arith.extsi`: from `i32` to `i8`");
  EXPECT_EQ(refused("1 : i32", "arith.bitcast %x : i32 to f16"),
            place + "`arith.bitcast`: from `i32` to `f16`");
  EXPECT_EQ(error("%x = arith.constant 1.0 : f64\n"),
            "core(0,2), line 9: `arith.constant`: a value of type `f64`");
}

TEST_F(CoreNumber, BitsOfF16AreThoseOfBf16AndOfIntegers) {
  bench.buffer("half", "memref<2xi16>");
  bench.run(std::string(kConstants) + R"(
    %x = arith.constant 1.0 : f16
    %b = arith.bitcast %x : f16 to bf16
    %i = arith.bitcast %b : bf16 to i16
    memref.store %i, %half[%c0] : memref<2xi16>
    %n = arith.negf %x : f16
    %j = arith.bitcast %n : f16 to i16
    memref.store %j, %half[%c1] : memref<2xi16>
  )");
  EXPECT_THAT(bench.read<uint16_t>("half", 2), ElementsAre(0x3C00, 0xBC00));
}

}  // namespace
}  // namespace npu::compiler
