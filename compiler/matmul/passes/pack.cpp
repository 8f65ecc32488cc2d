// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Packs the L1 buffers into the blocks of one instruction. The blocks of a column-major operand
// keep their order and have their elements transposed, because a DMA moves words and cannot
// transpose elements of 8 or 16 bits.
//
//   before   nest           matmul
//            l1       A bf16 64x64 depth=2
//   after    nest           call matmul bf16 bf16 f32 64x64x64
//            l1       A bf16 16x8x4x8 depth=2
#include "compiler/matmul/passes/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

void check_block(const Schedule& s, std::string_view name, int64_t size, int64_t pack, int kernel) {
  if (pack != kernel)
    throw Error("{}: {}={} allows blocks of {} only, the kernel of {} needs {}", s.strategy->name,
                name, size, pack, arch::to_string(s.problem.a), kernel)
        .hint("a multiple of {} for {}", kernel, name);
}

}  // namespace

void pack(Schedule& s) {
  const Problem& p = s.problem;
  const arch::MatmulBlock block = arch::matmul_block(p.a, p.b);
  check_block(s, "m", p.m, s.tiles.pack.m, block.m);
  check_block(s, "n", p.n, s.tiles.pack.n, block.n);
  check_block(s, "k", p.k, s.tiles.pack.k, block.k);

  const bool at = p.a_layout == Layout::Column;
  const bool bt = p.b_layout == Layout::Column;
  const Shape& core = s.tiles.core;
  const int64_t mb = core.m / block.m;
  const int64_t nb = core.n / block.n;
  const int64_t kb = core.k / block.k;
  s.l1[0].shape = {mb, kb, at ? block.k : block.m, at ? block.m : block.k};
  s.l1[1].shape = {kb, nb, bt ? block.n : block.k, bt ? block.k : block.n};
  s.l1[2].shape = {mb, nb, block.m, block.n};
  s.work.packed = true;
  s.work.matmul = {.op = arch::KernelOp::Matmul,
                   .a = p.a,
                   .b = p.b,
                   .c = p.c,
                   .m = static_cast<int>(core.m),
                   .k = static_cast<int>(core.k),
                   .n = static_cast<int>(core.n),
                   .a_transposed = at,
                   .b_transposed = bt};
}

}  // namespace npu::compiler::matmul
