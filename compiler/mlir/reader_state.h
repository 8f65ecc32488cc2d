// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/mlir/cursor.h"
#include "compiler/mlir/grammar.h"
#include "compiler/mlir/tree.h"

namespace npu::compiler::mlir {

/// The rows of all ops, taken apart.
class RowTable {
 public:
  struct Row {
    const Grammar* grammar;
    std::vector<Element> elements;
  };
  RowTable();
  /// Today's name of an op.
  std::string name(std::string_view written) const;
  const std::vector<Row>* rows(std::string_view op) const;

 private:
  std::unordered_map<std::string_view, std::vector<Row>> rows_;
  std::unordered_map<std::string_view, std::string_view> renamed_;
};

/// Which value a name means, region by region. A name may be used before it is defined.
class Names {
 public:
  /// Names of the regions around an isolated one are free in it.
  void enter(bool isolated) { scopes_.push_back({{}, isolated}); }
  void leave();
  /// `at` is where an error would point to.
  int define(std::string_view name, const std::string& type, size_t at);
  /// Where a name is defined that cannot be defined again here; npos when it can.
  size_t taken(std::string_view name) const;
  /// Where `at` is for an error if it is never defined.
  int use(std::string_view name, size_t at);
  const std::string& type(int id) const { return types_[static_cast<size_t>(id)]; }
  /// A use without definition, the first in the text; npos when there is none.
  size_t undefined() const;

 private:
  struct Awaited {
    int id;
    size_t at;
    size_t depth;
  };
  struct Scope {
    std::unordered_map<std::string_view, int> ids = {};
    bool isolated = false;
  };
  int fresh();
  std::vector<Scope> scopes_;
  std::unordered_map<std::string_view, Awaited> awaited_;
  std::vector<std::string> types_;
  std::vector<size_t> places_;  ///< of definitions
};

/// The state of reading one text: ops and regions (reader.cpp), the assembly of rows
/// (reader_rows.cpp).
class Reader {
 public:
  Reader(std::string_view text, const std::string& file);
  Op run();

 private:
  /// An op in the making.
  struct Draft {
    Op op = {};
    std::vector<std::string> result_types = {};
    std::vector<Value> arguments = {};  ///< of the first block of the next region
    bool in_region = false;             ///< has read a region: no other row is tried
    size_t typed = 0;                   ///< operands that `{t*}` has given types
    size_t begin = 0;                   ///< of the op's name
  };
  struct ResultGroup {
    std::string_view name;
    size_t count;
  };

  [[noreturn]] void fail(const std::string& what, size_t at, const std::string& hint = {}) const;
  [[noreturn]] void fail_expected(const std::string& hint = {}) const;
  Location location(size_t at) const;
  std::string replace_aliases(std::string_view text) const;

  void alias(char kind);
  Op op();
  std::vector<ResultGroup> result_names();
  void define_results(Draft& draft, const std::vector<ResultGroup>& names);
  void resolve(Draft& draft);
  bool is_isolated(const std::string& op) const;
  Region region(std::vector<Value> arguments, bool isolated);
  void block_ops(Block& block);
  bool typed_values(std::vector<Value>& values, char end);
  void define(Value& value, size_t at);
  void define_arguments(Block& block);

  void generic(Draft& draft);
  void split_successor_operands(Op& op);
  bool lists_values();
  void unknown(Draft& draft);
  bool last_type(std::string_view& type);

  // A row; false when the text is not written so.
  bool row(Draft& draft, const RowTable::Row& row);
  bool match(Draft& draft, const std::vector<Element>& elements);
  bool match(Draft& draft, const Element& element);
  bool match_values(Draft& draft, const Element& element);
  bool match_types(Draft& draft, const Element& element);
  bool match_regions(Draft& draft, const Element& element);
  bool match_attribute(Draft& draft, const Element& element);
  bool group(Draft& draft, const Element& element);
  bool operand(Draft& draft, size_t number);
  bool operands(Draft& draft);
  bool type_list(std::vector<std::string>& types, char end);
  bool arrow_types(std::vector<std::string>& types);
  bool function_type(Draft& draft);
  bool induction_variable(Draft& draft);
  bool iteration_arguments(Draft& draft);
  bool signature(Draft& draft);
  bool cases(Draft& draft);
  bool successor(Draft& draft, size_t number);
  bool targets(Draft& draft);
  bool dictionary(Op& op);
  bool affine(Draft& draft, std::string_view name);
  bool text_with_operands(Draft& draft, std::string_view name, size_t begin);
  bool to_line_end(Draft& draft, std::string_view name);
  void add_region(Draft& draft);
  void infer_results(Draft& draft, std::string_view rule);

  Cursor cursor_;
  const std::string& file_;
  RowTable rows_;
  Names names_;
  std::vector<size_t> lines_;
  std::map<std::string, std::string, std::less<>> aliases_;
  int depth_ = 0;
};

}  // namespace npu::compiler::mlir
