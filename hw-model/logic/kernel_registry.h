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
};

/// Arguments point at data memory of this tile or a neighbour, 4-byte aligned.
using KernelFunction = void (*)(const arch::KernelSpec& spec, std::span<std::byte* const> arguments);

/// A kernel ready to call.
struct Kernel {
  arch::KernelSpec spec;
  KernelFunction run = nullptr;
  std::vector<KernelArgument> arguments;
};

/// The kernel for a spec, with the fastest code that gives the reference's bits on this machine.
/// Throws Error naming the spec, and what there is, when no kernel fits.
Kernel find_kernel(const arch::KernelSpec& spec);

/// The instruction set in use: `scalar`, `x86-64-v3`, `x86-64-v4`, `avx512bf16`. Chosen once by self-test against the scalar chain; the
/// environment variable AIRLOCK_ISA caps it (for tests).
std::string_view kernel_isa();

}  // namespace npu::logic
