// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>

#include "hw-model/diagnosis/image.h"

namespace npu::cli {

/// How far into each argument of the host the descriptors reach that a sequence starts, in bytes,
/// by number. An argument that is named and never moved has 0.
std::map<uint32_t, uint64_t> argument_reach(const diagnosis::Image& image);

}  // namespace npu::cli
