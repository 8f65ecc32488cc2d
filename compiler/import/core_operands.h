// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "compiler/import/core_code.h"

// What the ops of a core's code read and write.
namespace npu::compiler {

inline std::string_view operands_of(arch::Op op) {
  return arch::ops()[static_cast<size_t>(op)].operands;
}

inline bool lists(arch::Op op, char operand) {
  return operands_of(op).find(operand) != std::string_view::npos;
}

inline bool writes(const CodeOp& op) {
  return op.op != arch::Op::Store && lists(op.op, 'd');
}

/// Ops that also read what they write, and stores.
inline bool reads_dst(arch::Op op) {
  constexpr std::array kUpdates{arch::Op::Loop, arch::Op::Store, arch::Op::ConstHigh,
                                arch::Op::FFma, arch::Op::Select};
  return std::find(kUpdates.begin(), kUpdates.end(), op) != kUpdates.end();
}

/// Ops whose only effect is the register that they write.
inline bool is_pure(const CodeOp& op) {
  return writes(op) && op.op != arch::Op::Loop && op.op != arch::Op::StreamGet;
}

template <typename F>
void for_each_read(const CodeOp& op, F f) {
  for (const int argument : op.arguments)
    f(argument);
  if (op.op == arch::Op::Call)
    return;
  if (reads_dst(op.op))
    f(op.dst);
  if (lists(op.op, 'a'))
    f(op.a);
  if (lists(op.op, 'b'))
    f(op.b);
}

}  // namespace npu::compiler
