// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/mlir/tree.h"

namespace npu::compiler {

/// Executes the ops of a core body one by one, straight from what MLIR says of them. A number is
/// the bits of its type, no sign extended; nothing is shared with the compiler.
class CoreReference {
 public:
  /// Memory of buffers by value id.
  std::map<int, std::vector<std::byte>> memory;

  /// Runs the first block of a region; gives what its terminator passes on.
  std::vector<uint64_t> run(const mlir::Region& region, const std::vector<uint64_t>& arguments);

 private:
  void step(const mlir::Op& op);
  void step_for(const mlir::Op& op);
  uint64_t arithmetic(const mlir::Op& op);
  uint64_t value(const mlir::Op& op, size_t operand) const {
    return values_.at(op.operands.at(operand).id);
  }

  std::map<int, uint64_t> values_;
};

}  // namespace npu::compiler
