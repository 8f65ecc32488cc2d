// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <span>
#include <string_view>

namespace npu::compiler::mlir {

/// How one op is written in its own assembly, after its name. Letters stand for themselves; in
/// braces:
///   {0} {1} ...   an operand               {*}        all operands, with commas
///   {t0}          an operand's type        {r0}       a result's type
///   {s0} {s1}     a successor              {ftype}    `(operand types) -> result types`
///   {region}      the region               {arguments} the region's block arguments, with types
///   {attributes}  what is not named here, as a dictionary, with a space before; nothing when there
///   is none {name}        that attribute
/// `[name|text]` is text that is there when the attribute is.
struct Grammar {
  std::string_view op;
  std::string_view syntax;
  bool implied_end = false;  ///< the region's terminator `aie.end` is not written
};

/// All rows.
std::span<const Grammar> grammar();

/// The row of an op, or nullptr: such an op is written in the generic form.
const Grammar* grammar_of(std::string_view op);

}  // namespace npu::compiler::mlir
