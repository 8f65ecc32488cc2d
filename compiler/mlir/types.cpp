// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/mlir/types.h"

#include <charconv>

#include <fmt/format.h>

namespace npu::compiler::mlir {

namespace {

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool number(std::string_view text, int64_t& value) {
  text = trim(text);
  if (text == "?") {
    value = kDynamic;
    return true;
  }
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && stop == text.data() + text.size();
}

/// `strided<[8, 1], offset: 2>`
void read_strided(std::string_view text, Type& type) {
  const size_t open = text.find('[');
  const size_t close = text.find(']');
  if (open == text.npos || close == text.npos || close < open)
    return;
  std::vector<int64_t> strides;
  for (const std::string_view piece : split(text.substr(open + 1, close - open - 1), ','))
    if (int64_t value = 0; number(piece, value))
      strides.push_back(value);
  type.strides = strides;
  constexpr std::string_view kOffset = "offset:";
  if (const size_t at = text.find(kOffset); at != text.npos) {
    std::string_view rest = text.substr(at + kOffset.size());
    if (!rest.empty() && rest.back() == '>')
      rest.remove_suffix(1);
    number(rest, type.offset);
  }
}

/// `4x?xi32`
void read_shape(std::string_view text, Type& type) {
  text = trim(text);
  while (true) {
    const size_t x = text.find('x');
    int64_t extent = 0;
    if (x == text.npos || !number(text.substr(0, x), extent) || (extent < 0 && extent != kDynamic))
      break;
    type.shape.push_back(extent);
    text = trim(text.substr(x + 1));
  }
  type.element = text;
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> pieces;
  int open = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i)
        i += text[i] == '\\' ? 1 : 0;
    } else if (c == '-' && i + 1 < text.size() && text[i + 1] == '>') {
      ++i;
    } else if (c == '<' || c == '(' || c == '[' || c == '{') {
      ++open;
    } else if (c == '>' || c == ')' || c == ']' || c == '}') {
      --open;
    } else if (c == by && open == 0) {
      pieces.push_back(trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  const std::string_view last = trim(text.substr(std::min(begin, text.size())));
  if (!last.empty() || !pieces.empty())
    pieces.push_back(last);
  return pieces;
}

int64_t Type::elements() const {
  int64_t count = 1;
  for (const int64_t extent : shape)
    if (extent == kDynamic || __builtin_mul_overflow(count, extent, &count))
      return kDynamic;
  return count;
}

Type parse_type(std::string_view text) {
  text = trim(text);
  Type type;
  const size_t open = text.find('<');
  if (open == text.npos) {
    if (bits_of(text))
      type = {.kind = Type::Kind::Scalar, .element = std::string(text)};
    return type;
  }
  const std::string_view head = text.substr(0, open);
  type.kind = head == "memref"   ? Type::Kind::Memref
              : head == "tensor" ? Type::Kind::Tensor
              : head == "vector" ? Type::Kind::Vector
                                 : Type::Kind::Other;
  if (type.kind == Type::Kind::Other || text.back() != '>')
    return {};
  const auto parts = split(text.substr(open + 1, text.size() - open - 2), ',');
  if (parts.empty())
    return {};
  read_shape(parts[0], type);
  for (size_t i = 1; i < parts.size(); ++i)
    if (parts[i].starts_with("strided"))
      read_strided(parts[i], type);
    else if (parts[i].starts_with("affine_map"))
      type.layout = parts[i];
    else
      type.space = parts[i];
  return type;
}

std::string element_type(std::string_view type) {
  const Type parsed = parse_type(type);
  return parsed.element.empty() ? std::string(type) : parsed.element;
}

std::string with_element(std::string_view type, std::string_view element) {
  const Type parsed = parse_type(type);
  const std::string end = parsed.element + ">";
  if (parsed.kind == Type::Kind::Scalar || parsed.element.empty() || !type.ends_with(end))
    return std::string(element);
  return fmt::format("{}{}>", type.substr(0, type.size() - end.size()), element);
}

std::string type_of_value(std::string_view attribute) {
  const auto parts = split(attribute, ':');
  if (parts.size() > 1)
    return std::string(parts.back());
  if (attribute == "true" || attribute == "false")
    return "i1";
  return attribute.find_first_of(".") != attribute.npos ? "f64" : "i64";
}

std::optional<int> bits_of(std::string_view scalar) {
  if (scalar == "index")
    return 64;
  if (scalar == "bf16")
    return 16;
  for (const std::string_view head : {"ui", "si", "i", "f"})
    if (scalar.starts_with(head)) {
      int bits = 0;
      const std::string_view digits = scalar.substr(head.size());
      const auto [stop, problem] =
          std::from_chars(digits.data(), digits.data() + digits.size(), bits);
      if (problem == std::errc{} && stop == digits.data() + digits.size() && bits > 0)
        return bits;
    }
  return std::nullopt;
}

}  // namespace npu::compiler::mlir
