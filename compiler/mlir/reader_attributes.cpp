// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The attributes in the assembly of ops, and text that is kept as it stands.
#include <algorithm>
#include <array>

#include "compiler/mlir/reader_state.h"

namespace npu::compiler::mlir {

using Kind = Element::Kind;

bool Reader::dictionary(Op& op) {
  const size_t begin = cursor_.at();
  if (!cursor_.dictionary())
    return false;
  const size_t end = cursor_.at();
  cursor_.seek(begin);
  cursor_.accept('{');
  while (!cursor_.accept('}')) {
    cursor_.skip();
    const size_t name_at = cursor_.at();
    std::string_view name;
    if (cursor_.peek() == '"') {
      cursor_.string();
      name = cursor_.since(name_at);
      name = name.substr(1, name.size() - 2);
    } else {
      cursor_.word();
      name = cursor_.since(name_at);
    }
    std::string value = "unit";
    if (cursor_.accept('=')) {
      cursor_.skip();
      const size_t value_at = cursor_.at();
      cursor_.typed_attribute();
      value = replace_aliases(cursor_.since(value_at));
    }
    op.attributes.push_back({std::string(name), value, value});
    cursor_.accept(',');
  }
  cursor_.seek(end);
  return true;
}

bool Reader::match_attribute(Draft& draft, const Element& element) {
  cursor_.skip();
  const size_t begin = cursor_.at();
  const auto keep = [&](bool read) {
    if (!read)
      return false;
    std::string text = replace_aliases(cursor_.since(begin));
    draft.op.attributes.push_back({std::string(element.text), text, text});
    return true;
  };
  switch (element.kind) {
    case Kind::IntegerAttribute:
      return keep(cursor_.integer());
    case Kind::KeywordAttribute:
      return keep(cursor_.peek() == '"' ? cursor_.string() : cursor_.word());
    case Kind::TypedAttribute:
      return keep(cursor_.typed_attribute());
    case Kind::ListAttribute: {
      const char next = cursor_.peek();
      const bool read = next == '[' || next == '(' ? cursor_.balanced()
                        : next == '%'              ? cursor_.value()
                                                   : cursor_.integer();
      return read && text_with_operands(draft, element.text, begin);
    }
    case Kind::AffineAttribute:
      return affine(draft, element.text);
    case Kind::FifoAttribute: {
      int open = 0;
      for (char c = cursor_.peek(); c != 0 && (open > 0 || c != ')'); c = cursor_.peek()) {
        open += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
        cursor_.seek(cursor_.at() + 1);
      }
      return text_with_operands(draft, element.text, begin);
    }
    case Kind::OpAttribute:
      return keep(cursor_.accept("{") && cursor_.word() &&
                  (cursor_.peek() != '{' || cursor_.dictionary()) && cursor_.accept("}"));
    case Kind::TextAttribute:
      return to_line_end(draft, element.text);
    default:
      break;
  }
  if (element.text == "sym_visibility") {
    constexpr std::array<std::string_view, 6> kWords{"private",     "public",     "nested",
                                                     "\"private\"", "\"public\"", "\"nested\""};
    const bool read = cursor_.peek() == '"' ? cursor_.string() : cursor_.word();
    return keep(read && std::ranges::find(kWords, cursor_.since(begin)) != kWords.end());
  }
  if (element.text == "sym_name")
    return keep(cursor_.symbol());
  if (element.text == "type" || element.text == "elemType")
    return keep(cursor_.type());
  return keep(cursor_.attribute());
}

/// Keeps text that has been read; values in it are operands, in their order.
bool Reader::text_with_operands(Draft& draft, std::string_view name, size_t begin) {
  const size_t end = cursor_.at();
  std::string text = replace_aliases(cursor_.since(begin));
  cursor_.seek(begin);
  while (cursor_.at() < end) {
    if (cursor_.peek() != '%')
      cursor_.seek(cursor_.at() + 1);
    else if (!operand(draft, draft.op.operands.size()))
      return false;
  }
  cursor_.seek(end);
  draft.op.attributes.push_back({std::string(name), text, text});
  return true;
}

/// `affine_map<...>(%a)[%b]`, `[%a + 1]`, or the bounds of a loop up to its body.
bool Reader::affine(Draft& draft, std::string_view name) {
  cursor_.skip();
  const size_t begin = cursor_.at();
  if (name == "bounds") {
    while (!cursor_.at_end() && cursor_.peek() != '{') {
      const size_t here = cursor_.at();
      if (cursor_.peek() == 'i' && cursor_.accept("iter_args")) {
        cursor_.seek(here);
        break;
      }
      const char c = cursor_.peek();
      const bool word = c == '%'   ? cursor_.value()
                        : c == '#' ? cursor_.attribute()
                                   : cursor_.word();
      if (!word)
        cursor_.seek(here + 1);
    }
    return text_with_operands(draft, name, begin);
  }
  if (cursor_.peek() != '[' && cursor_.peek() != '(' && !cursor_.attribute())
    return false;
  while (cursor_.peek() == '(' || cursor_.peek() == '[')
    if (!cursor_.balanced())
      return false;
  // `(i, j) -> (j, i)`; elsewhere an arrow is that of results.
  if (name == "permutation" && !(cursor_.accept("->") && cursor_.balanced()))
    return false;
  return text_with_operands(draft, name, begin);
}

bool Reader::to_line_end(Draft& draft, std::string_view name) {
  const size_t begin = cursor_.at();
  cursor_.seek(std::min(cursor_.text().find('\n', begin), cursor_.text().size()));
  return text_with_operands(draft, name, begin);
}

}  // namespace npu::compiler::mlir
