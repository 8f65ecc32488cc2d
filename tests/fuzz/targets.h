// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "xclbin/bytes.h"

namespace npu::xclbin {

/// What is done with bytes that claim to be of a format: read, convert, list, write and read again.
/// Returns for any bytes; what it throws is a defect.
struct FuzzTarget {
  std::string_view name;
  void (*run)(View bytes);
  std::vector<Bytes> (*seeds)();  ///< files of ours to begin from
};

std::span<const FuzzTarget> fuzz_targets();
/// Throws std::out_of_range for a name that is none.
const FuzzTarget& fuzz_target(std::string_view name);

}  // namespace npu::xclbin
