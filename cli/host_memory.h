// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "cli/workload.h"

namespace npu::cli {

/// What a process has of host memory for the buffers of its kernels, by the limits of the driver.
class HostMemory {
 public:
  /// Makes room for the buffers of a kernel. Throws Error in words where the driver fails: a call
  /// with too many buffers, or memory that cannot be locked, with the buffer, its size and the
  /// limit.
  void lock(Workload& work);

 private:
  uint64_t locked_ = 0;
};

}  // namespace npu::cli
