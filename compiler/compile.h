// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <vector>

#include "compiler/design/design.h"
#include "compiler/matmul/pipeline.h"
#include "compiler/matmul/problem.h"
#include "hw-model/arch/device.h"
#include "hw-model/arch/timing.h"

namespace npu::compiler {

/// Compiles a matmul into a Design whose arguments are A, B and C. Numbers that lowering assigns
/// are left open. Throws Error when the problem is not one, the strategy refuses it, or it does not
/// fit the device. With `hooks.stop_after` the Design holds what the passes up to that one have
/// built.
Design build(const matmul::Problem& problem, const arch::Partition& partition,
             const arch::Timing& timing, const matmul::Options& options,
             const matmul::PassHooks& hooks = {});

/// The micro-kernels that a design's cores call, each once, in the order of their texts. Where
/// their code comes from is not the compiler's affair.
std::vector<arch::KernelSpec> micro_kernels(const Design& design);

}  // namespace npu::compiler
