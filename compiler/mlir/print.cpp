// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/mlir/tree.h"
#include "compiler/mlir/grammar.h"

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
    const Grammar* row = form_ == MlirForm::Pretty ? grammar_of(op.name) : nullptr;
    if (row)
      pretty(op, *row);
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

  void pretty(const Op& op, const Grammar& row) {
    out_ += op.name == "builtin.module" ? "module" : op.name;
    std::set<std::string, std::less<>> named;
    expand(op, row, row.syntax, named, true);
    expand(op, row, row.syntax, named, false);
  }

  /// Writes the syntax, or with `dry` only notes which attributes it names.
  void expand(const Op& op, const Grammar& row, std::string_view syntax,
              std::set<std::string, std::less<>>& named, bool dry) {
    for (size_t i = 0; i < syntax.size(); ++i) {
      if (syntax[i] == '[') {
        const size_t bar = syntax.find('|', i);
        const size_t end = syntax.find(']', bar);
        if (op.attribute(syntax.substr(i + 1, bar - i - 1)))
          expand(op, row, syntax.substr(bar + 1, end - bar - 1), named, dry);
        i = end;
      } else if (syntax[i] == '{') {
        const size_t end = syntax.find('}', i);
        directive(op, row, syntax.substr(i + 1, end - i - 1), named, dry);
        i = end;
      } else if (!dry) {
        out_ += syntax[i];
      }
    }
  }

  void directive(const Op& op, const Grammar& row, std::string_view what,
                 std::set<std::string, std::less<>>& named, bool dry) {
    const auto number = [&](size_t at) { return static_cast<size_t>(what[at] - '0'); };
    const auto numbered = [&](char letter) {
      return what.size() == 2 && what[0] == letter && std::isdigit(what[1]);
    };
    if (const Attribute* attribute = op.attribute(what)) {
      named.insert(attribute->name);
      out_ += dry ? "" : attribute->bare;
      return;
    }
    if (dry)
      return;
    if (what == "*")
      out_ += fmt::format("{}", fmt::join(names_of(op.operands), ", "));
    else if (what == "ftype")
      out_ += function_type(op.operands, op.results);
    else if (what == "region")
      region(op.regions.at(0), row.implied_end, false);
    else if (what == "arguments")
      out_ += typed(op.regions.at(0).at(0).arguments);
    else if (what == "attributes")
      rest(op, named);
    else if (what.size() == 1 && std::isdigit(what[0]))
      out_ += op.operands.at(number(0)).name;
    else if (numbered('t'))
      out_ += op.operands.at(number(1)).type;
    else if (numbered('r'))
      out_ += op.results.at(number(1)).type;
    else if (numbered('s'))
      successor(op.successors.at(number(1)));
  }

  void rest(const Op& op, const std::set<std::string, std::less<>>& named) {
    std::vector<Attribute> attributes;
    for (const Attribute& attribute : op.attributes)
      if (!named.contains(attribute.name))
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
  std::string out_;
  size_t depth_ = 0;
};

}  // namespace

std::string print(const Op& op, MlirForm form) {
  return Printer(form).text(op);
}

}  // namespace npu::compiler::mlir
