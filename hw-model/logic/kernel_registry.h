// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw-model/arch/kernel.h"

namespace npu::logic {

/// What a kernel does with one of its arguments: a region of the core's data memory.
struct KernelArgument {
  uint32_t bytes = 0;
  bool reads = false;
  bool writes = false;
  bool number = false;  ///< not memory: the 8 bytes of a register
};

/// Arguments point at data memory of this tile or a neighbour, 4-byte aligned.
using KernelFunction = void (*)(const arch::KernelSpec& spec,
                                std::span<std::byte* const> arguments);

/// A kernel ready to call.
struct Kernel {
  arch::KernelSpec spec;
  KernelFunction run = nullptr;
  std::vector<KernelArgument> arguments;
};

/// What a kernel does with its arguments; nothing for one that is known by name only.
std::vector<KernelArgument> arguments_of(const arch::KernelSpec& spec);

/// What a user's function is called that takes the place of a kernel: its text with `_` between the
/// words, `matmul_bf16_bf16_f32_64x64x64_bt`, and `p` and `m` for point and minus; the name of one
/// that is known by name only.
std::string kernel_symbol(const arch::KernelSpec& spec);

/// The kernel for a spec. Arguments: matmul A, B, C; zero C; copy and cast A, C; add and mul A, B,
/// C; edge the line above, the line, the line below, C.
///
/// Floating point follows the sequential policy: an output is the chain k = 0, 1, 2, ... of f32
/// fused multiply-adds, rounded to nearest even, denormals flushed to the zero of their sign on
/// reading and, judged after rounding to 24 bits, in results; it starts from C or, to overwrite,
/// from +0. Integers accumulate modulo 2^32. NaN payloads are not defined. Add and mul of bf16
/// compute in f32 and are rounded by `spec.rounding`; of integers they wrap. Cast and matmul to a
/// narrower type round by `spec.rounding` to bf16; to an integer they shift right by `spec.shift`,
/// round down and saturate. ScaledCast multiplies in f32 and rounds integers to nearest even. Copy
/// moves bits; every other floating-point kernel flushes denormals.
///
/// It comes with the fastest code that gives the reference's bits on this machine.
/// Throws Error naming the spec, and what there is, when no kernel fits.
Kernel find_kernel(const arch::KernelSpec& spec);

/// The instruction set in use: `scalar`, `x86-64-v3`, `x86-64-v4`, `avx512bf16`. Chosen once by
/// self-test against the scalar chain; the environment variable AIRLOCK_ISA caps it (for tests).
std::string_view kernel_isa();

}  // namespace npu::logic
