// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/mlir/attributes.h"

#include <gmock/gmock.h>

#include "compiler/mlir/types.h"

namespace npu::compiler::mlir {
namespace {

using ::testing::ElementsAre;

TEST(MlirAttributes, NumbersHaveSignsBasesAndTypes) {
  EXPECT_EQ(to_integer("-12 : i32"), -12);
  EXPECT_EQ(to_integer("0x1D204"), 0x1D204);
  EXPECT_EQ(to_integer("true"), 1);
  EXPECT_EQ(to_integer("@a"), std::nullopt);
}

TEST(MlirAttributes, ListsAreDividedAtTheirOwnCommas) {
  EXPECT_THAT(to_list("#aie<bd_dim_layout_array[<size = 1, stride = 2>, <size = 3, stride = 4>]>"),
              ElementsAre("<size = 1, stride = 2>", "<size = 3, stride = 4>"));
  EXPECT_THAT(to_list("array<i64: 1, 2>"), ElementsAre("1", "2"));
}

TEST(MlirAttributes, FieldsAreFoundByName) {
  EXPECT_EQ(integer_field("#aie.packet_info<pkt_type = 0, pkt_id = 7>", "pkt_id"), 7);
  EXPECT_EQ(integer_field("<pkt_id = 7>", "pkt_type"), std::nullopt);
}

TEST(MlirAttributes, DenseValuesAreBytes) {
  EXPECT_THAT(*dense_bytes("dense<[[1, -1], [2, 3]]> : tensor<2x2xi8>", "i8", 4),
              ElementsAre(1, 255, 2, 3));
  EXPECT_THAT(*dense_bytes("dense<1.5>", "bf16", 2), ElementsAre(0xC0, 0x3F, 0xC0, 0x3F));
  EXPECT_THAT(*dense_bytes("dense<[-2.0, 0x7C00]>", "f16", 2), ElementsAre(0, 0xC0, 0, 0x7C));
  EXPECT_THAT(*dense_bytes("dense<\"0x01FF\"> : tensor<2xi8>", "i8", 2), ElementsAre(1, 255));
  EXPECT_THAT(*dense_bytes("dense<\"0x7F\"> : tensor<2xi8>", "i8", 2), ElementsAre(127, 127));
  EXPECT_EQ(dense_bytes("dense<[a]>", "i8", 1), std::nullopt);
}

TEST(MlirTypes, MemrefsHaveShapesStridesAndSpaces) {
  const Type type = parse_type("memref<4x?xui8, strided<[8, 1], offset: 2>, 1 : i32>");
  EXPECT_THAT(type.shape, ElementsAre(4, kDynamic));
  EXPECT_EQ(type.element, "ui8");
  EXPECT_THAT(*type.strides, ElementsAre(8, 1));
  EXPECT_EQ(type.offset, 2);
  EXPECT_EQ(type.elements(), kDynamic);
}

TEST(MlirTypes, MapsAreLayouts) {
  const Type type = parse_type("memref<4x4xi32, affine_map<(i, j) -> (j, i)>, 2>");
  EXPECT_EQ(type.layout, "affine_map<(i, j) -> (j, i)>");
  EXPECT_EQ(type.space, "2");
}

}  // namespace
}  // namespace npu::compiler::mlir
