// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/compile.h"

#include <utility>

namespace npu::compiler {

Design build(const matmul::Problem& problem, const arch::Partition& partition,
             const arch::Timing& timing, const matmul::Options& options,
             const matmul::PassHooks& hooks) {
  return std::move(matmul::plan(problem, partition, timing, options, hooks).design);
}

}  // namespace npu::compiler
