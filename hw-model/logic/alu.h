// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>

#include "hw-model/arch/program.h"

namespace npu::logic {

/// The value a register gets from an arithmetic instruction of registers `a`, `b` and the old
/// `dst`. Integers are computed at the width of the instruction's type and sign extended; division
/// by zero gives 0 and overflow wraps, as nothing traps in a core. What is of bf16 or f16 is
/// rounded once, to nearest even, and held as the bits of an f32.
int64_t compute(const arch::Instruction& in, int64_t a, int64_t b, int64_t dst);

/// A register's value from memory: integers sign extended, bf16 and f16 widened to f32 bits.
int64_t load(const std::byte* place, arch::Type type);
/// Memory from a register: integers truncated, f32 bits rounded to nearest even for bf16 and f16.
void store(std::byte* place, arch::Type type, int64_t value);

}  // namespace npu::logic
