// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Hoists the copies as far as the schedule says: those of A and B from L3 out of the inner loop
// over K, and that of C, with its unpacking, out of the inner or both: then C stays in L1 and
// leaves it once a tile.
//
//   before   nest         loop k 4 by 64
//            nest           copy A B L3->L2
//            nest           call matmul bf16 bf16 f32 64x64x64
//            nest           copy C L1->L2->L3
//   after    nest         copy A B L3->L2
//            nest         loop k 4 by 64
//            nest           call matmul bf16 bf16 f32 64x64x64
//            nest       copy C L1->L2->L3
#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

void hoist(Schedule& s) {
  s.work.l3_copy = s.variant->l3_copy;
  s.work.c_copy = s.variant->c_copy;
}

}  // namespace npu::compiler::matmul
