// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fills C in L1, once a tile. A C narrower than the accumulator gets an accumulator beside it,
// which is narrowed once, after the last K step, so that the result does not depend on the slices.
//
//   before   nest     loop launch 2x5
//            nest           call matmul bf16 bf16 bf16 64x64x64
//   after    nest     loop launch 2x5
//            nest       call zero f32 4096
//            nest           call matmul bf16 bf16 f32 64x64x64
//            nest       call cast f32 bf16 4096
//            l1       acc f32 16x16x4x4 depth=1
#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

void fill(Schedule& s) {
  const Type accumulator = arch::accumulator_of(s.problem.a);
  const int elements = static_cast<int>(s.l1[2].elements());
  if (has_accumulator(s.problem)) {
    s.l1.push_back({"acc", accumulator, s.l1[2].shape, 1});
    s.work.cast = {.op = arch::KernelOp::Cast,
                   .a = accumulator,
                   .b = s.problem.c,
                   .c = s.problem.c,
                   .m = elements,
                   .rounding = s.problem.epilogue.rounding,
                   .shift = s.problem.epilogue.shift};
  }
  if (s.problem.epilogue.relu)
    s.work.relu = {.op = arch::KernelOp::Relu,
                   .a = s.problem.c,
                   .b = s.problem.c,
                   .c = s.problem.c,
                   .m = elements};
  s.work.matmul.c = accumulator;
  s.work.zero = {.op = arch::KernelOp::Zero,
                 .a = accumulator,
                 .b = accumulator,
                 .c = accumulator,
                 .m = elements};
  s.work.fill = Level::Launch;
}

}  // namespace npu::compiler::matmul
