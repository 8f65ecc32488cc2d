// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "compiler/import/core_body.h"
#include "hw-model/arch/program.h"

namespace npu::compiler {

/// An instruction on registers without number limit. A register may be written more than once.
struct CodeOp {
  arch::Op op = arch::Op::Nop;
  arch::Type type = arch::Type::I32;
  int dst = -1;
  int a = -1;
  int b = -1;
  int32_t imm = 0;
  int plain = 0;                    ///< the number that `n`, `y` and `l` operands are
  int target = -1;                  ///< block of a branch
  int buffer = -1;                  ///< of a Const: the buffer whose address it is
  std::vector<int> arguments = {};  ///< of a Call
  int kept = -1;                    ///< of a Call: the first of `Code::kept` that is an argument
};

/// A core program in blocks. Blocks follow each other in the order in which they were placed; one
/// that does not end in a jump goes on to the next.
class Code {
 public:
  Code();

  int new_register() { return registers_++; }
  int registers() const { return registers_; }

  int new_block();
  /// Further instructions go to this block, which comes after those placed so far.
  void place(int block);
  void add(CodeOp op);
  /// Whether the current block has ended: what is added cannot be reached.
  bool ended() const;
  void jump(int block) { add({.op = arch::Op::Jump, .target = block}); }

  /// The register that holds a number, or the core's address of a buffer, everywhere.
  int constant(int64_t value);
  int address(int buffer);
  /// A region of the stack for good, as its offset.
  int reserve_stack(int bytes);

  // Improvements of finished code (core_improve.cpp).

  /// Arguments of calls that never change are put into machine registers of their own, once, as far
  /// as there are enough of these.
  void keep_arguments();
  /// A counter that goes down to zero at the end of a loop is one instruction.
  void fuse_counters();

  struct Block {
    int id = 0;
    std::vector<CodeOp> ops = {};
  };

  std::vector<arch::KernelSpec> kernels;

 private:
  friend class Allocation;

  /// The constants that are all that their registers ever hold, by register.
  std::map<int, CodeOp> lasting() const;

  std::vector<Block> blocks_;  ///< in order; the first holds the constants
  std::vector<CodeOp> kept_;   ///< constants with a machine register of their own, the highest ones
  int next_block_ = 1;
  int registers_ = 0;
  int stack_ = 0;
  std::map<int64_t, int> constants_;
  std::map<int, int> addresses_;
};

/// Chooses the machine's registers by linear scan; what finds no register lives in the stack,
/// constants excepted, which are made where they are needed. Throws Error (without place) when the
/// program or the stack is too large.
CoreProgram allocate(Code code, int stack_bytes);

}  // namespace npu::compiler
