// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/timing.h"

#include <algorithm>
#include <cmath>

#include "hw-model/arch/error.h"

namespace npu::arch {

namespace {
/// MACs of a matmul, elements of everything else.
double work_of(const KernelSpec& spec) {
  return static_cast<double>(spec.m) * spec.k * spec.n;
}

double blocks_of(const KernelSpec& spec) {
  if (spec.op != KernelOp::Matmul)
    return 0;
  const MatmulBlock block = matmul_block(spec.a, spec.b);
  return std::ceil(static_cast<double>(spec.m) / block.m) *
         std::ceil(static_cast<double>(spec.n) / block.n);
}
}  // namespace

const KernelCost* Timing::row_of(const KernelSpec& spec) const {
  const auto row = std::ranges::find_if(kernels, [&](const KernelCost& cost) {
    return cost.op == spec.op && cost.a == spec.a && cost.c == spec.c;
  });
  return row == kernels.end() ? nullptr : &*row;
}

Cycle Timing::kernel_cycles(const KernelSpec& spec) const {
  if (spec.op == KernelOp::External && spec.cycles >= 0)
    return static_cast<Cycle>(spec.cycles);
  const KernelCost* row = row_of(spec);
  if (!row)
    return static_cast<Cycle>(std::ceil(work_of(spec) * core.instruction.value));
  if (!(row->rate.value > 0))
    throw Error("kernel cost of `{}`: a rate of {} does not work", to_string(spec), row->rate.value)
        .hint("MACs or elements a cycle, above 0");
  return static_cast<Cycle>(std::ceil(row->setup.value + work_of(spec) / row->rate.value +
                                      blocks_of(spec) * row->per_block.value));
}

}  // namespace npu::arch
