// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A shared object of another time: it says a version of its own, or none.
#include <cstdint>

#ifdef KERNEL_VERSION
extern "C" {
extern const uint32_t airlock_kernel_version;
const uint32_t airlock_kernel_version = KERNEL_VERSION;
}
#endif

extern "C" void twice(void*, const int64_t*) {}
