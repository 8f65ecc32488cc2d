// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/problem.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

struct Types {
  Type a;
  Type b;
  Type c;
  bool operator==(const Types&) const = default;
};

constexpr std::array kLegal{
    Types{Type::Bf16, Type::Bf16, Type::F32}, Types{Type::Bf16, Type::Bf16, Type::Bf16},
    Types{Type::I8, Type::I8, Type::I32},     Types{Type::I8, Type::I8, Type::I16},
    Types{Type::I8, Type::I8, Type::I8},      Types{Type::I16, Type::I16, Type::I32},
    Types{Type::I32, Type::I32, Type::I32},   Types{Type::F32, Type::F32, Type::F32},
};

std::string_view to_string(Layout layout) {
  return layout == Layout::Row ? "row" : "column";
}

}  // namespace

void validate(const Problem& problem) {
  const std::array<std::pair<std::string_view, int64_t>, 3> sizes{
      {{"m", problem.m}, {"k", problem.k}, {"n", problem.n}}};
  for (const auto& [name, size] : sizes)
    if (size < 1)
      throw Error("problem: {}={} is not a size", name, size).hint("1 or more");
  const Types types{problem.a, problem.b, problem.c};
  if (std::ranges::find(kLegal, types) != kLegal.end())
    return;
  std::string legal;
  for (const Types& row : kLegal)
    legal += fmt::format("{}{} {} {}", legal.empty() ? "" : ", ", arch::to_string(row.a),
                         arch::to_string(row.b), arch::to_string(row.c));
  throw Error("problem: no kernel multiplies {} by {} into {}", arch::to_string(problem.a),
              arch::to_string(problem.b), arch::to_string(problem.c))
      .hint("one of: {}", legal);
}

std::string to_string(const Problem& problem) {
  return fmt::format("m={} k={} n={} {} {} {} {} {}", problem.m, problem.k, problem.n,
                     arch::to_string(problem.a), arch::to_string(problem.b),
                     arch::to_string(problem.c), to_string(problem.a_layout),
                     to_string(problem.b_layout));
}

std::string to_string(Herd herd) {
  return fmt::format("{}x{}", herd.columns, herd.rows);
}

}  // namespace npu::compiler::matmul
