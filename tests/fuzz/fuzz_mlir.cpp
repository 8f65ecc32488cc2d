// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  npu::xclbin::fuzz_target("mlir").run({data, size});
  return 0;
}
