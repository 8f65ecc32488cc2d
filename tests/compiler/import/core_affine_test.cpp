// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Affine loops, conditions and expressions of a core body.
#include "tests/compiler/import/core_fixture.h"

namespace npu::compiler {
namespace {

using ::testing::ElementsAre;

using CoreAffine = CoreBody;

TEST_F(CoreAffine, LoopsAndExpressions) {
  EXPECT_THAT(out(R"(
    affine.for %i = 0 to 3 {
      affine.for %j = 0 to 4 step 2 {
        %x = affine.load %in[%i * 4 + %j + 1] : memref<64xi32>
        affine.store %x, %out[%i * 4 + %j] : memref<64xi32>
      }
    }
    %c7 = arith.constant 7 : index
    %k = affine.apply affine_map<(d0) -> (d0 floordiv 2 + d0 mod 4)>(%c7)
    %r = arith.index_cast %k : index to i32
    affine.store %r, %out[1] : memref<64xi32>
  )",
                  12),
              ElementsAre(10, 6, 30, 0, 50, 0, 70, 0, 90, 0, 110, 0));
}

TEST_F(CoreAffine, ConditionsAndNests) {
  EXPECT_THAT(out(R"(
    %one = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %c3 = arith.constant 3 : index
    affine.parallel (%i, %j) = (0, 0) to (2, 4) step (1, 2) {
      affine.if affine_set<(d0, d1)[s0] : (d0 - 1 >= 0, d1 - s0 + 1 == 0)>(%i, %j)[%c3] {
        affine.store %two, %out[%i * 4 + %j] : memref<64xi32>
      } else {
        affine.store %one, %out[%i * 4 + %j] : memref<64xi32>
      }
    }
  )",
                  8),
              ElementsAre(1, 0, 1, 0, 1, 0, 2, 0));
}

}  // namespace
}  // namespace npu::compiler
