// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/compile.h"

#include <map>
#include <utility>

namespace npu::compiler {

Design build(const matmul::Problem& problem, const arch::Partition& partition,
             const arch::Timing& timing, const matmul::Options& options,
             const matmul::PassHooks& hooks) {
  return std::move(matmul::plan(problem, partition, timing, options, hooks).design);
}

std::vector<arch::KernelSpec> micro_kernels(const Design& design) {
  std::map<std::string, arch::KernelSpec> kernels;
  for (const Core& core : design.cores)
    for (const arch::KernelSpec& kernel : core.program.kernels)
      kernels.emplace(arch::to_string(kernel), kernel);
  std::vector<arch::KernelSpec> result;
  for (auto& [text, kernel] : kernels)
    result.push_back(std::move(kernel));
  return result;
}

}  // namespace npu::compiler
