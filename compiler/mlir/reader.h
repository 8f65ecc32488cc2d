// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "compiler/mlir/tree.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::mlir {

/// Reads MLIR text, in the generic form and in the assembly of the grammar's rows, into one
/// `builtin.module`. Aliases of attributes and types are replaced by what they stand for. An op
/// whose assembly no row describes is kept with its operands, regions and text (kAssembly). `file`
/// is what errors call the text. Throws Error with file, line, column, the line and a caret, for
/// text that is no MLIR, ops that are not written as their rows say and values that are not
/// defined.
Op read(std::string_view text, const std::string& file);

/// `file:line:column: what`, the line of the text and a caret below.
Error error_at(std::string_view text, const std::string& file, Location where,
               std::string_view what);

/// An Error for an op of a file that was read: `file:line:column: op: what`.
std::string place(const std::string& file, const Op& op);

/// What defines a value.
struct Definition {
  const Op* op = nullptr;        ///< whose result it is; null for a block argument
  const Op* owner = nullptr;     ///< whose region's block has it as an argument
  const Block* block = nullptr;  ///< of the argument
  size_t number = 0;             ///< of the result or argument
};

/// Definitions of all values in an op, by value id. The op must stay where it is.
std::unordered_map<int, Definition> definitions(const Op& root);

}  // namespace npu::compiler::mlir
