// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>

#include "compiler/design/design.h"
#include "hw-model/arch/kernel.h"
#include "hw-model/arch/timing.h"

namespace npu::compiler {

/// Whether there is code for a kernel: a matmul of integers into i32. Floats are not among them:
/// the arithmetic of core programs keeps denormals, and that of kernels does not.
bool can_generate(const arch::KernelSpec& spec);

/// Whether a matmul has an instruction, and so is built in: its operands have one type.
bool has_instruction(const arch::KernelSpec& spec);

/// Cycles of a kernel by the cost function of its row; those of the instructions of its code where
/// there is no instruction for it.
arch::Cycle kernel_cycles(const arch::Timing& timing, const arch::KernelSpec& spec);

/// Puts the code of a kernel in the place of each of its calls; the kernel leaves the core's list.
/// The code uses registers from 48 on. Throws Error when there is no code for it.
void generate_kernel(Core& core, size_t kernel);

}  // namespace npu::compiler
