// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <memory>

#include "cli/micro_kernels.h"
#include "cli/workload.h"
#include "compiler/compile.h"

namespace npu::cli {

/// The design that the settings ask for, whatever its kernel. Throws Error when there is none.
/// The hooks are for the passes of a matmul; where one stops them, micro-kernels are left open.
/// `kernels` gets where the code of each comes from.
compiler::Design build_design(const Settings& settings,
                              const compiler::matmul::PassHooks& hooks = {},
                              std::vector<MicroKernel>* kernels = nullptr);
compiler::Lowered lower_design(const Settings& settings,
                               std::vector<MicroKernel>* kernels = nullptr);

/// It as a workload, with operands from its seed.
std::unique_ptr<Workload> compile_workload(const Settings& settings);

}  // namespace npu::cli
