// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/mlir/tree.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::compiler::mlir {

const Attribute* Op::attribute(std::string_view attribute_name) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const Attribute& a) { return a.name == attribute_name; });
  return found == attributes.end() ? nullptr : &*found;
}

void walk(const Op& op, const std::function<void(const Op&)>& visit) {
  visit(op);
  for (const Region& region : op.regions)
    for (const Block& block : region)
      for (const Op& inner : block.ops)
        walk(inner, visit);
}

namespace {
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + '"';
}

std::string symbol_text(std::string_view target) {
  const auto letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '.';
  };
  const bool bare = !target.empty() && !std::isdigit(static_cast<unsigned char>(target[0])) &&
                    target[0] != '.' && target[0] != '$' &&
                    std::all_of(target.begin(), target.end(), letter);
  return fmt::format("@{}", bare ? std::string(target) : quoted(target));
}
}  // namespace

Attribute integer(std::string name, int64_t value, std::string_view type) {
  return {std::move(name), fmt::format("{} : {}", value, type), fmt::to_string(value)};
}
Attribute boolean(std::string name, bool value) {
  const std::string text = value ? "true" : "false";
  return {std::move(name), text, text};
}
Attribute string(std::string name, std::string_view text) {
  return {std::move(name), quoted(text), quoted(text)};
}
Attribute symbol(std::string name, std::string_view target) {
  return {std::move(name), symbol_text(target), symbol_text(target)};
}
Attribute symbol_name(std::string_view name) {
  return {"sym_name", quoted(name), symbol_text(name)};
}
Attribute enumeration(std::string name, int value, std::string_view case_name) {
  return {std::move(name), fmt::format("{} : i32", value), std::string(case_name)};
}
Attribute array(std::string name, std::span<const int64_t> values) {
  const std::string list = fmt::format("{}", fmt::join(values, ", "));
  return {std::move(name), values.empty() ? "array<i64>" : fmt::format("array<i64: {}>", list),
          fmt::format("[{}]", list)};
}

}  // namespace npu::compiler::mlir
