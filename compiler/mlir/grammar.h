// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace npu::compiler::mlir {

/// How one op is written in its own assembly, after its name. An op may have several rows: the
/// printer takes the first that can hold all it has, the reader the first that fits the text.
/// Letters stand for themselves; in braces:
///   {0} {1} ...  an operand                 {*}            all further operands, with commas
///                (behind {*}: one more)
///   {t0}         an operand's type          {t*}           the types of further operands
///   {r0}         a result's type            {r*}           the types of all results
///   {s0} {s1}    a successor                {results}      `-> types` of the results, or nothing
///   {region}     the next region            {ftype}        `(operand types) -> result types`
///   {regions}    all regions, `[{...}, {...}]`
///   {targets}    successors after `N:` and `default:`; the attribute `case_values` has the numbers
///   {cases}      regions after `case N` and `default`; the attribute `cases` has the numbers
///   {arguments}  block arguments of the next region, with types
///   {iv}         a block argument           {ivtype}       its type, index when not written
///   {ivs}        block arguments of type index, with commas
///   {iters}      `(%a = %b, ...) -> (types)`: block arguments, initial operands, result types
///   {signature}  `(types or arguments) -> types`, the attribute `function_type`
///   {attributes} what is not named here, as a dictionary with a space before; nothing when empty
///   {name}       that attribute             {name:typed}   with its type behind it
///   {name:list}  values in brackets of either kind or one, operands among them
///   {name:affine} an affine map or condition applied to operands, as text
///   {name:int}   a number                   {name:fifo}    the ends of an object fifo, as text
///   {name:op}    an op by its name, with a dictionary or without, `{ arith.addi }`
///   {name:keyword} a word                   {name:text}    what there is up to the line's end
/// A row of `linalg.*` is of all ops of linalg that have none, as far as it fits.
/// `[name|text]` is text that is there when the attribute is, `[#2|text]` when there is an operand
/// 2, `[?|text]` may be read and is not printed. `{[}` and `{]}` are brackets.
struct Grammar {
  std::string_view op;
  std::string_view syntax;
  /// Types of results that are not written, with spaces between: a type, `t1` (that of operand 1),
  /// `e1` (of an element of operand 1) or `b1` (an i1 for each element of operand 1).
  std::string_view result = {};
  bool implied_end = false;  ///< the region's terminator `aie.end` is not written
};

/// All rows.
std::span<const Grammar> grammar();

/// Other names of ops, from older versions of the dialects.
struct Renamed {
  std::string_view from;
  std::string_view to;
};
std::span<const Renamed> renamed();

/// A piece of a row's syntax.
struct Element {
  enum class Kind {
    Text,
    Operand,
    Operands,
    OperandType,
    OperandTypes,
    ResultType,
    ResultTypes,
    Results,
    Successor,
    Targets,
    FunctionType,
    NextRegion,
    Regions,
    Cases,
    Arguments,
    InductionVariable,
    InductionVariables,
    InductionType,
    IterationArguments,
    Signature,
    Dictionary,
    Attribute,
    TypedAttribute,
    ListAttribute,
    KeywordAttribute,
    TextAttribute,
    AffineAttribute,
    FifoAttribute,
    IntegerAttribute,
    OpAttribute,
    Group,
  };
  Kind kind = Kind::Text;
  std::string_view text = {};  ///< the text, the attribute's name or the group's key
  size_t number = 0;
  std::vector<Element> group = {};
};

/// A row's syntax in pieces.
std::vector<Element> elements(std::string_view syntax);

}  // namespace npu::compiler::mlir
