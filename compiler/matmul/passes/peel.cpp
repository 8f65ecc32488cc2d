// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Peels the first step of K where the schedule says so: it overwrites C, and nothing has to zero
// it.
//
//   before   nest       call zero f32 4096
//            nest       loop k 2 by 256
//            nest         copy A B L3->L2
//            nest         loop k 4 by 64
//            nest           copy A B L2->L1 packed
//            nest           call matmul bf16 bf16 f32 64x64x64
//   after    nest       copy A B L3->L2->L1 packed
//            nest       call matmul bf16 bf16 f32 64x64x64 overwrite
//            nest       loop k 2 by 256, without the first step
//            nest         copy A B L3->L2
//            nest         loop k 4 by 64
//            nest           copy A B L2->L1 packed
//            nest           call matmul bf16 bf16 f32 64x64x64
#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

void peel(Schedule& s) {
  if (s.variant->fill != Fill::Overwrite)
    return;
  s.work.peeled = true;
  s.work.zero.reset();
}

}  // namespace npu::compiler::matmul
