// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "xclbin/kernels.h"
#include "xclbin/pdi.h"

namespace npu::xclbin {

/// A kernel whose only core writes that word: containers of it differ when words do.
inline KernelImage kernel_named(const std::string& name, uint32_t word = 1) {
  const arch::Commands configuration{arch::BlockWrite{0x00220000, {word, 2}},
                                     arch::Write{0x0021F000, 1}, arch::Write{0x00232000, 1}};
  return {.name = name, .pdi = write_pdi(make_pdi(configuration)), .columns = 4};
}

inline Container container_of(std::initializer_list<KernelImage> kernels) {
  return make_container(std::vector(kernels), arch::kNpu1);
}

}  // namespace npu::xclbin
