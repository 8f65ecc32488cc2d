// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/mlir/grammar.h"
#include "compiler/mlir/tree.h"

namespace npu::compiler::mlir {

namespace {

std::vector<std::string> names_of(const std::vector<Value>& values) {
  std::vector<std::string> names;
  for (const Value& value : values)
    names.push_back(value.name);
  return names;
}
std::vector<std::string> types_of(const std::vector<Value>& values) {
  std::vector<std::string> types;
  for (const Value& value : values)
    types.push_back(value.type);
  return types;
}
std::string typed(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const Value& value : values)
    texts.push_back(fmt::format("{}: {}", value.name, value.type));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string function_type(const std::vector<Value>& operands, const std::vector<Value>& results) {
  const std::string to = fmt::format("{}", fmt::join(types_of(results), ", "));
  return fmt::format("({}) -> {}", fmt::join(types_of(operands), ", "),
                     results.size() == 1 ? to : fmt::format("({})", to));
}

using Kind = Element::Kind;

/// Whether what a group is for is there.
bool is_there(const Op& op, const Element& group) {
  if (group.text.starts_with('#'))
    return op.operands.size() > static_cast<size_t>(group.text[1] - '0');
  return op.attribute(group.text) != nullptr;
}

/// A row ready for printing.
struct Row {
  const Grammar* grammar = nullptr;
  std::vector<Element> elements = {};
  std::set<std::string_view> named = {};  ///< attributes that are written by themselves

  explicit Row(const Grammar& row) : grammar(&row), elements(mlir::elements(row.syntax)) {
    collect(elements);
  }

  /// Whether the op has all that the row writes.
  bool suits(const Op& op) const {
    size_t regions = 0;
    for (const Element& element : elements) {
      if (is_read_only(element.kind))
        return false;
      if (element.kind == Kind::Operand && element.number >= op.operands.size())
        return false;
      if (is_attribute(element) && !op.attribute(element.text))
        return false;
      if (element.kind == Kind::NextRegion && ++regions > op.regions.size())
        return false;
    }
    return true;
  }

 private:
  /// What is written in the generic form instead.
  static bool is_read_only(Kind kind) {
    return kind == Kind::InductionVariable || kind == Kind::InductionVariables ||
           kind == Kind::IterationArguments || kind == Kind::Cases || kind == Kind::Targets;
  }
  static bool is_attribute(const Element& element) {
    return element.kind >= Kind::Attribute && element.kind < Kind::Group;
  }
  void collect(const std::vector<Element>& from) {
    for (const Element& element : from) {
      if (element.kind == Kind::Group)
        collect(element.group);
      if (element.kind == Kind::Group && !element.text.starts_with('#'))
        named.insert(element.text);
      else if (is_attribute(element))
        named.insert(element.text);
      else if (element.kind == Kind::Signature)
        named.insert("function_type");
    }
  }
};

/// All rows by op.
class Rows {
 public:
  Rows() {
    for (const Grammar& row : grammar())
      rows_[row.op].emplace_back(row);
  }
  /// The first row that suits the op, or nullptr: it is written in the generic form.
  const Row* suiting(const Op& op) const {
    const auto found = rows_.find(op.name);
    if (found == rows_.end())
      return nullptr;
    const auto row = std::ranges::find_if(found->second, [&](const Row& r) { return r.suits(op); });
    return row == found->second.end() ? nullptr : &*row;
  }

 private:
  std::map<std::string_view, std::vector<Row>> rows_;
};

/// One op after the other, at its depth.
class Printer {
 public:
  explicit Printer(MlirForm form) : form_(form) {}

  std::string text(const Op& op) {
    line(op);
    return std::move(out_);
  }

 private:
  void line(const Op& op) {
    out_ += std::string(2 * depth_, ' ');
    if (!op.results.empty())
      out_ += fmt::format("{} = ", fmt::join(names_of(op.results), ", "));
    const Row* row = form_ == MlirForm::Pretty ? rows_.suiting(op) : nullptr;
    if (row)
      pretty(op, *row);
    else if (const Attribute* assembly = op.attribute(kAssembly))
      out_ += op.name + assembly->bare;
    else
      generic(op);
    out_ += '\n';
  }

  /// Ops that MLIR's own tools refuse in a device: they do not know it, and so find no symbols in
  /// it.
  static bool refers_to_symbol(std::string_view op) {
    return op == "func.call" || op == "memref.get_global";
  }

  // The generic form: successors' arguments are operands.

  void generic(const Op& op) {
    std::vector<Value> operands = op.operands;
    std::vector<std::string> blocks;
    std::vector<size_t> segments{operands.size()};
    for (const Successor& successor : op.successors) {
      blocks.push_back(successor.block);
      operands.insert(operands.end(), successor.arguments.begin(), successor.arguments.end());
      segments.push_back(successor.arguments.size());
    }
    const bool renamed = form_ == MlirForm::Generic && refers_to_symbol(op.name);
    const std::string name =
        renamed ? fmt::format("airlock{}", op.name.substr(op.name.find('.'))) : op.name;
    out_ += fmt::format("\"{}\"({})", name, fmt::join(names_of(operands), ", "));
    if (!blocks.empty())
      out_ += fmt::format("[{}]", fmt::join(blocks, ", "));
    if (!op.regions.empty()) {
      out_ += " (";
      for (const Region& each : op.regions)
        region(each, false, form_ == MlirForm::Generic);
      out_ += ')';
    }
    std::vector<Attribute> attributes = op.attributes;
    if (op.name == "cf.cond_br")
      attributes.push_back(
          {"operandSegmentSizes", fmt::format("array<i32: {}>", fmt::join(segments, ", ")), {}});
    dictionary(attributes);
    out_ += " : " + function_type(operands, op.results);
  }

  void dictionary(const std::vector<Attribute>& attributes) {
    if (attributes.empty())
      return;
    std::vector<std::string> texts;
    for (const Attribute& attribute : attributes)
      texts.push_back(fmt::format("{} = {}", attribute.name, attribute.text));
    out_ += fmt::format(" {{{}}}", fmt::join(texts, ", "));
  }

  void region(const Region& blocks, bool implied_end, bool with_arguments) {
    out_ += "{\n";
    for (size_t i = 0; i < blocks.size(); ++i) {
      const Block& block = blocks[i];
      if (i > 0 || (with_arguments && !block.arguments.empty())) {
        out_ += std::string(2 * depth_, ' ') + (block.label.empty() ? "^bb0" : block.label);
        out_ += block.arguments.empty() ? ":\n" : fmt::format("({}):\n", typed(block.arguments));
      }
      ++depth_;
      for (const Op& op : block.ops)
        if (!(implied_end && op.name == "aie.end"))
          line(op);
      --depth_;
    }
    out_ += std::string(2 * depth_, ' ') + '}';
  }

  // The assembly of the op's row.

  void pretty(const Op& op, const Row& row) {
    out_ += op.name == "builtin.module" ? "module" : op.name;
    named_ = row.named;
    further_ = 0;
    next_region_ = 0;
    for (const Element& element : row.elements)
      write(op, row, element);
  }

  void write(const Op& op, const Row& row, const Element& element) {
    switch (element.kind) {
      case Kind::Text:
        out_ += element.text;
        break;
      case Kind::Group:
        if (is_there(op, element))
          for (const Element& inner : element.group)
            write(op, row, inner);
        break;
      case Kind::Operand:
        further_ = std::max(further_, element.number + 1);
        out_ += op.operands.at(element.number).name;
        break;
      case Kind::Operands:
        out_ += fmt::format("{}", fmt::join(names_of(further(op)), ", "));
        break;
      case Kind::OperandTypes:
        out_ += fmt::format("{}", fmt::join(types_of(further(op)), ", "));
        break;
      case Kind::OperandType:
        out_ += op.operands.at(element.number).type;
        break;
      case Kind::ResultType:
        out_ += op.results.at(element.number).type;
        break;
      case Kind::ResultTypes:
        out_ += fmt::format("{}", fmt::join(types_of(op.results), ", "));
        break;
      case Kind::Results:
        if (!op.results.empty())
          out_ += fmt::format(" -> ({})", fmt::join(types_of(op.results), ", "));
        break;
      case Kind::Successor:
        successor(op.successors.at(element.number));
        break;
      case Kind::FunctionType:
        out_ += function_type(op.operands, op.results);
        break;
      case Kind::Dictionary:
        rest(op);
        break;
      default:
        write_nested(op, row, element);
    }
  }

  void write_nested(const Op& op, const Row& row, const Element& element) {
    const auto saved = std::tuple(named_, further_, next_region_);
    switch (element.kind) {
      case Kind::NextRegion:
        region(op.regions.at(next_region_), row.grammar->implied_end, false);
        std::tie(named_, further_, next_region_) = saved;
        ++next_region_;
        break;
      case Kind::Regions:
        regions(op);
        std::tie(named_, further_, next_region_) = saved;
        break;
      case Kind::Arguments:
        out_ += typed(op.regions.at(next_region_).at(0).arguments);
        break;
      default:
        if (const Attribute* attribute = op.attribute(attribute_of(element)))
          out_ += attribute->bare;
    }
  }

  static std::string_view attribute_of(const Element& element) {
    return element.kind == Kind::Signature ? "function_type" : element.text;
  }

  std::vector<Value> further(const Op& op) const {
    return {
        op.operands.begin() + static_cast<std::ptrdiff_t>(std::min(further_, op.operands.size())),
        op.operands.end()};
  }

  void regions(const Op& op) {
    out_ += '[';
    for (size_t i = 0; i < op.regions.size(); ++i) {
      out_ += i == 0 ? "" : ", ";
      region(op.regions[i], false, false);
    }
    out_ += ']';
  }

  void rest(const Op& op) {
    std::vector<Attribute> attributes;
    for (const Attribute& attribute : op.attributes)
      if (!named_.contains(attribute.name))
        attributes.push_back(attribute);
    dictionary(attributes);
  }

  void successor(const Successor& to) {
    out_ += to.block;
    if (!to.arguments.empty())
      out_ += fmt::format("({} : {})", fmt::join(names_of(to.arguments), ", "),
                          fmt::join(types_of(to.arguments), ", "));
  }

  MlirForm form_;
  Rows rows_;
  std::string out_;
  size_t depth_ = 0;
  // Of the op that is written:
  std::set<std::string_view> named_;  ///< attributes that its row names
  size_t further_ = 0;                ///< operands that `{*}` does not write again
  size_t next_region_ = 0;
};

}  // namespace

std::string print(const Op& op, MlirForm form) {
  return Printer(form).text(op);
}

}  // namespace npu::compiler::mlir
