// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compiler/explain/nest.h"
#include "compiler/explain/reuse.h"
#include "compiler/explain/traffic.h"
#include "compiler/mlir/reader.h"
#include "hw-model/arch/error.h"
#include "tests/source_directory.h"

namespace npu::compiler::explain {
namespace {

using matmul::Shape;
using matmul::variant_named;

Nest nest_of(const std::string& text) {
  return read_nest(mlir::read(text, "s.mlir"), text, "s.mlir");
}

/// The text that is written for a schedule; broadcast is no matter of the text.
Nest written(const std::string& schedule) {
  const std::string name = schedule == "S1" ? "S0" : schedule;
  std::ifstream file(fmt::format("{}/tests/compiler/explain/schedules/s{}.mlir", kSourceDirectory,
                                 name.substr(1)));
  std::stringstream text;
  text << file.rdbuf();
  return nest_of(text.str());
}

std::string refused(const std::string& text) {
  try {
    nest_of(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Copies between memories, with how often is enough.
std::vector<Reuse> reuses(const Nest& nest) {
  std::vector<Reuse> all;
  for (const Move& move : nest.moves)
    if (move.kind != Move::Kind::Compute && nest.crosses(move))
      all.push_back(reuse(nest, move));
  return all;
}

const Sizes kPosted{
    .whole = {.m = 1024, .n = 512, .k = 2048},
    .tiles = {.l2 = {.m = 64, .n = 64, .k = 256}, .core = {.m = 32, .n = 32, .k = 32}},
    .a_bytes = 4,
    .b_bytes = 4,
    .c_bytes = 4};
constexpr int64_t kMiB = 1 << 20;

/// The worked numbers of the schedules for 1024x512x2048 in i32.
TEST(Formulas, BytesOfTheSchedulesAreTheWorkedOnes) {
  EXPECT_EQ(traffic(variant_named("S0"), kPosted),
            (Traffic{128 * kMiB, 128 * kMiB, 256 * kMiB, 2 * kMiB, 2 * kMiB}));
  EXPECT_EQ(traffic(variant_named("S2"), kPosted),
            (Traffic{1024 * kMiB, 256 * kMiB, 256 * kMiB, 2 * kMiB, 2 * kMiB}));
  EXPECT_EQ(traffic(variant_named("S3"), kPosted),
            (Traffic{2050 * kMiB, 384 * kMiB, 384 * kMiB, 128 * kMiB, 2 * kMiB}));
  EXPECT_EQ(traffic(variant_named("S5"), kPosted),
            (Traffic{130 * kMiB, 144 * kMiB, 272 * kMiB, 16 * kMiB, 2 * kMiB}));
}

class Written : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Schedules, Written,
                         testing::Values("S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(Written, AScheduleMovesWhatItsFormulaSays) {
  const matmul::Variant& variant = variant_named(GetParam());
  EXPECT_EQ(traffic(written(GetParam()), variant.broadcast, false), traffic(variant, kPosted));
}

TEST_P(Written, WithoutRepetitionsEveryScheduleMovesWhatS0Does) {
  EXPECT_EQ(traffic(written(GetParam()), true, true), traffic(variant_named("S0"), kPosted));
}

TEST_P(Written, SizesAndTilesOfTheMatmulAreRead) {
  const Matmul matmul = matmul_of(written(GetParam()));
  ASSERT_TRUE(matmul.sizes) << matmul.why_not;
  EXPECT_EQ(matmul.sizes->whole, kPosted.whole);
  EXPECT_EQ(matmul.sizes->tiles.l2, kPosted.tiles.l2);
  EXPECT_EQ(matmul.sizes->tiles.core, kPosted.tiles.core);
}

/// A loop of eight steps around `body`, with memory of all levels.
std::string loop(const std::string& body, const std::string& after = "") {
  return fmt::format(R"(func.func @f(%far: memref<8x16xi32>) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0 : i32
  %near = memref.alloc() : memref<16xi32, 1 : i32>
  %slots = memref.alloc() : memref<8x16xi32, 1 : i32>
  scf.for %i = %c0 to %c8 step %c1 {{
{}  }}
{}  return
}})",
                     body, after);
}
constexpr const char* kRow =
    "    %row = memref.subview %far[%i, 0] [1, 16] [1, 1] : memref<8x16xi32> to memref<16xi32, "
    "strided<[1], offset: ?>>\n";
constexpr const char* kFirst =
    "    %row = memref.subview %far[0, 0] [1, 16] [1, 1] : memref<8x16xi32> to memref<16xi32, "
    "strided<[1], offset: ?>>\n";
constexpr const char* kCopy =
    "    linalg.copy ins(%row : memref<16xi32, strided<[1], offset: ?>>) outs(%near : "
    "memref<16xi32, 1 : i32>)\n";

TEST(Reuse, ACopyOfAnotherPartInEveryStepStays) {
  EXPECT_EQ(reuses(nest_of(loop(std::string(kRow) + kCopy)))[0].shared, 8);
}

TEST(Reuse, ACopyOfTheSamePartIsNeededOnce) {
  EXPECT_EQ(reuses(nest_of(loop(std::string(kFirst) + kCopy)))[0].shared, 1);
}

TEST(Reuse, ACopyIsRepeatedWhereSomethingElseTakesItsPlace) {
  const std::string fill =
      "    linalg.fill ins(%zero : i32) outs(%near : memref<16xi32, 1 : i32>)\n";
  EXPECT_EQ(reuses(nest_of(loop(std::string(kFirst) + kCopy + fill)))[0].shared, 8);
}

TEST(Reuse, ACopyOfWhatAnotherCopyBringsAnewStays) {
  const std::string on =
      "    memref.copy %near, %far : memref<16xi32, 1 : i32> to memref<8x16xi32>\n";
  EXPECT_EQ(reuses(nest_of(loop(std::string(kRow) + kCopy + on)))[1].shared, 8);
}

TEST(Nest, AnUnknownStepCountsAsOftenAsItsLoop) {
  const Nest nest = nest_of(loop(std::string(kRow) + kCopy));
  EXPECT_EQ(nest.times(nest.moves[0]), 8);
  EXPECT_EQ(nest.moves[0].bytes, 64);
}

TEST(Nest, TensorsAreWhereTheirMemoryIs) {
  const Nest nest = nest_of(R"(func.func @f(%a: tensor<64x32xi8>) -> tensor<64x32xi8> {
  %c0 = arith.constant 0 : index
  %l2 = bufferization.alloc_tensor() {memory_space = 1 : i64} : tensor<32x32xi8>
  %r = scf.forall (%i) in (2) shared_outs(%o = %a) -> (tensor<64x32xi8>) {
    %s = tensor.extract_slice %o[%i, 0] [32, 32] [1, 1] : tensor<64x32xi8> to tensor<32x32xi8>
    %in = linalg.copy ins(%s : tensor<32x32xi8>) outs(%l2 : tensor<32x32xi8>) -> tensor<32x32xi8>
    %l1 = bufferization.alloc_tensor() {memory_space = 2 : i64} : tensor<4x8x8x4xi8>
    %p = tensor.pack %in inner_dims_pos = [0, 1] inner_tiles = [8, 4] into %l1 : tensor<32x32xi8> -> tensor<4x8x8x4xi8>
    %u = tensor.unpack %p inner_dims_pos = [0, 1] inner_tiles = [8, 4] into %in : tensor<4x8x8x4xi8> -> tensor<32x32xi8>
    %out = linalg.copy ins(%u : tensor<32x32xi8>) outs(%s : tensor<32x32xi8>) -> tensor<32x32xi8>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %out into %o[%i, 0] [32, 32] [1, 1] : tensor<32x32xi8> into tensor<64x32xi8>
    }
  }
  return %r : tensor<64x32xi8>
})");
  EXPECT_EQ(traffic(nest, false, false), (Traffic{2048, 2048, 2048, 2048, 2048}));
}

TEST(Nest, BuffersOfBindingsAreInL3) {
  const Nest nest = nest_of(
      "%c0 = arith.constant 0 : index\n"
      "%0 = hal.interface.binding.subspan set(0) binding(0) type(storage_buffer) alignment(64) "
      "offset(%c0) flags(ReadOnly) : memref<8xi32, #hal.descriptor_type<storage_buffer>>\n"
      "%1 = memref.alloc() : memref<8xi32, 1>\n"
      "memref.copy %0, %1 : memref<8xi32, #hal.descriptor_type<storage_buffer>> to "
      "memref<8xi32, 1>\n");
  EXPECT_EQ(nest.from(nest.moves[0]), Space::L3);
}

TEST(Nest, ABoundThatIsNotKnownIsRefusedWithACaret) {
  EXPECT_EQ(refused("func.func @f(%n: index, %a: memref<4xi32>, %b: memref<4xi32, 1>) {\n"
                    "  %c0 = arith.constant 0 : index\n"
                    "  scf.for %i = %c0 to %n step %c0 {\n"
                    "  }\n"
                    "}\n"),
            "s.mlir:3:3: scf.for: the upper bound `%n` is not known\n"
            "    scf.for %i = %c0 to %n step %c0 {\n"
            "    ^");
}

TEST(Nest, AMemorySpaceBeyondThoseOfTheDeviceIsRefused) {
  EXPECT_EQ(refused("%a = memref.alloc() : memref<4xi32, 3>\n"),
            "s.mlir:1:6: memref.alloc: memory space `3` of %a\n"
            "  %a = memref.alloc() : memref<4xi32, 3>\n"
            "       ^");
}

TEST(Nest, ACopyOfASizeThatIsNotKnownIsRefused) {
  EXPECT_EQ(refused("func.func @f(%a: memref<?xi32>, %b: memref<?xi32, 1>) {\n"
                    "  linalg.copy ins(%a : memref<?xi32>) outs(%b : memref<?xi32, 1>)\n"
                    "}\n"),
            "s.mlir:2:3: linalg.copy: the size of `%a` is not known: memref<?xi32>\n"
            "    linalg.copy ins(%a : memref<?xi32>) outs(%b : memref<?xi32, 1>)\n"
            "    ^");
}

TEST(Nest, AConditionIsRefused) {
  EXPECT_EQ(refused("%c = arith.constant true\nscf.if %c {\n}\n"),
            "s.mlir:2:1: scf.if: how often and what it moves is not known\n"
            "  scf.if %c {\n"
            "  ^");
}

}  // namespace
}  // namespace npu::compiler::explain
