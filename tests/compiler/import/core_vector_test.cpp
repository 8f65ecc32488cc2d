// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors of a core body: how they come from memory and go there, and where their lanes go.
#include "tests/compiler/import/core_fixture.h"

namespace npu::compiler {
namespace {

using ::testing::ElementsAre;

/// `%m` is `in` as 8 rows of 8: 0, 10, 20, ...
class CoreVector : public CoreBody {
 protected:
  Ints lanes(const std::string& body, size_t count) {
    return out(std::string(kConstants) + R"(
    %m = memref.expand_shape %in [[0, 1]] output_shape [8, 8] : memref<64xi32> into memref<8x8xi32>
    %pad = arith.constant -1 : i32
    %first = memref.load %in[%c0] : memref<64xi32>
    %zero = arith.index_cast %first : i32 to index
    %a = arith.constant dense<[1, 2]> : vector<2xi32>
    %b = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : vector<2x3xi32>
)" + body,
               count);
  }
};

TEST_F(CoreVector, TransferMayTransposeAndRepeat) {
  EXPECT_THAT(lanes(R"(
    %v = vector.transfer_read %m[%c0, %c1], %pad {permutation_map = affine_map<(d0, d1) -> (d1, d0)>, in_bounds = [true, true]} : memref<8x8xi32>, vector<2x2xi32>
    %w = vector.shape_cast %v : vector<2x2xi32> to vector<4xi32>
    vector.store %w, %out[%c0] : memref<64xi32>, vector<4xi32>
    %x = vector.transfer_read %in[%c1], %pad {permutation_map = affine_map<(d0) -> (0)>} : memref<64xi32>, vector<2xi32>
    vector.store %x, %out[%c4] : memref<64xi32>, vector<2xi32>
  )",
                    6),
              ElementsAre(10, 90, 20, 100, 10, 10));
}

TEST_F(CoreVector, ReadBehindTheEndGivesThePadding) {
  EXPECT_THAT(lanes(R"(
    %c62 = arith.constant 62 : index
    %at = arith.addi %zero, %c62 : index
    %v = vector.transfer_read %in[%c62], %pad : memref<64xi32>, vector<4xi32>
    vector.store %v, %out[%c0] : memref<64xi32>, vector<4xi32>
    %w = vector.transfer_read %in[%at], %pad : memref<64xi32>, vector<4xi32>
    vector.store %w, %out[%c4] : memref<64xi32>, vector<4xi32>
  )",
                    8),
              ElementsAre(620, 630, -1, -1, 620, 630, -1, -1));
}

TEST_F(CoreVector, ReadOfARowEndsWhereTheRowDoes) {
  EXPECT_THAT(lanes(R"(
    %c6 = arith.constant 6 : index
    %v = vector.transfer_read %m[%c1, %c6], %pad : memref<8x8xi32>, vector<4xi32>
    vector.store %v, %out[%c0] : memref<64xi32>, vector<4xi32>
  )",
                    4),
              ElementsAre(140, 150, -1, -1));
}

TEST_F(CoreVector, WriteBehindTheEndWritesNothing) {
  EXPECT_THAT(lanes(R"(
    %two = memref.subview %out[0] [2] [1] : memref<64xi32> to memref<2xi32, strided<[1]>>
    %next = memref.subview %out[4] [2] [1] : memref<64xi32> to memref<2xi32, strided<[1], offset: 4>>
    %fives = arith.constant dense<5> : vector<4xi32>
    vector.transfer_write %fives, %two[%c0] : vector<4xi32>, memref<2xi32, strided<[1]>>
    %one = arith.addi %zero, %c1 : index
    vector.transfer_write %fives, %next[%one] : vector<4xi32>, memref<2xi32, strided<[1], offset: 4>>
  )",
                    8),
              ElementsAre(5, 5, 0, 0, 0, 5, 0, 0));
}

TEST_F(CoreVector, MasksLeaveLanesOut) {
  EXPECT_THAT(lanes(R"(
    %mask = vector.constant_mask [1] : vector<2xi1>
    %n = arith.addi %zero, %c1 : index
    %made = vector.create_mask %n : vector<2xi1>
    %v = vector.transfer_read %in[%c1], %pad, %mask {in_bounds = [true]} : memref<64xi32>, vector<2xi32>
    vector.store %v, %out[%c0] : memref<64xi32>, vector<2xi32>
    vector.transfer_write %a, %out[%c2], %made {in_bounds = [true]} : vector<2xi32>, memref<64xi32>
  )",
                    4),
              ElementsAre(10, -1, 1, 0));
}

TEST_F(CoreVector, BroadcastRepeatsDimensionsOfOneLane) {
  EXPECT_THAT(lanes(R"(
    %t = vector.broadcast %a : vector<2xi32> to vector<2x2xi32>
    %u = vector.shape_cast %t : vector<2x2xi32> to vector<4xi32>
    vector.store %u, %out[%c0] : memref<64xi32>, vector<4xi32>
    %column = vector.shape_cast %a : vector<2xi32> to vector<2x1xi32>
    %v = vector.broadcast %column : vector<2x1xi32> to vector<2x2xi32>
    %w = vector.shape_cast %v : vector<2x2xi32> to vector<4xi32>
    vector.store %w, %out[%c4] : memref<64xi32>, vector<4xi32>
  )",
                    8),
              ElementsAre(1, 2, 1, 2, 1, 1, 2, 2));
}

TEST_F(CoreVector, LanesAreTransposedShuffledAndGathered) {
  EXPECT_THAT(lanes(R"(
    %t = vector.transpose %b, [1, 0] : vector<2x3xi32> to vector<3x2xi32>
    %u = vector.shape_cast %t : vector<3x2xi32> to vector<6xi32>
    vector.store %u, %out[%c0] : memref<64xi32>, vector<6xi32>
    %s = vector.shuffle %a, %a [3, 0, 0] : vector<2xi32>, vector<2xi32>
    %c6 = arith.constant 6 : index
    vector.store %s, %out[%c6] : memref<64xi32>, vector<3xi32>
    %g = vector.from_elements %pad, %first : vector<2xi32>
    %c9 = arith.constant 9 : index
    vector.store %g, %out[%c9] : memref<64xi32>, vector<2xi32>
  )",
                    11),
              ElementsAre(1, 4, 2, 5, 3, 6, 2, 1, 1, -1, 0));
}

TEST_F(CoreVector, ShuffleBeyondItsLanesIsRefused) {
  EXPECT_EQ(error("%v = arith.constant dense<0> : vector<2xi32>\n"
                  "%s = vector.shuffle %v, %v [0, 4] : vector<2xi32>, vector<2xi32>\n"),
            "core(0,2), line 10: `vector.shuffle`: lane 4 of 4");
}

TEST_F(CoreVector, DimensionsAreReduced) {
  EXPECT_THAT(lanes(R"(
    %r = vector.multi_reduction <add>, %b, %a [1] : vector<2x3xi32> to vector<2xi32>
    vector.store %r, %out[%c0] : memref<64xi32>, vector<2xi32>
  )",
                    2),
              ElementsAre(7, 17));
}

TEST_F(CoreVector, ContractionGoesWhereItsMapsSay) {
  EXPECT_THAT(lanes(R"(
    %sum = arith.constant dense<[[100, 0], [0, 0]]> : vector<2x2xi32>
    %r = vector.contract {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (n, m)>], iterator_types = ["parallel", "parallel", "reduction"], kind = #vector.kind<add>} %b, %b, %sum : vector<2x3xi32>, vector<2x3xi32> into vector<2x2xi32>
    %w = vector.shape_cast %r : vector<2x2xi32> to vector<4xi32>
    vector.store %w, %out[%c0] : memref<64xi32>, vector<4xi32>
  )",
                    4),
              ElementsAre(114, 32, 32, 77));
}

TEST_F(CoreVector, ContractionOfBytesIntoWordsDoesNotWrap) {
  EXPECT_THAT(lanes(R"(
    %x = arith.constant dense<-128> : vector<4xi8>
    %r = vector.contract {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"], kind = #vector.kind<add>} %x, %x, %pad : vector<4xi8>, vector<4xi8> into i32
    memref.store %r, %out[%c0] : memref<64xi32>
  )",
                    1),
              ElementsAre(4 * 128 * 128 - 1));
}

TEST_F(CoreVector, MaskHasTheDimensionsOfMemory) {
  EXPECT_THAT(lanes(R"(
    %mask = arith.constant dense<[[true, true], [false, true]]> : vector<2x2xi1>
    %v = vector.transfer_read %m[%c0, %c1], %pad, %mask {permutation_map = affine_map<(d0, d1) -> (d1, d0)>, in_bounds = [true, true]} : memref<8x8xi32>, vector<2x2xi32>
    %w = vector.shape_cast %v : vector<2x2xi32> to vector<4xi32>
    vector.store %w, %out[%c0] : memref<64xi32>, vector<4xi32>
  )",
                    4),
              ElementsAre(10, -1, 20, 100));
}

TEST_F(CoreVector, MaskStandsBesideAnIdentityMap) {
  EXPECT_THAT(lanes(R"(
    %e = arith.addi %zero, %c1 : index
    %mask = vector.create_mask %e : vector<2xi1>
    "vector.transfer_write"(%a, %out, %c0, %mask) <{in_bounds = [true], operandSegmentSizes = array<i32: 1, 1, 1, 1>, permutation_map = affine_map<(d0) -> (d0)>}> : (vector<2xi32>, memref<64xi32>, index, vector<2xi1>) -> ()
  )",
                    2),
              ElementsAre(1, 0));
}

TEST_F(CoreVector, MaskedLanesAreNeitherReadNorWritten) {
  EXPECT_THAT(lanes(R"(
    %e = arith.addi %zero, %c2 : index
    %mask = vector.create_mask %e : vector<4xi1>
    %old = arith.constant dense<[1, 2, 3, 4]> : vector<4xi32>
    %v = vector.maskedload %m[%c1, %c1], %mask, %old : memref<8x8xi32>, vector<4xi1>, vector<4xi32> into vector<4xi32>
    vector.store %v, %out[%c0] : memref<64xi32>, vector<4xi32>
    vector.maskedstore %out[%c1], %mask, %old : memref<64xi32>, vector<4xi1>, vector<4xi32>
  )",
                    5),
              ElementsAre(90, 1, 2, 4, 0));
}

TEST_F(CoreVector, MaskOfOtherLanesIsRefused) {
  EXPECT_THAT(error(std::string(kConstants) + R"(
    %mask = arith.constant dense<true> : vector<2xi1>
    %old = arith.constant dense<0> : vector<4xi32>
    %v = vector.maskedload %in[%c1], %mask, %old : memref<64xi32>, vector<2xi1>, vector<4xi32> into vector<4xi32>
)"),
              ::testing::HasSubstr("`vector.maskedload`: a mask of 2 lanes for 4"));
}

TEST_F(CoreVector, PermutationThatNamesADimensionTwiceIsRefused) {
  EXPECT_EQ(error("%v = arith.constant dense<0> : vector<2x2xi32>\n"
                  "%x = vector.transpose %v, [1, 1] : vector<2x2xi32> to vector<2x2xi32>\n"),
            "core(0,2), line 10: `vector.transpose`: a permutation of other dimensions");
}

struct Misfit {
  const char* body;
  const char* error;
};

/// A result of other lanes or dimensions than its type has, or a use that says another type.
class VectorMisfit : public CoreBody, public ::testing::WithParamInterface<Misfit> {};

TEST_P(VectorMisfit, IsRefused) {
  EXPECT_THAT(error(std::string(kConstants) + R"(
    %a = arith.constant dense<[1, -2, 3, -4]> : vector<4xi32>
    %b = arith.constant dense<9> : vector<2xi32>
    %k = arith.constant 7 : i32
)" + GetParam().body),
              ::testing::HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Core, VectorMisfit,
    ::testing::Values(
        Misfit{"%x = vector.from_elements %k, %k : vector<4xi32>",
               "%x of type `vector<4xi32>` would be 2 lanes"},
        Misfit{"%x = arith.trunci %a : vector<4xi32> to vector<8xi16>",
               "%x of type `vector<8xi16>` would be 4 lanes"},
        Misfit{"%x = arith.extsi %k : i32 to vector<4xi64>",
               "%x of type `vector<4xi64>` would be one number"},
        Misfit{"%x = arith.addi %a, %b : vector<4xi32>", "operands of 2 and of 4 lanes"},
        Misfit{R"(%x = "vector.shuffle"(%a, %a) <{mask = array<i64: 0, 1>}>
                    : (vector<4xi32>, vector<4xi32>) -> vector<4xi32>)",
               "%x of type `vector<4xi32>` would be 2 lanes"},
        Misfit{"%x = vector.extract_strided_slice %a {offsets = [2], sizes = [2], strides = [1]}"
               " : vector<4xi32> to vector<4xi32>",
               "%x of type `vector<4xi32>` would be 2 lanes"},
        Misfit{"%x = vector.insert %b, %a [0] : vector<2xi32> into vector<4xi32>", "2 lanes for 1"},
        Misfit{"%x = vector.load %in[%c0] : memref<64xi32>, vector<2x2xi32>",
               "a vector of more dimensions than the memref"},
        Misfit{R"(%v = arith.constant dense<0> : vector<2x2xi32>
                  vector.store %v, %out[%c0] : memref<64xi32>, vector<2x2xi32>)",
               "a vector of more dimensions than the memref"},
        Misfit{R"(%m = memref.alloca() : memref<i32>
                  %x = vector.load %m[] : memref<i32>, vector<4xi32>)",
               "a vector of more dimensions than the memref"},
        Misfit{R"(%x = "scf.for"(%c0, %c4, %c1, %a) ({
                  ^bb0(%i: index, %q: vector<4xi32>):
                    "scf.yield"(%b) : (vector<2xi32>) -> ()
                  }) : (index, index, index, vector<4xi32>) -> vector<4xi32>)",
               "regions that do not fit each other"},
        Misfit{R"(%x = "memref.memory_space_cast"(%in) : (memref<64xi32>) -> memref<8x8xi32>)",
               "%x of type `memref<8x8xi32>` would be a memref of 1 dimensions"},
        Misfit{"%m = memref.alloca() : memref<4xi32>\n"
               "memref.copy %in, %m : memref<64xi32> to memref<4xi32>",
               "memrefs of other sizes"}));

}  // namespace
}  // namespace npu::compiler
