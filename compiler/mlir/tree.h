// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// MLIR as a tree of ops that have no meaning here: what a printer writes, and what a reader fills
// in.
namespace npu::compiler {

/// The two ways to write MLIR: the ops' own assembly, as people read and write it, and the form
/// that every MLIR tool reads without knowing the dialects.
enum class MlirForm { Pretty, Generic };

}  // namespace npu::compiler

namespace npu::compiler::mlir {

/// A value by name (`%tile_0_2`) and type. Results of an op that has several are `%a#0`, `%a#1`.
struct Value {
  std::string name = {};
  std::string type = {};
  /// The same for a definition and all its uses, unique in what was read; -1 when not read.
  int id = -1;
  bool operator==(const Value&) const = default;
};

/// An attribute: `text` as in a dictionary (`2 : i32`), `bare` as in an op's own assembly (`2`). In
/// a tree that was read both are as they stood there; attributes.h takes them apart.
struct Attribute {
  std::string name = {};
  std::string text = {};
  std::string bare = {};
};

/// The block that a terminator goes to, with the values for its arguments.
struct Successor {
  std::string block = {};
  std::vector<Value> arguments = {};
};

struct Op;

/// A block; the first of a region needs no label.
struct Block {
  std::string label = {};
  std::vector<Value> arguments = {};
  std::vector<Op> ops;  // no initializer: Op is incomplete here, and clang would need it
};
using Region = std::vector<Block>;

/// Where something stands in a file; counted from 1, 0 when it was not read.
struct Location {
  int line = 0;
  int column = 0;
};

struct Op {
  std::string name = {};
  std::vector<Value> operands = {};
  std::vector<Value> results = {};
  std::vector<Attribute> attributes = {};
  std::vector<Successor> successors = {};
  std::vector<Region> regions = {};
  Location location = {};

  const Attribute* attribute(std::string_view attribute_name) const;
};

/// The attribute that holds the text of an op whose assembly no row of the grammar describes.
inline constexpr std::string_view kAssembly = "airlock.assembly";

// Attributes by kind.
Attribute integer(std::string name, int64_t value, std::string_view type = "i32");
Attribute boolean(std::string name, bool value);
Attribute string(std::string name, std::string_view text);
/// A symbol, quoted when it has to be: `@in`, `@"C(0,2)"`.
Attribute symbol(std::string name, std::string_view target);
/// The name that an op defines: a string in a dictionary, a symbol in its assembly.
Attribute symbol_name(std::string_view name);
/// A case of an enumeration: its number in a dictionary, its name in an op's assembly.
Attribute enumeration(std::string name, int value, std::string_view case_name);
/// `array<i64: 1, 2>`, in assembly `[1, 2]`.
Attribute array(std::string name, std::span<const int64_t> values);

/// Calls `visit` for an op and all ops in it, outside in, in the order of the text.
void walk(const Op& op, const std::function<void(const Op&)>& visit);

/// The text of an op with all that it holds.
std::string print(const Op& op, MlirForm form);

}  // namespace npu::compiler::mlir
