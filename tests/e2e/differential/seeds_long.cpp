// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/e2e/differential/seeds.h"

namespace npu::differential {

Seeds seeds() {
  return {.first = 1'000'000, .blocks = 8, .many = 2500, .some = 1000};
}

}  // namespace npu::differential
