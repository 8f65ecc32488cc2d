// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/e2e/differential/seeds.h"

namespace npu::differential {

Seeds seeds() {
  return {.first = 1, .blocks = 2, .many = 800, .some = 220};
}

}  // namespace npu::differential
