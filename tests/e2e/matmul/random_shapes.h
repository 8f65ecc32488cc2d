// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>

namespace npu {

/// How many random problems a program of this test tries, and from which seed on.
struct ShapeSeeds {
  uint32_t first;
  uint32_t count;
};
ShapeSeeds shape_seeds();

}  // namespace npu
