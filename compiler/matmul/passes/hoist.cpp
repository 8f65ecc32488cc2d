// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Hoists the copy of C, with its unpacking, out of both loops over K: C stays in L1 and leaves it
// once a tile.
//
//   before   nest         loop k 4 by 64
//            nest           call matmul bf16 bf16 f32 64x64x64
//            nest           copy C L1->L2->L3
//   after    nest         loop k 4 by 64
//            nest           call matmul bf16 bf16 f32 64x64x64
//            nest       copy C L1->L2->L3
#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

void hoist(Schedule& s) {
  s.work.c_copy = Level::Launch;
}

}  // namespace npu::compiler::matmul
