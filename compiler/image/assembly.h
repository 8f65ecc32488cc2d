// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "compiler/design/design.h"

namespace npu::compiler::image {

/// A Design in the making, for generators that write it down part by part. Each function returns
/// the index of what it adds.
class Assembly {
 public:
  explicit Assembly(const arch::Partition& partition, std::string name);

  int add_buffer(std::string name, Coord tile, arch::Type type, std::vector<int64_t> shape);
  int add_lock(std::string name, Coord tile, int initial);
  /// A channel that goes around the equal parts of a buffer for ever, each of them `words` long:
  /// takes one of lock `take`, gives one to lock `give`.
  int add_ring(const std::string& name, Coord tile, Direction direction, int buffer, int parts,
               uint64_t words, int take, int give);
  /// A channel of the shim of that channel's column, and the stream between them.
  int add_shim(const std::string& name, int channel);
  /// A transfer to be started next; returns the id that an Await names.
  int add_transfer(Transfer transfer);

  Design design;

 private:
  int transfers_ = 0;
};

/// The program of a core in the making; buffers and locks by their index in the Design.
class CoreWriter {
 public:
  explicit CoreWriter(Coord tile) { core.tile = tile; }

  int here() const { return static_cast<int>(core.program.code.size()); }
  void emit(arch::Instruction instruction) { core.program.code.push_back(instruction); }
  void address(uint8_t reg, int buffer);
  void acquire(int lock, int value = 1);
  void release(int lock, int value = 1);
  /// A branch whose target `land` sets; returns where it is.
  int branch(arch::Op op, uint8_t reg);
  void land(int branch) { core.program.code[static_cast<size_t>(branch)].imm = here(); }

  Core core;
};

}  // namespace npu::compiler::image
