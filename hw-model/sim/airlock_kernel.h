/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Kernels in a shared object of the user's. A design calls `name`; the shared object defines
 *
 *   void name(airlock_core* core, const int64_t* arguments);
 *
 * with C linkage. An argument is what the design passes: a memref is the core's address of its
 * first element, an integer is sign extended, a float is the bits of an f32. The function runs at
 * the core's place in simulated time: what blocks, blocks the core. It takes no cycles but those
 * that it spends and those of what it asks for. It must not keep `core` and must not throw. */
#ifndef AIRLOCK_KERNEL_H
#define AIRLOCK_KERNEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. A shared object says which one it was built for: every file that
 * includes this header defines the variable, and the linker keeps one. Another version than the
 * program's is refused. */
enum { AIRLOCK_KERNEL_VERSION = 1 };
extern const uint32_t airlock_kernel_version __attribute__((weak, visibility("default")));
const uint32_t airlock_kernel_version = AIRLOCK_KERNEL_VERSION;

typedef struct airlock_core airlock_core;
struct airlock_core {
  /* The core's memory behind an address, or null when `bytes` from there on are not all there;
   * the core has stopped then. */
  void* (*memory)(airlock_core* core, uint64_t address, uint32_t bytes);
  /* Time that the kernel takes. */
  void (*spend)(airlock_core* core, uint64_t cycles);
  /* Locks by the core's numbers: 0 south, 16 west, 32 north, 48 own. An acquire waits for at least
   * `value` and takes it. */
  void (*acquire)(airlock_core* core, uint32_t lock, int32_t value);
  void (*release)(airlock_core* core, uint32_t lock, int32_t value);
  uint32_t (*get_stream)(airlock_core* core, uint32_t port);
  void (*put_stream)(airlock_core* core, uint32_t port, uint32_t word, int last);
  /* 64 bytes to or from an address of the core's memory. */
  void (*get_cascade)(airlock_core* core, uint64_t address);
  void (*put_cascade)(airlock_core* core, uint64_t address);
  /* INSTR_EVENT_0 or 1. */
  void (*event)(airlock_core* core, uint32_t number);
};

typedef void (*airlock_kernel)(airlock_core* core, const int64_t* arguments);

#ifdef __cplusplus
}
#endif
#endif
