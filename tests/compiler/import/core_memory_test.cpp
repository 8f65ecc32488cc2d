// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Views of memory: where each element of one is.
#include "tests/compiler/import/core_fixture.h"

namespace npu::compiler {
namespace {

using ::testing::ElementsAre;

using CoreMemory = CoreBody;

TEST_F(CoreMemory, SubviewIsAPartOfItsSource) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %v = memref.subview %in[%c4] [8] [2] : memref<64xi32> to memref<8xi32, strided<[2], offset: ?>>
    %x = memref.load %v[%c1] : memref<8xi32, strided<[2], offset: ?>>
    memref.store %x, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(60));
}

TEST_F(CoreMemory, ViewsChangeShapeInPlace) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %m = memref.expand_shape %in [[0, 1]] output_shape [8, 8] : memref<64xi32> into memref<8x8xi32>
    %x = memref.load %m[%c2, %c1] : memref<8x8xi32>
    memref.store %x, %out[%c0] : memref<64xi32>
    %f = memref.collapse_shape %m [[0, 1]] : memref<8x8xi32> into memref<64xi32>
    %y = memref.load %f[%c4] : memref<64xi32>
    memref.store %y, %out[%c1] : memref<64xi32>
    %r = memref.reinterpret_cast %in to offset: [5], sizes: [2, 2], strides: [10, 1] : memref<64xi32> to memref<2x2xi32, strided<[10, 1], offset: 5>>
    %z = memref.load %r[%c1, %c1] : memref<2x2xi32, strided<[10, 1], offset: 5>>
    memref.store %z, %out[%c2] : memref<64xi32>
  )",
                  3),
              ElementsAre(170, 40, 160));
}

TEST_F(CoreMemory, CopyGoesElementByElementWhereTheyAreApart) {
  EXPECT_THAT(out(R"(
    %v = memref.subview %in[1] [3] [4] : memref<64xi32> to memref<3xi32, strided<[4], offset: 1>>
    %w = memref.subview %out[0] [3] [1] : memref<64xi32> to memref<3xi32, strided<[1]>>
    memref.copy %v, %w : memref<3xi32, strided<[4], offset: 1>> to memref<3xi32, strided<[1]>>
  )",
                  4),
              ElementsAre(10, 50, 90, 0));
}

TEST_F(CoreMemory, GlobalDataIsABufferOfTheCore) {
  bench.module_text = "memref.global \"private\" constant @t : memref<3xi16> = dense<[5, -6, 7]>\n";
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %t = memref.get_global @t : memref<3xi16>
    %x = memref.load %t[%c1] : memref<3xi16>
    %y = arith.extsi %x : i16 to i32
    memref.store %y, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(-6));
  ASSERT_EQ(bench.program.globals.size(), 1u);
  EXPECT_THAT(bench.program.globals[0].initial, ElementsAre(0xFFFA0005u, 7u));
}

TEST_F(CoreMemory, ReinterpretedViewCountsFromTheBeginningOfItsMemory) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %s = memref.subview %in[8] [8] [1] : memref<64xi32> to memref<8xi32, strided<[1], offset: 8>>
    %r = memref.reinterpret_cast %s to offset: [5], sizes: [2], strides: [1] : memref<8xi32, strided<[1], offset: 8>> to memref<2xi32, strided<[1], offset: 5>>
    %x = memref.load %r[%c1] : memref<2xi32, strided<[1], offset: 5>>
    memref.store %x, %out[%c0] : memref<64xi32>
    %y = memref.load %in[%c0] : memref<64xi32>
    %zero = arith.index_cast %y : i32 to index
    %four = arith.addi %zero, %c4 : index
    %t = memref.subview %in[%four] [8] [1] : memref<64xi32> to memref<8xi32, strided<[1], offset: ?>>
    %u = memref.reinterpret_cast %t to offset: [%four], sizes: [2], strides: [1] : memref<8xi32, strided<[1], offset: ?>> to memref<2xi32, strided<[1], offset: ?>>
    %z = memref.load %u[%c1] : memref<2xi32, strided<[1], offset: ?>>
    memref.store %z, %out[%c1] : memref<64xi32>
  )",
                  2),
              ElementsAre(60, 50));
}

TEST_F(CoreMemory, ViewThatABranchPassesOnKnowsWhereItsMemoryBegins) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %x = memref.load %in[%c1] : memref<64xi32>
    %three = arith.constant 3 : i32
    %large = arith.cmpi sgt, %x, %three : i32
    %a = memref.subview %in[%c4] [8] [1] : memref<64xi32> to memref<8xi32, strided<[1], offset: ?>>
    %b = memref.subview %in[%c2] [8] [1] : memref<64xi32> to memref<8xi32, strided<[1], offset: ?>>
    %v = scf.if %large -> (memref<8xi32, strided<[1], offset: ?>>) {
      scf.yield %a : memref<8xi32, strided<[1], offset: ?>>
    } else {
      scf.yield %b : memref<8xi32, strided<[1], offset: ?>>
    }
    %base, %offset, %size, %stride = memref.extract_strided_metadata %v : memref<8xi32, strided<[1], offset: ?>> -> memref<i32>, index, index, index
    %o = arith.index_cast %offset : index to i32
    memref.store %o, %out[%c0] : memref<64xi32>
    %s = arith.index_cast %size : index to i32
    memref.store %s, %out[%c1] : memref<64xi32>
    %r = memref.reinterpret_cast %base to offset: [7], sizes: [1], strides: [1] : memref<i32> to memref<1xi32, strided<[1], offset: 7>>
    %y = memref.load %r[%c0] : memref<1xi32, strided<[1], offset: 7>>
    memref.store %y, %out[%c2] : memref<64xi32>
  )",
                  3),
              ElementsAre(4, 8, 70));
}

TEST_F(CoreMemory, ReshapedViewsKeepTheirSteps) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %s = memref.subview %in[%c4] [8] [%c2] : memref<64xi32> to memref<8xi32, strided<[?], offset: ?>>
    %e = memref.expand_shape %s [[0, 1]] output_shape [2, 4] : memref<8xi32, strided<[?], offset: ?>> into memref<2x4xi32, strided<[?, ?], offset: ?>>
    %x = memref.load %e[%c1, %c2] : memref<2x4xi32, strided<[?, ?], offset: ?>>
    memref.store %x, %out[%c0] : memref<64xi32>
    %f = memref.collapse_shape %e [[0, 1]] : memref<2x4xi32, strided<[?, ?], offset: ?>> into memref<8xi32, strided<[?], offset: ?>>
    %y = memref.load %f[%c4] : memref<8xi32, strided<[?], offset: ?>>
    memref.store %y, %out[%c1] : memref<64xi32>
  )",
                  2),
              ElementsAre(160, 120));
}

TEST_F(CoreMemory, SizesThatAreNotKnownAreThoseOfOperands) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %s = memref.subview %in[0] [%c4] [1] : memref<64xi32> to memref<?xi32, strided<[1]>>
    %e = memref.expand_shape %s [[0, 1]] output_shape [%c2, 2] : memref<?xi32, strided<[1]>> into memref<?x2xi32, strided<[2, 1]>>
    %x = memref.load %e[%c1, %c1] : memref<?x2xi32, strided<[2, 1]>>
    memref.store %x, %out[%c0] : memref<64xi32>
    %d = memref.dim %e, %c0 : memref<?x2xi32, strided<[2, 1]>>
    %n = arith.index_cast %d : index to i32
    memref.store %n, %out[%c1] : memref<64xi32>
  )",
                  2),
              ElementsAre(30, 2));
}

TEST_F(CoreMemory, OneOfTwoMemrefsIsSelected) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %x = memref.load %in[%c1] : memref<64xi32>
    %y = memref.load %in[%c2] : memref<64xi32>
    %less = arith.cmpi slt, %x, %y : i32
    %m = arith.select %less, %in, %out : memref<64xi32>
    %z = memref.load %m[%c4] : memref<64xi32>
    memref.store %z, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(40));
}

TEST_F(CoreMemory, TransposedViewExchangesSteps) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %m = memref.expand_shape %in [[0, 1]] output_shape [8, 8] : memref<64xi32> into memref<8x8xi32>
    %t = memref.transpose %m (i, j) -> (j, i) : memref<8x8xi32> to memref<8x8xi32, strided<[1, 8]>>
    %x = memref.load %t[%c1, %c2] : memref<8x8xi32, strided<[1, 8]>>
    memref.store %x, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(170));
}

TEST_F(CoreMemory, BytesAreReadAsElementsOfAnotherType) {
  bench.buffer("bytes", "memref<16xi8>");
  bench.write("bytes", std::vector<int8_t>{0, 0, 0, 0, 1, 2, 0, 0, 5, 0, 0, 0});
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %v = memref.view %bytes[%c4][%c2] : memref<16xi8> to memref<?xi32>
    %x = memref.load %v[%c0] : memref<?xi32>
    memref.store %x, %out[%c0] : memref<64xi32>
    %y = memref.load %v[%c1] : memref<?xi32>
    memref.store %y, %out[%c1] : memref<64xi32>
  )",
                  2),
              ElementsAre(0x201, 5));
}

}  // namespace
}  // namespace npu::compiler
