// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace npu::sim {

/// A piece of host memory that the model may touch directly.
struct HostRegion {
  uint64_t start = 0;  ///< device address, without the DDR offset
  uint64_t bytes = 0;
  std::byte* data = nullptr;
};

/// DDR as the shims see it. The model asks for the region that holds an address (TLM DMI on the
/// outside).
class HostMemory {
 public:
  virtual std::optional<HostRegion> region(uint64_t address) = 0;

 protected:
  ~HostMemory() = default;
};

}  // namespace npu::sim
