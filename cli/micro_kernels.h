// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <span>
#include <string>

#include "cli/user_kernels.h"
#include "hw-model/arch/command.h"

namespace npu::cli {

/// Where the code of micro-kernels comes from, decided when a design runs: the functions of the
/// user's shared objects, by symbol; all others are built in. `files` says which shared object has
/// the kernels of an operation (`matmul`) or of a name; the programs that `configuration` loads say
/// which are called. Throws Error for a file that cannot be loaded, naming a symbol that is
/// missing, and for a kernel that no core calls.
UserKernels external_kernels(const std::map<std::string, std::string>& files,
                             std::span<const arch::Command> configuration);

}  // namespace npu::cli
