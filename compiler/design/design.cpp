// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/design/design.h"

namespace npu::compiler {

uint64_t Buffer::bytes() const {
  uint64_t elements = 1;
  for (const int64_t extent : shape)
    elements *= static_cast<uint64_t>(extent);
  return elements * arch::bytes_of(type);
}

}  // namespace npu::compiler
