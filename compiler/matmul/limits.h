// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "compiler/design/design.h"

namespace npu::compiler::matmul {

/// What the buffers, locks and channels of one tile take of what it has.
struct TileUse {
  Coord tile;
  int64_t bytes = 0;  ///< the stack of a core included
  int locks = 0;
  int descriptors = 0;
  int s2mm = 0;
  int mm2s = 0;
};

/// Every tile that the design uses, shims included, by column and row.
std::vector<TileUse> tile_uses(const Design& design);

/// Throws Error naming the tile, what it needs, what it has, and who asked, when a design does not
/// fit.
void check_limits(const Design& design);

}  // namespace npu::compiler::matmul
