// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <cstdlib>

#include "compiler/import/core_emit.h"
#include "compiler/mlir/attributes.h"
#include "hw-model/arch/float16.h"

namespace npu::compiler::core {

int64_t integer_of(const mlir::Op& op, std::string_view name, int64_t otherwise) {
  return mlir::integer_of(op, name).value_or(otherwise);
}

std::vector<int64_t> integers_of(const mlir::Op& op, std::string_view name) {
  const mlir::Attribute* attribute = op.attribute(name);
  if (attribute == nullptr)
    return {};
  constexpr std::string_view kDense = "dense<";
  const std::string_view text = attribute->text;
  std::vector<std::string_view> pieces = mlir::to_list(text);
  if (pieces.empty() && text.starts_with(kDense))
    pieces.push_back(text.substr(kDense.size(), text.find('>') - kDense.size()));
  std::vector<int64_t> values;
  for (const std::string_view piece : pieces)
    if (const auto value = piece.starts_with("%") ? std::optional(kOpen) : mlir::to_integer(piece))
      values.push_back(*value);
  return values;
}

bool is_permutation(std::span<const int64_t> list, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (std::ranges::count(list, static_cast<int64_t>(i)) != 1)
      return false;
  return list.size() == count;
}

std::string text_of(const mlir::Op& op, std::string_view name) {
  const mlir::Attribute* attribute = op.attribute(name);
  if (attribute == nullptr)
    return {};
  std::string_view text = attribute->text.empty() ? attribute->bare : attribute->text;
  if (text.starts_with("@"))
    text.remove_prefix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return std::string(text);
}

std::optional<int64_t> literal(std::string_view text, NumberType type) {
  const auto pieces = mlir::split(text, ':');
  text = pieces.empty() ? text : pieces[0];
  if (!type.real() || text.starts_with("0x")) {
    const auto bits = mlir::to_integer(text);
    return bits ? std::optional(from_memory(static_cast<uint64_t>(*bits), type)) : std::nullopt;
  }
  const std::string number(text);
  char* stop = nullptr;
  const double value = std::strtod(number.c_str(), &stop);
  if (number.empty() || *stop != '\0')
    return std::nullopt;
  return from_memory(arch::float_bits(value, type.machine), type);
}

std::optional<std::vector<int64_t>> dense(std::string_view text, NumberType type,
                                          int64_t elements) {
  const auto count = static_cast<size_t>(elements);
  const auto width = static_cast<size_t>(type.bytes());
  const auto bytes = mlir::dense_bytes(text, arch::to_string(type.machine), count);
  if (!bytes || bytes->size() != count * width)
    return std::nullopt;
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < count; ++i) {
    uint64_t bits = 0;
    for (size_t b = width; b-- > 0;)
      bits = bits << 8 | (*bytes)[i * width + b];
    numbers.push_back(from_memory(bits, type));
  }
  return numbers;
}

}  // namespace npu::compiler::core
