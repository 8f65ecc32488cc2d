// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decides what becomes of operands whose sizes the tiles do not divide. A margin in L2 costs no
// transfer: the buffer holds zeros from the configuration on, L3 fills the rest, and of C only what
// the host wants leaves it. It serves every launch and K slice alike, so it is for dimensions that
// one tile covers. What else does not divide, or does not come in whole words, the host copies into
// buffers of whole tiles. Sums that come down from L2 have no margins there, nor
// has a B that lies in L2 by K steps.
//
//   before   matmul   m=308 k=63 n=52 bf16 bf16 f32 row row
//            tile     l2 m=320 n=64 k=64, ...
//   after    pad      m=320 n=64 k=64: A host, B memtile, C memtile
#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

void pad(Schedule& s) {
  s.pads = pads_of(s.problem, s.options, s.partition.columns, s.tiles);
  if (s.filled_in_l2() && s.pad_of(Operand::C) == Pad::Memtile)
    s.pads[static_cast<size_t>(Operand::C)] = Pad::Host;
  const bool b_in_k_steps = s.steps_alone(Operand::B) && s.column_major(Operand::B) &&
                            s.tiles.l2.k != s.tiles.core.k && s.problem.depth() != s.padded.k;
  if (b_in_k_steps && s.pad_of(Operand::B) == Pad::Memtile)
    s.pads[static_cast<size_t>(Operand::B)] = Pad::Host;
}

}  // namespace npu::compiler::matmul
