// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "hw-model/logic/kernels/isa.h"

namespace npu::logic::kernels {

/// The function of a kernel for its types; null when there is none.
KernelFunction matmul_kernel(const arch::KernelSpec& spec, Isa isa);
KernelFunction elementwise_kernel(const arch::KernelSpec& spec);
KernelFunction edge_kernel(const arch::KernelSpec& spec);
KernelFunction line_kernel(const arch::KernelSpec& spec);

/// What there is, for the hint of an error.
std::string matmul_types();
std::string cast_types(arch::KernelOp op);

}  // namespace npu::logic::kernels
