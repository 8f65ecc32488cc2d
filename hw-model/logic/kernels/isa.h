// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string_view>

#include "hw-model/logic/kernel_registry.h"
#include "hw-model/logic/kernels/matmul.h"

namespace npu::logic::kernels {

/// Instruction sets the matmuls are written for, slowest first.
enum class Isa { Scalar, X86V3, X86V4, Avx512Bf16 };
inline constexpr Isa kIsas[] = {Isa::Scalar, Isa::X86V3, Isa::X86V4, Isa::Avx512Bf16};
std::string_view to_string(Isa isa);

/// Whether this processor has it.
bool present(Isa isa);

/// Whether its code gives the bits of the scalar code here: random bits, near-denormals, mixed
/// exponents.
bool agrees_with_scalar(Isa isa);

/// The fastest that is present, agrees with the scalar code and is not above `cap`, a name.
/// Throws Error when that is no instruction set.
Isa fastest_isa(std::string_view cap);

/// The same with the cap of the environment variable AIRLOCK_ISA, decided at the first call.
Isa best_isa();

MatmulFunction* matmul_function(Isa isa, arch::Type operand);

/// As `npu::logic::find_kernel`, with the instruction set given; it must be present.
Kernel find_kernel(const arch::KernelSpec& spec, Isa isa);

}  // namespace npu::logic::kernels
