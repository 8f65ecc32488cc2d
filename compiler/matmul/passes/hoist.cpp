// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Hoists the copy of C, with its unpacking, out of both loops over K: C stays in L1 and leaves it
// once a tile.
//
//   before   loop k 4
//              matmul
//              copy C L1->L2
//   after    loop k 4
//              matmul
//            copy C L1->L2
#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

void hoist(Schedule& s) {
  s.work.c_copy = Level::Launch;
}

}  // namespace npu::compiler::matmul
