// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "cli/user_kernels.h"
#include "compiler/design/design.h"
#include "hw-model/arch/command.h"

namespace npu::cli {

/// Where the code of a micro-kernel comes from: the model's registry, a program of the core's own
/// instructions that the compiler writes, or a shared object of the user's.
enum class KernelOrigin : uint8_t { BuiltIn, Generated, External };

/// A micro-kernel that cores of a design call.
struct MicroKernel {
  std::string kernel;  ///< text form
  KernelOrigin origin = KernelOrigin::BuiltIn;
  std::string file;  ///< of one that is external; empty: known by name only
};
/// `built in`, `generated`, `external: mm.so`.
std::string origin_text(const MicroKernel& kernel);

/// Decides where the code of each micro-kernel of a design comes from: `files` first, then what is
/// built in; for what is neither, code is put in the place of its calls. In the order of their
/// texts. Throws Error for a kernel that nobody has and nobody can write, and for one that is
/// missing in its file.
std::vector<MicroKernel> decide_kernels(compiler::Design& design,
                                        const std::map<std::string, std::string>& files);

/// The functions of the user's shared objects that a design calls, by symbol. `files` says which
/// shared object has the kernels of an operation (`matmul`) or of a name; the programs that
/// `configuration` loads say which are called. Throws Error for a file that cannot be loaded,
/// naming a symbol that is missing, and for a kernel that no core calls.
UserKernels external_kernels(const std::map<std::string, std::string>& files,
                             std::span<const arch::Command> configuration);

}  // namespace npu::cli
