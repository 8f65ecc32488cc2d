// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/e2e/matmul/random_shapes.h"

namespace npu {

ShapeSeeds shape_seeds() {
  return {1, 64};
}

}  // namespace npu
