// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/core_types.h"

#include <charconv>

namespace npu::compiler {

namespace {

std::optional<int64_t> integer(std::string_view text) {
  int64_t value = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && stop == text.data() + text.size() ? std::optional(value)
                                                                     : std::nullopt;
}

std::string_view trim(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t\n");
  return from == std::string_view::npos
             ? std::string_view{}
             : text.substr(from, text.find_last_not_of(" \t\n") - from + 1);
}

/// Splits at a comma outside brackets.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    depth += c == '<' || c == '[' || c == '(';
    depth -= c == '>' || c == ']' || c == ')';
    if (c == ',' && depth == 0) {
      parts.push_back(trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(trim(text.substr(begin)));
  return parts;
}

/// `4x?x8xi32` taken apart.
bool read_shape(std::string_view text, BodyType& type) {
  for (;;) {
    const size_t x = text.find('x');
    const std::string_view size = text.substr(0, x);
    const auto number = integer(size);
    if (x == std::string_view::npos || (!number && size != "?"))
      break;
    type.shape.push_back(number.value_or(kDynamic));
    text.remove_prefix(x + 1);
  }
  const auto element = number_type(text);
  if (!element)
    return false;
  type.element = *element;
  type.element_name = text;
  return true;
}

/// Strides of rows that follow each other.
void contiguous(BodyType& type) {
  type.strides.assign(type.shape.size(), 1);
  for (size_t i = type.shape.size(); i-- > 1;) {
    const bool known = type.strides[i] != kDynamicStride && type.shape[i] != kDynamic;
    type.strides[i - 1] = known ? type.strides[i] * type.shape[i] : kDynamicStride;
  }
}

/// `strided<[4, 1], offset: ?>`.
bool read_strides(std::string_view text, BodyType& type) {
  const size_t open = text.find('[');
  const size_t close = text.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos)
    return false;
  type.strides.clear();
  if (!trim(text.substr(open + 1, close - open - 1)).empty())
    for (const std::string_view part : parts_of(text.substr(open + 1, close - open - 1)))
      type.strides.push_back(integer(part).value_or(kDynamicStride));
  return type.strides.size() == type.shape.size();
}

BodyType memory_type(std::string_view text) {
  BodyType type{.kind = BodyType::Kind::Memory};
  const auto parts = parts_of(text);
  if (!read_shape(parts[0], type))
    return {};
  contiguous(type);
  for (size_t i = 1; i < parts.size(); ++i)
    if ((parts[i].starts_with("strided") && !read_strides(parts[i], type)) ||
        parts[i].starts_with("affine_map"))
      return {};
  return type;
}

}  // namespace

arch::Type NumberType::machine() const {
  using arch::Type;
  if (real)
    return bits == 16 ? Type::Bf16 : Type::F32;
  return bits <= 8 ? Type::I8 : bits <= 16 ? Type::I16 : bits <= 32 ? Type::I32 : Type::I64;
}

int64_t BodyType::elements() const {
  int64_t count = 1;
  for (const int64_t size : shape)
    count = size == kDynamic || count == kDynamic ? kDynamic : count * size;
  return count;
}

std::optional<NumberType> number_type(std::string_view text) {
  if (text == "index")
    return NumberType{64, false};
  if (text == "bf16" || text == "f32")
    return NumberType{text == "f32" ? 32 : 16, true};
  const bool sign = text.starts_with("ui") || text.starts_with("si");
  const size_t digits = sign ? 2 : 1;
  if (!sign && !text.starts_with("i"))
    return std::nullopt;
  const auto bits = integer(text.substr(std::min(digits, text.size())));
  if (!bits || *bits < 1 || *bits > 64)
    return std::nullopt;
  return NumberType{static_cast<int>(*bits), false};
}

BodyType body_type(std::string_view text) {
  text = trim(text);
  const auto inside = [&](std::string_view name) {
    return text.substr(name.size(), text.size() - name.size() - 1);
  };
  if (const auto number = number_type(text))
    return {.kind = BodyType::Kind::Number, .element = *number, .element_name = std::string(text)};
  if (text.starts_with("memref<") && text.ends_with(">"))
    return memory_type(inside("memref<"));
  if (text.starts_with("vector<") && text.ends_with(">")) {
    BodyType type{.kind = BodyType::Kind::Vector};
    return read_shape(inside("vector<"), type) ? type : BodyType{};
  }
  // A cascade word: lanes of 32 bits that are only passed on.
  if (text == "i128" || text == "i384" || text == "i512")
    return {.kind = BodyType::Kind::Vector,
            .element_name = "i32",
            .shape = {integer(text.substr(1)).value_or(0) / 32}};
  return {};
}

}  // namespace npu::compiler
