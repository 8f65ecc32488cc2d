// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Names that the ops of a device have for others: each is that of one op.
#include "compiler/import/import_state.h"

namespace npu::compiler::import {

void refuse_second_symbols(const State& state) {
  constexpr std::string_view kAllocation = "aie.shim_dma_allocation";
  // Where the first years kept the name of an allocation's fifo, it is that of a global as well.
  std::map<std::pair<std::string, bool>, const Op*> first;
  for (const mlir::Block& block : state.device.regions.at(0))
    for (const Op& op : block.ops) {
      const std::string name = mlir::name_of(op, "sym_name");
      if (name.empty())
        continue;
      const auto [found, added] = first.try_emplace({name, op.name == kAllocation}, &op);
      if (!added)
        throw state.error(op, "a second `{}` in this device", name)
            .hint("the first is the {} in line {}", found->second->name,
                  found->second->location.line);
    }
}

}  // namespace npu::compiler::import
