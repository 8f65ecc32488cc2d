// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/mlir/attributes.h"

#include <bit>
#include <charconv>
#include <cstdlib>

#include "compiler/mlir/types.h"
#include "hw-model/arch/float16.h"

namespace npu::compiler::mlir {

namespace {

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// What stands between the outermost pair of such brackets.
std::optional<std::string_view> between(std::string_view text, char open, char close) {
  const size_t begin = text.find(open);
  const size_t end = text.rfind(close);
  if (begin == text.npos || end == text.npos || end < begin)
    return std::nullopt;
  return trim(text.substr(begin + 1, end - begin - 1));
}

/// The bits of one element.
std::optional<uint64_t> element_bits(std::string_view text, std::string_view element) {
  const bool real = element == "bf16" || element.starts_with("f");
  if (!real || text.starts_with("0x"))
    if (const auto value = to_integer(text))
      return static_cast<uint64_t>(*value);
  if (!real)
    return std::nullopt;
  const std::string number(text);
  char* stop = nullptr;
  const double value = std::strtod(number.c_str(), &stop);
  if (number.empty() || *stop != '\0')
    return std::nullopt;
  if (element == "f64")
    return std::bit_cast<uint64_t>(value);
  const auto type = arch::type_named(element);
  return type && arch::is_float(*type) ? std::optional<uint64_t>(arch::float_bits(value, *type))
                                       : std::nullopt;
}

std::optional<std::vector<uint8_t>> from_digits(std::string_view digits) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    uint8_t byte = 0;
    const auto [stop, problem] =
        std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    if (problem != std::errc{} || stop != digits.data() + i + 2)
      return std::nullopt;
    bytes.push_back(byte);
  }
  return bytes;
}

/// Numbers in nested brackets.
std::optional<std::vector<uint8_t>> from_list(std::string_view list, std::string_view element,
                                              size_t width) {
  std::vector<uint8_t> bytes;
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find_first_of(",[]", at), list.size());
    const std::string_view word = trim(list.substr(at, end - at));
    at = end + 1;
    if (word.empty())
      continue;
    const auto value = element_bits(word, element);
    if (!value)
      return std::nullopt;
    for (size_t i = 0; i < width; ++i)
      bytes.push_back(static_cast<uint8_t>(*value >> 8 * i));
  }
  return bytes;
}

}  // namespace

std::optional<int64_t> to_integer(std::string_view text) {
  text = trim(text.substr(0, text.find(':')));
  if (text == "true" || text == "unit")
    return 1;
  if (text == "false")
    return 0;
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative ? 1 : 0);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  text.remove_prefix(hex ? 2 : 0);
  uint64_t value = 0;
  const auto [stop, problem] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (problem != std::errc{} || stop != text.data() + text.size())
    return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - value : value);
}

std::optional<int64_t> integer_of(const Op& op, std::string_view name) {
  const Attribute* attribute = op.attribute(name);
  return attribute ? to_integer(attribute->text) : std::nullopt;
}

bool flag_of(const Op& op, std::string_view name) {
  const Attribute* attribute = op.attribute(name);
  return attribute && to_integer(attribute->text).value_or(1) != 0;
}

std::string to_name(std::string_view text) {
  text = trim(text);
  if (text.starts_with('@'))
    text.remove_prefix(1);
  if (text.size() < 2 || !text.starts_with('"'))
    return std::string(text);
  std::string name;
  for (size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
    i += text[i] == '\\' && i + 1 < text.size() ? 1 : 0;
    name += text[i];
  }
  return name;
}

std::string name_of(const Op& op, std::string_view name) {
  const Attribute* attribute = op.attribute(name);
  return attribute ? to_name(attribute->text) : std::string();
}

std::vector<std::string_view> to_list(std::string_view text) {
  text = trim(text);
  if (text.starts_with("array<")) {
    const std::string_view body = text.substr(6, text.size() - 7);
    const size_t colon = body.find(':');
    return colon == body.npos ? std::vector<std::string_view>{}
                              : split(body.substr(colon + 1), ',');
  }
  const auto body = between(text, '[', ']');
  return body ? split(*body, ',') : std::vector<std::string_view>{};
}

std::optional<std::string_view> field(std::string_view text, std::string_view key) {
  for (const char open : {'<', '{'}) {
    const auto body = between(text, open, open == '<' ? '>' : '}');
    if (!body)
      continue;
    for (const std::string_view piece : split(*body, ',')) {
      const size_t equals = piece.find('=');
      if (equals != piece.npos && trim(piece.substr(0, equals)) == key)
        return trim(piece.substr(equals + 1));
    }
  }
  return std::nullopt;
}

std::optional<int64_t> integer_field(std::string_view text, std::string_view key) {
  const auto value = field(text, key);
  return value ? to_integer(*value) : std::nullopt;
}

std::optional<std::vector<uint8_t>> dense_bytes(std::string_view text, std::string_view element,
                                                uint64_t elements) {
  text = trim(text);
  if (!text.starts_with("dense<"))
    return std::nullopt;
  const std::string_view body = trim(text.substr(6, text.rfind('>', text.rfind(" : ")) - 6));
  const auto bits = bits_of(element);
  if (!bits)
    return std::nullopt;
  const size_t width = static_cast<size_t>(*bits + 7) / 8;
  const bool digits = body.starts_with("\"0x");
  auto read =
      digits ? from_digits(body.substr(3, body.size() - 4)) : from_list(body, element, width);
  if (!read)
    return std::nullopt;
  std::vector<uint8_t> bytes = std::move(*read);
  if (bytes.size() == width && elements > 1) {
    const std::vector<uint8_t> one = bytes;
    for (uint64_t i = 1; i < elements; ++i)
      bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return bytes;
}

}  // namespace npu::compiler::mlir
