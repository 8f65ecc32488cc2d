// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fills C, once a tile: in L1 by a kernel, or in L2 from L3, which the host has zeroed. A C
// narrower than the accumulator gets an accumulator beside it, which is narrowed once, after the
// last K step, so that the result does not depend on the slices.
//
//   before   nest     loop launch 2x5
//            nest           call matmul bf16 bf16 bf16 64x64x64
//   after    nest     loop launch 2x5
//            nest       call zero f32 4096
//            nest           call matmul bf16 bf16 f32 64x64x64
//            nest       call cast f32 bf16 4096
//            l1       acc f32 16x16x4x4 depth=1
#include "compiler/matmul/passes/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

void check_l2(const Schedule& s) {
  if (has_accumulator(s.problem))
    throw Error("schedule {}: C is {}, and sums that L2 fills go through it as {}", s.variant->name,
                arch::to_string(s.problem.c), arch::to_string(arch::accumulator_of(s.problem.a)))
        .hint("problem.c: {}, or a schedule that fills L1",
              arch::to_string(arch::accumulator_of(s.problem.a)));
  if (s.options.l2_locks == L2Locks::PerWriter || s.options.split_l2 == SplitL2::Legacy)
    throw Error("schedule {}: C in L2 is cut by rows of cores, with locks for each core",
                s.variant->name)
        .hint("split-l2: fixed, l2-locks: shared");
}

}  // namespace

void fill(Schedule& s) {
  if (s.filled_in_l2())
    check_l2(s);
  const Type accumulator = arch::accumulator_of(s.problem.a);
  const int elements = static_cast<int>(s.l1[2].elements());
  const bool scaled = s.problem.epilogue.scale != 1;
  if (has_accumulator(s.problem)) {
    s.l1.push_back({"acc", accumulator, s.l1[2].shape, 1});
    s.work.cast = {.op = scaled ? arch::KernelOp::ScaledCast : arch::KernelOp::Cast,
                   .a = accumulator,
                   .b = s.problem.c,
                   .c = s.problem.c,
                   .m = elements,
                   .rounding = s.problem.epilogue.rounding,
                   .shift = s.problem.epilogue.shift,
                   .scale = s.problem.epilogue.scale};
  } else if (scaled) {
    s.work.scale = {.op = arch::KernelOp::ScaledCast,
                    .a = s.problem.c,
                    .b = s.problem.c,
                    .c = s.problem.c,
                    .m = elements,
                    .scale = s.problem.epilogue.scale};
  }
  if (s.problem.epilogue.relu)
    s.work.relu = {.op = arch::KernelOp::Relu,
                   .a = s.problem.c,
                   .b = s.problem.c,
                   .c = s.problem.c,
                   .m = elements};
  s.work.matmul.c = accumulator;
  if (!s.filled_in_l2())
    s.work.zero = {.op = arch::KernelOp::Zero,
                   .a = accumulator,
                   .b = accumulator,
                   .c = accumulator,
                   .m = elements};
  s.work.filled = true;
}

}  // namespace npu::compiler::matmul
