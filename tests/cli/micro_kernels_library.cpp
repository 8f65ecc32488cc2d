// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels that no one should use: C begins with ones where it should be zero.
#include "hw-model/sim/airlock_kernel.h"

#ifdef NEEDS_MORE
extern "C" void not_there();
#endif

extern "C" void zero_f32_4096(airlock_core* core, const int64_t* arguments) {
#ifdef NEEDS_MORE
  not_there();
#endif
  constexpr uint32_t kElements = 4096;
  auto* c = static_cast<float*>(
      core->memory(core, static_cast<uint64_t>(arguments[0]), kElements * sizeof(float)));
  for (uint32_t i = 0; c != nullptr && i < kElements; ++i)
    c[i] = 1;
}
