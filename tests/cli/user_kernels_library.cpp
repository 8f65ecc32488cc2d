// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A shared object as a user writes it.
#include "hw-model/sim/airlock_kernel.h"

extern "C" void twice(airlock_core* core, const int64_t* arguments) {
  auto* word = static_cast<int32_t*>(core->memory(core, static_cast<uint64_t>(arguments[0]), 4));
  if (word != nullptr)
    *word *= 2;
}
