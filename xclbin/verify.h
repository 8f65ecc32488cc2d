// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "xclbin/bytes.h"

namespace npu::xclbin {

/// Everything in a container that a loader would refuse or a user should know, one sentence each;
/// empty when all is well. Never throws for what the bytes contain.
std::vector<std::string> verify(View bytes);

}  // namespace npu::xclbin
