// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The assembly of ops as the rows of the grammar describe it.
#include <algorithm>
#include <array>
#include <cctype>

#include "compiler/mlir/reader_state.h"
#include "compiler/mlir/types.h"

namespace npu::compiler::mlir {

using Kind = Element::Kind;

bool Reader::row(Draft& draft, const RowTable::Row& row) {
  const size_t begin = cursor_.at();
  const Draft clean = {.op = {.name = draft.op.name, .location = draft.op.location},
                       .begin = draft.begin};
  if (match(draft, row.elements)) {
    infer_results(draft, row.grammar->result);
    return true;
  }
  if (draft.in_region)
    fail_expected(std::string(row.grammar->op) + std::string(row.grammar->syntax));
  cursor_.seek(begin);
  draft = clean;
  return false;
}

bool Reader::match(Draft& draft, const std::vector<Element>& elements) {
  return std::ranges::all_of(elements, [&](const Element& e) { return match(draft, e); });
}

bool Reader::match(Draft& draft, const Element& element) {
  switch (element.kind) {
    case Kind::Text:
      return cursor_.accept(element.text);
    case Kind::Group:
      return group(draft, element);
    case Kind::Dictionary:
      dictionary(draft.op);
      return true;
    case Kind::Operand:
    case Kind::Operands:
    case Kind::Successor:
    case Kind::Targets:
    case Kind::InductionVariable:
    case Kind::InductionVariables:
    case Kind::IterationArguments:
      return match_values(draft, element);
    case Kind::OperandType:
    case Kind::OperandTypes:
    case Kind::ResultType:
    case Kind::ResultTypes:
    case Kind::Results:
    case Kind::FunctionType:
    case Kind::InductionType:
    case Kind::Signature:
      return match_types(draft, element);
    case Kind::NextRegion:
    case Kind::Regions:
    case Kind::Cases:
    case Kind::Arguments:
      return match_regions(draft, element);
    default:
      return match_attribute(draft, element);
  }
}

/// What is in a group is there as a whole or not at all.
bool Reader::group(Draft& draft, const Element& element) {
  const size_t begin = cursor_.at();
  const size_t operands = draft.op.operands.size();
  const size_t attributes = draft.op.attributes.size();
  const size_t types = draft.result_types.size();
  if (match(draft, element.group)) {
    const bool flag =
        std::ranges::none_of(element.group, [&](const Element& e) { return e.kind != Kind::Text; });
    if (flag)
      draft.op.attributes.push_back({std::string(element.text), "unit", ""});
    return true;
  }
  draft.op.operands.resize(operands);
  draft.op.attributes.resize(attributes);
  draft.result_types.resize(types);
  cursor_.seek(begin);
  return true;
}

bool Reader::operand(Draft& draft, size_t number) {
  cursor_.skip();
  const size_t begin = cursor_.at();
  if (!cursor_.value())
    return false;
  if (number < draft.op.operands.size() && !draft.op.operands[number].name.empty())
    number = draft.op.operands.size();
  if (draft.op.operands.size() <= number)
    draft.op.operands.resize(number + 1);
  draft.op.operands[number].name = cursor_.since(begin);
  return true;
}

bool Reader::operands(Draft& draft) {
  draft.typed = draft.op.operands.size();
  if (cursor_.peek() != '%')
    return true;
  do {
    if (!operand(draft, draft.op.operands.size()))
      return false;
  } while (cursor_.accept(','));
  return true;
}

bool Reader::match_values(Draft& draft, const Element& element) {
  switch (element.kind) {
    case Kind::Operand:
      return operand(draft, element.number);
    case Kind::Operands:
      return operands(draft);
    case Kind::Successor:
      return successor(draft, element.number);
    case Kind::Targets:
      return targets(draft);
    case Kind::InductionVariable:
      return induction_variable(draft);
    case Kind::InductionVariables:
      do {
        if (!induction_variable(draft))
          return false;
      } while (cursor_.accept(','));
      return true;
    default:
      return iteration_arguments(draft);
  }
}

bool Reader::induction_variable(Draft& draft) {
  cursor_.skip();
  const size_t begin = cursor_.at();
  if (!cursor_.value())
    return false;
  draft.arguments.push_back({std::string(cursor_.since(begin)), "index"});
  return true;
}

/// `(%a = %b, ...) -> (types)`, or with the types of both sides `: (types) -> types`.
bool Reader::iteration_arguments(Draft& draft) {
  if (!cursor_.accept("("))
    return false;
  const size_t first = draft.arguments.size();
  if (!cursor_.accept(')')) {
    do {
      cursor_.skip();
      const size_t begin = cursor_.at();
      if (!cursor_.value())
        return false;
      draft.arguments.push_back({std::string(cursor_.since(begin)), {}});
      if (!cursor_.accept("=") || !operand(draft, draft.op.operands.size()))
        return false;
    } while (cursor_.accept(','));
    if (!cursor_.accept(")"))
      return false;
  }
  std::vector<std::string> types;
  if (cursor_.accept(':')) {
    if (!cursor_.accept("(") || !type_list(types, ')') || !arrow_types(draft.result_types))
      return false;
  } else {
    if (!arrow_types(draft.result_types))
      return false;
    types = draft.result_types;
  }
  for (size_t i = 0; i < types.size() && first + i < draft.arguments.size(); ++i)
    draft.arguments[first + i].type = types[i];
  return true;
}

bool Reader::successor(Draft& draft, size_t number) {
  cursor_.skip();
  const size_t begin = cursor_.at();
  if (!cursor_.block())
    return false;
  if (draft.op.successors.size() <= number)
    draft.op.successors.resize(number + 1);
  Successor& to = draft.op.successors[number];
  to.block = cursor_.since(begin);
  if (!cursor_.accept('('))
    return true;
  do {
    cursor_.skip();
    const size_t name = cursor_.at();
    if (!cursor_.value())
      return false;
    to.arguments.push_back({std::string(cursor_.since(name)), {}});
  } while (cursor_.accept(','));
  std::vector<std::string> types;
  if (!cursor_.accept(":") || !type_list(types, ')'))
    return false;
  for (size_t i = 0; i < std::min(types.size(), to.arguments.size()); ++i)
    to.arguments[i].type = types[i];
  return true;
}

/// `[default: ^a, 1: ^b(%x : i32)]`.
bool Reader::targets(Draft& draft) {
  if (!cursor_.accept("[") || !cursor_.accept("default") || !cursor_.accept(":") ||
      !successor(draft, 0))
    return false;
  std::string numbers;
  while (cursor_.accept(',')) {
    cursor_.skip();
    const size_t begin = cursor_.at();
    if (!cursor_.integer())
      return false;
    numbers += (numbers.empty() ? "" : ", ") + std::string(cursor_.since(begin));
    if (!cursor_.accept(":") || !successor(draft, draft.op.successors.size()))
      return false;
  }
  draft.op.attributes.push_back({"case_values", "[" + numbers + "]", numbers});
  return cursor_.accept("]");
}

/// Types up to a bracket, or with `end` 0 as long as there are commas.
bool Reader::type_list(std::vector<std::string>& types, char end) {
  if (end && cursor_.accept(end))
    return true;
  do {
    cursor_.skip();
    const size_t begin = cursor_.at();
    if (!cursor_.type())
      return false;
    types.push_back(replace_aliases(cursor_.since(begin)));
  } while (cursor_.accept(','));
  return !end || cursor_.accept(end) || cursor_.miss(end == ')' ? ")" : "]");
}

/// `-> type`, `-> (types)` or nothing.
bool Reader::arrow_types(std::vector<std::string>& types) {
  const size_t begin = cursor_.at();
  if (cursor_.peek() != '-' || !cursor_.accept("->")) {
    cursor_.seek(begin);
    return true;
  }
  if (cursor_.accept('('))
    return type_list(types, ')');
  cursor_.skip();
  const size_t type = cursor_.at();
  if (!cursor_.type())
    return false;
  types.push_back(replace_aliases(cursor_.since(type)));
  return true;
}

bool Reader::function_type(Draft& draft) {
  std::vector<std::string> types;
  if (!cursor_.accept("(") || !type_list(types, ')') || !arrow_types(draft.result_types))
    return false;
  for (size_t i = 0; i < std::min(types.size(), draft.op.operands.size()); ++i)
    draft.op.operands[i].type = types[i];
  return true;
}

bool Reader::match_types(Draft& draft, const Element& element) {
  const auto one = [&](auto&& use) {
    cursor_.skip();
    const size_t begin = cursor_.at();
    if (!cursor_.type())
      return false;
    use(replace_aliases(cursor_.since(begin)));
    return true;
  };
  switch (element.kind) {
    case Kind::OperandType:
      return one([&](std::string type) {
        if (element.number < draft.op.operands.size())
          draft.op.operands[element.number].type = std::move(type);
      });
    case Kind::ResultType:
      return one([&](std::string type) { draft.result_types.push_back(std::move(type)); });
    case Kind::InductionType:
      return one([&](std::string type) { draft.arguments.at(0).type = std::move(type); });
    case Kind::ResultTypes:
      return type_list(draft.result_types, 0);
    case Kind::Results:
      return arrow_types(draft.result_types);
    case Kind::FunctionType:
      return function_type(draft);
    case Kind::Signature:
      return signature(draft);
    default: {
      std::vector<std::string> types;
      if (draft.typed < draft.op.operands.size() || cursor_.peek() != ')')
        if (!type_list(types, 0))
          return false;
      const size_t first = types.size() == draft.op.operands.size() ? 0 : draft.typed;
      for (size_t i = 0; i < types.size() && first + i < draft.op.operands.size(); ++i)
        draft.op.operands[first + i].type = types[i];
      return true;
    }
  }
}

/// `(types) -> types` of a declaration, `(%a: type, ...) -> types` of a definition.
bool Reader::signature(Draft& draft) {
  cursor_.skip();
  const size_t begin = cursor_.at();
  if (!cursor_.accept("("))
    return false;
  std::vector<std::string> types;
  std::string text;
  if (cursor_.peek() == '%') {
    if (!typed_values(draft.arguments, ')'))
      return false;
    for (const Value& argument : draft.arguments)
      text += (text.empty() ? "" : ", ") + argument.type;
    text = "(" + text + ")";
  } else if (!type_list(types, ')')) {
    return false;
  } else {
    text = replace_aliases(cursor_.since(begin));
  }
  std::vector<std::string> results;
  cursor_.skip();
  const size_t arrow = cursor_.at();
  if (!arrow_types(results))
    return false;
  text += results.empty() ? std::string() : " " + replace_aliases(cursor_.since(arrow));
  draft.op.attributes.push_back({"function_type", text, text});
  return true;
}

void Reader::add_region(Draft& draft) {
  draft.in_region = true;
  // Not `push_back(region(...))`: a region may itself add regions elsewhere, but not here.
  Region read = region(std::move(draft.arguments), is_isolated(draft.op.name));
  draft.arguments.clear();
  draft.op.regions.push_back(std::move(read));
}

bool Reader::match_regions(Draft& draft, const Element& element) {
  switch (element.kind) {
    case Kind::NextRegion:
      if (!cursor_.accept("{"))
        return false;
      add_region(draft);
      return true;
    case Kind::Regions:
      if (!cursor_.accept("["))
        return false;
      do {
        if (!cursor_.accept("{"))
          return false;
        add_region(draft);
      } while (cursor_.accept(','));
      return cursor_.accept("]");
    case Kind::Arguments:
      return typed_values(draft.arguments, ')') && (cursor_.seek(cursor_.at() - 1), true);
    default:
      return cases(draft);
  }
}

/// `case 1 {...} case 2 {...} default {...}`. The default is the op's first region.
bool Reader::cases(Draft& draft) {
  std::string numbers;
  const auto next = [&](std::string_view word) {
    const size_t begin = cursor_.at();
    if (cursor_.accept(word))
      return true;
    cursor_.seek(begin);
    return false;
  };
  while (next("case")) {
    cursor_.skip();
    const size_t begin = cursor_.at();
    if (!cursor_.integer())
      return false;
    numbers += (numbers.empty() ? "" : ", ") + std::string(cursor_.since(begin));
    if (!cursor_.accept("{"))
      return false;
    add_region(draft);
  }
  if (!cursor_.accept("default {"))
    return false;
  add_region(draft);
  std::rotate(draft.op.regions.begin(), draft.op.regions.end() - 1, draft.op.regions.end());
  draft.op.attributes.push_back(
      {"cases", numbers.empty() ? "array<i64>" : "array<i64: " + numbers + ">", numbers});
  return true;
}

void Reader::infer_results(Draft& draft, std::string_view rule) {
  if (rule.empty() || !draft.result_types.empty())
    return;
  const auto inferred = [&](std::string_view type) -> std::string {
    if (type == "value")
      return type_of_value(draft.op.attribute("value")->text);
    if (type.size() != 2 || std::string_view("teb").find(type[0]) == type.npos ||
        std::isdigit(static_cast<unsigned char>(type[1])) == 0)
      return std::string(type);
    const auto number = static_cast<size_t>(type[1] - '0');
    if (number >= draft.op.operands.size())
      return {};
    const std::string& of = draft.op.operands[number].type;
    return type[0] == 't' ? of : type[0] == 'e' ? element_type(of) : with_element(of, "i1");
  };
  for (const std::string_view type : split(rule, ' '))
    draft.result_types.push_back(inferred(type));
}

}  // namespace npu::compiler::mlir
