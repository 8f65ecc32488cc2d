// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hw-model/arch/device.h"
#include "hw-model/arch/timing.h"

namespace npu::arch {

/// A hardware context as it is asked for.
struct ContextRequest {
  std::string name;  ///< for errors
  int columns = 1;
  std::optional<int> start;  ///< physical column; missing: the first that is free
};

/// Columns for contexts that exist at the same time, in the order in which they are created: each
/// gets the first run of free columns, on devices where the driver aligns them at a multiple of the
/// power of two that holds its width (hardware reference 1.1). Throws Error for one context more
/// than the driver takes, and for columns that do not exist, are not aligned, or are another's; it
/// names both.
std::vector<Partition> allocate_contexts(const Device& device, const DriverLimits& limits,
                                         std::span<const ContextRequest> requests);

}  // namespace npu::arch
