// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "compiler/import/core_kernels.h"

namespace npu::cli {

/// The kernels of functions that designs call, as configs/kernels says, and stubs, each written
/// `NAME=cycles`. Throws Error for a stub without its cycles.
compiler::KernelNames kernel_names(const std::vector<std::string>& stubs);

}  // namespace npu::cli
