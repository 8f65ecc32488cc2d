// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "compiler/import/core_emit.h"

namespace npu::compiler::core {

namespace {

std::string_view trim(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t\n");
  return from == std::string_view::npos
             ? std::string_view{}
             : text.substr(from, text.find_last_not_of(" \t\n") - from + 1);
}

/// `-5`, `0x1F`, `true`.
std::optional<int64_t> whole_number(std::string_view text) {
  if (text == "true" || text == "false")
    return text == "true";
  const bool negative = text.starts_with("-");
  if (negative)
    text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex)
    text.remove_prefix(2);
  uint64_t value = 0;
  const auto [stop, problem] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (problem != std::errc{} || stop != text.data() + text.size())
    return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - value : value);
}

uint32_t rounded_to_bf16(float value) {
  const auto raw = std::bit_cast<uint32_t>(value);
  return std::isnan(value) ? raw | 0x40'0000 : (raw + 0x7FFF + (raw >> 16 & 1)) & 0xFFFF'0000;
}

/// Numbers in nested brackets, in order.
template <typename F>
bool for_each_number(std::string_view text, F f) {
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const bool ends = i == text.size() || text[i] == ',' || text[i] == '[' || text[i] == ']';
    if (!ends)
      continue;
    const std::string_view word = trim(text.substr(begin, i - begin));
    if (!word.empty() && !f(word))
      return false;
    begin = i + 1;
  }
  return true;
}

/// Without the type behind the value: `5 : i32`.
std::string_view value_of(std::string_view text) {
  return trim(text.substr(0, text.find(':')));
}

}  // namespace

std::optional<int64_t> integer_of(const mlir::Op& op, std::string_view name) {
  const mlir::Attribute* attribute = op.attribute(name);
  if (attribute == nullptr)
    return std::nullopt;
  const auto value = whole_number(value_of(attribute->text));
  return value ? value : whole_number(value_of(attribute->bare));
}

int64_t integer_of(const mlir::Op& op, std::string_view name, int64_t otherwise) {
  return integer_of(op, name).value_or(otherwise);
}

std::vector<int64_t> integers_of(const mlir::Op& op, std::string_view name) {
  const mlir::Attribute* attribute = op.attribute(name);
  if (attribute == nullptr)
    return {};
  std::string_view text = trim(attribute->text);
  for (const std::string_view prefix : {"array<", "dense<"}) {
    if (!text.starts_with(prefix))
      continue;
    text.remove_prefix(prefix.size());
    text = text.substr(0, text.find('>'));
    if (const size_t colon = text.find(':'); colon != std::string_view::npos)
      text.remove_prefix(colon + 1);
    else if (text.starts_with("i"))
      return {};
  }
  std::vector<int64_t> values;
  for_each_number(text, [&](std::string_view word) {
    const auto value = word.starts_with("%") ? kOpen : whole_number(value_of(word));
    if (value)
      values.push_back(*value);
    return true;
  });
  return values;
}

std::string text_of(const mlir::Op& op, std::string_view name) {
  const mlir::Attribute* attribute = op.attribute(name);
  if (attribute == nullptr)
    return {};
  std::string_view text = trim(attribute->text.empty() ? attribute->bare : attribute->text);
  if (text.starts_with("@"))
    text.remove_prefix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return std::string(text);
}

std::optional<int64_t> literal(std::string_view text, NumberType type) {
  text = value_of(text);
  if (!type.real) {
    const auto value = whole_number(text);
    if (!value || type.bits == 64)
      return value;
    if (type.bits == 1)
      return *value & 1;
    const int spare = 64 - type.bits;
    return static_cast<int64_t>(static_cast<uint64_t>(*value) << spare) >> spare;
  }
  if (text.starts_with("0x")) {
    const auto raw = whole_number(text);
    return raw && type.bits == 16 ? std::optional(*raw << 16) : raw;
  }
  const std::string number(text);
  char* stop = nullptr;
  const double value = std::strtod(number.c_str(), &stop);
  if (number.empty() || *stop != '\0')
    return std::nullopt;
  const auto single = static_cast<float>(value);
  return type.bits == 16 ? rounded_to_bf16(single) : std::bit_cast<uint32_t>(single);
}

std::optional<std::vector<int64_t>> dense(std::string_view text, NumberType type) {
  text = trim(text);
  constexpr std::string_view kPrefix = "dense<";
  if (!text.starts_with(kPrefix))
    return std::nullopt;
  text = text.substr(kPrefix.size(), text.find('>') - kPrefix.size());
  std::vector<int64_t> values;
  if (trim(text).starts_with("\"0x"))
    return std::nullopt;
  const bool all = for_each_number(text, [&](std::string_view word) {
    const auto value = literal(word, type);
    if (value)
      values.push_back(*value);
    return value.has_value();
  });
  return all ? std::optional(values) : std::nullopt;
}

}  // namespace npu::compiler::core
