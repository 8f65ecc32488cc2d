// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The form that every op has, and ops that no row describes.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "compiler/mlir/reader_state.h"

namespace npu::compiler::mlir {

/// `"name"(operands)[successors] <{...}> ({...}) {...} : type`
void Reader::generic(Draft& draft) {
  if (!cursor_.string())
    fail_expected();
  const std::string_view quoted = cursor_.since(draft.begin);
  draft.op.name = rows_.name(quoted.substr(1, quoted.size() - 2));
  const auto list = [&](auto&& one, char end) {
    if (cursor_.accept(end))
      return true;
    do {
      if (!one())
        return false;
    } while (cursor_.accept(','));
    return cursor_.accept(end) || cursor_.miss(std::string_view(&")]"[end == ']'], 1));
  };
  const auto next_operand = [&] { return operand(draft, draft.op.operands.size()); };
  const auto next_successor = [&] { return successor(draft, draft.op.successors.size()); };
  const auto next_region = [&] {
    if (!cursor_.accept("{"))
      return false;
    add_region(draft);
    return true;
  };
  const bool read = cursor_.accept("(") && list(next_operand, ')') &&
                    (!cursor_.accept('[') || list(next_successor, ']')) &&
                    (!cursor_.accept('<') || (dictionary(draft.op) && cursor_.accept(">"))) &&
                    (!cursor_.accept('(') || list(next_region, ')')) &&
                    (cursor_.peek() != '{' || dictionary(draft.op)) && cursor_.accept(":") &&
                    function_type(draft);
  if (!read)
    fail_expected();
  split_successor_operands(draft.op);
}

/// In the generic form the arguments of successors are operands.
void Reader::split_successor_operands(Op& op) {
  size_t kept = op.name == "cf.br" ? 0 : op.operands.size();
  std::vector<size_t> counts(op.successors.size(), op.operands.size());
  if (op.name == "cf.cond_br") {
    const Attribute* sizes = op.attribute("operandSegmentSizes");
    kept = std::min<size_t>(1, op.operands.size());
    size_t next = 0;
    if (const size_t colon = sizes ? sizes->text.find(':') : std::string::npos;
        colon != std::string::npos) {
      const char* at = sizes->text.data() + colon + 1;
      const char* end = sizes->text.data() + sizes->text.size();
      for (size_t number = 0; at != end;) {
        while (at != end && !(*at >= '0' && *at <= '9'))
          ++at;
        const auto [stop, problem] = std::from_chars(at, end, number);
        if (problem != std::errc{})
          break;
        at = stop;
        if (next > 0 && next <= counts.size())
          counts[next - 1] = number;
        ++next;
      }
    }
    std::erase_if(op.attributes,
                  [](const Attribute& a) { return a.name == "operandSegmentSizes"; });
  }
  size_t at = kept;
  for (size_t i = 0; i < op.successors.size(); ++i)
    for (size_t n = 0; n < counts[i] && at < op.operands.size(); ++n)
      op.successors[i].arguments.push_back(op.operands[at++]);
  op.operands.resize(std::min(kept, op.operands.size()));
}

/// Whether `{%a}` or `{%a, ...` comes next.
bool Reader::lists_values() {
  const size_t begin = cursor_.at();
  const bool list = cursor_.accept('{') && cursor_.peek() == '%' && cursor_.value() &&
                    (cursor_.peek() == ',' || cursor_.peek() == '}');
  cursor_.seek(begin);
  return list;
}

/// An op that no row describes: its operands, dictionaries and regions, up to the end of the line
/// outside brackets.
void Reader::unknown(Draft& draft) {
  const std::string_view text = cursor_.text();
  const size_t begin = cursor_.at();
  std::string_view type;
  int open = 0;
  char last = 0;
  bool arrow = false;
  while (cursor_.at() < text.size()) {
    const size_t before = cursor_.at();
    const char c = cursor_.peek();
    const bool new_line = text.substr(before, cursor_.at() - before).find('\n') != text.npos;
    const bool continues = last == ',' || last == ':' || last == '=' || arrow ||
                           (c != 0 && std::string_view(",:-=").find(c) != text.npos);
    if (c == 0 || (open == 0 && (c == '}' || c == '^' || (new_line && !continues)))) {
      cursor_.seek(before);
      break;
    }
    const size_t here = cursor_.at();
    arrow = last == '-' && c == '>';
    last = c;
    if (c == '%') {
      if (!operand(draft, draft.op.operands.size()))
        fail_expected();
    } else if (c == '"') {
      if (!cursor_.string())
        fail_expected();
    } else if (c == '{' && lists_values()) {
      ++open;
      cursor_.seek(here + 1);
    } else if (c == '{') {
      if (!dictionary(draft.op)) {
        cursor_.seek(here + 1);
        add_region(draft);
      }
      last = 0;
    } else {
      open += c == '(' || c == '[' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
      if (open < 0)
        break;
      if (!cursor_.word() && !cursor_.symbol())
        cursor_.seek(here + 1);
      if ((c == ':' || arrow) && last_type(type))
        last = 0, arrow = false;
    }
  }
  if (open > 0)
    fail(fmt::format("{} brackets of {} are not closed", open, draft.op.name), begin);
  draft.op.attributes.push_back({std::string(kAssembly), {}, std::string(cursor_.since(begin))});
  if (!type.empty())
    draft.result_types.push_back(replace_aliases(type));
}

/// Moves past a type, if it is one.
bool Reader::last_type(std::string_view& type) {
  cursor_.skip();
  const size_t begin = cursor_.at();
  if (!cursor_.type()) {
    cursor_.seek(begin);
    return false;
  }
  type = cursor_.since(begin);
  return true;
}

}  // namespace npu::compiler::mlir
