// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/mlir/cases.h"

#include <algorithm>

#include "compiler/mlir/attributes.h"

namespace npu::compiler::mlir {

std::string_view case_of(const Op& op, std::string_view attribute, std::span<const Case> cases) {
  const std::string name = name_of(op, attribute);
  const auto number = integer_of(op, attribute);
  const auto found = std::ranges::find_if(
      cases, [&](const Case& each) { return each.name == name || each.number == number; });
  return found == cases.end() ? std::string_view() : found->name;
}

Attribute enumeration(std::string attribute, std::span<const Case> cases, std::string_view name) {
  return enumeration(std::move(attribute), std::ranges::find(cases, name, &Case::name)->number,
                     name);
}

std::string names(std::span<const Case> cases) {
  std::string all;
  for (const Case& each : cases)
    all += (all.empty() ? "" : ", ") + std::string(each.name);
  return all;
}

}  // namespace npu::compiler::mlir
