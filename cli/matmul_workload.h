// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <memory>

#include "cli/workload.h"

namespace npu::cli {

/// The matmul of a sim file, compiled, with operands from its seed. Throws Error when it cannot be
/// compiled.
std::unique_ptr<Workload> compile_matmul(const Settings& settings);

}  // namespace npu::cli
