// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <memory>

#include "cli/workload.h"

namespace npu::cli {

/// The design with two functions of a sim file, compiled, with operands from its seed; the result
/// is compared with that of the function that the host selects. Throws Error when it cannot be
/// compiled.
std::unique_ptr<Workload> compile_select(const Settings& settings);

}  // namespace npu::cli
