// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/dma_blocks.h"

#include <algorithm>
#include <set>

namespace npu::compiler::import {

DmaBlocks::DmaBlocks(const State& state, const Op& dma) : state_(state), dma_(dma) {
  for (const mlir::Block& block : dma.regions.at(0))
    blocks_[block.label] = &block;
}

void DmaBlocks::for_each_start(const std::function<void(const Op& start)>& visit) const {
  const mlir::Region& region = dma_.regions.at(0);
  std::set<const mlir::Block*> seen;
  const mlir::Block* block = region.empty() ? nullptr : &region.front();
  while (block && seen.insert(block).second) {
    const mlir::Block* next = nullptr;
    for (const Op& op : block->ops)
      if (op.name == "aie.dma_start") {
        visit(op);
        next = successor(op, 1);
      } else if (op.name == "aie.dma") {
        visit(op);
      } else if ((op.name == "aie.next_bd" || op.name == "cf.br") && !op.successors.empty()) {
        next = successor(op, 0);
      }
    block = next;
  }
}

const mlir::Block* DmaBlocks::successor(const Op& op, size_t number) const {
  if (op.successors.size() <= number)
    throw state_.error(op, "block {} of its {} is missing", number, op.successors.size());
  const auto found = blocks_.find(op.successors[number].block);
  if (found == blocks_.end())
    throw state_.error(op, "there is no block `{}`", op.successors[number].block);
  return found->second;
}

bool DmaBlocks::is_end(const mlir::Block& block) const {
  if (std::ranges::find(block.ops, "aie.dma_bd", &Op::name) != block.ops.end())
    return false;
  for (const Op& op : block.ops)
    if (op.name == "aie.use_lock" || op.name == "aie.next_bd")
      throw state_.error(op, "there is no dma_bd in this block");
  return true;
}

int channel_number(const State& state, const Op& start) {
  if (start.attribute("channel_index"))
    return state.small(start, "channel_index");
  const std::string text = mlir::name_of(start, "channel_dir");
  return text.size() == 5 ? text[4] - '0' : 0;
}

std::vector<const Op*> ops_of(const mlir::Block& block) {
  std::vector<const Op*> ops;
  for (const Op& op : block.ops)
    ops.push_back(&op);
  return ops;
}

}  // namespace npu::compiler::import
