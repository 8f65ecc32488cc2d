// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <map>
#include <string>

#include "compiler/import/import_state.h"

namespace npu::compiler::import {

/// The blocks of a DMA program: `aie.mem`, `aie.memtile_dma` or `aie.shim_dma`.
class DmaBlocks {
 public:
  DmaBlocks(const State& state, const Op& dma);

  /// Visits each `aie.dma_start` and `aie.dma` on the way from the first block, in order.
  void for_each_start(const std::function<void(const Op& start)>& visit) const;

  /// Where an op branches to; throws Error when there is no such block.
  const mlir::Block* successor(const Op& op, size_t number) const;

  /// Whether a chain that leads to the block is over. Throws Error for one that has locks or goes
  /// on and moves nothing.
  bool is_end(const mlir::Block& block) const;

 private:
  const State& state_;
  const Op& dma_;
  std::map<std::string, const mlir::Block*> blocks_;
};

/// The channel that a start names: `S2MM, 0`, or `S2MM0` as the dialect's first years wrote it.
int channel_number(const State& state, const Op& start);

std::vector<const Op*> ops_of(const mlir::Block& block);

}  // namespace npu::compiler::import
