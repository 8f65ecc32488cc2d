// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/problem.h"

#include <algorithm>
#include <array>
#include <cmath>
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

constexpr std::array kBuiltIn{
    Types{Type::Bf16, Type::Bf16, Type::F32}, Types{Type::Bf16, Type::Bf16, Type::Bf16},
    Types{Type::I8, Type::I8, Type::I32},     Types{Type::I8, Type::I8, Type::I16},
    Types{Type::I8, Type::I8, Type::I8},      Types{Type::I16, Type::I16, Type::I32},
    Types{Type::I32, Type::I32, Type::I32},   Types{Type::F32, Type::F32, Type::F32},
};

bool is_integer(Type type) {
  return type == Type::I8 || type == Type::I16 || type == Type::I32;
}

std::string_view to_string(Layout layout) {
  return layout == Layout::Row ? "row" : "column";
}

std::string to_string(const Epilogue& epilogue) {
  std::string text;
  if (epilogue.bias)
    text += " bias";
  if (epilogue.shift > 0)
    text += fmt::format(" shift={}", epilogue.shift);
  if (epilogue.scale != 1)
    text += fmt::format(" scale={}", epilogue.scale);
  if (epilogue.rounding == arch::Rounding::Floor)
    text += " floor";
  if (epilogue.relu)
    text += " relu";
  return text;
}

/// Throws Error when the sums cannot be multiplied, or not by that.
void check_scale(const Problem& problem) {
  const Epilogue& e = problem.epilogue;
  if (e.scale == 1)
    return;
  if (!std::isnormal(e.scale))
    throw Error("problem: a scale of {} is none", e.scale).hint("a normal f32, as 0.0125");
  if (e.shift > 0)
    throw Error("problem: a shift of {} and a scale of {}", e.shift, e.scale)
        .hint("one of them: a shift by {} is a scale of {}, but rounds down", e.shift,
              std::ldexp(1.0F, -e.shift));
  if (problem.c == Type::I32)
    throw Error("problem: a scale needs floats or a cast to i8 or i16, and C is i32")
        .hint("problem.c: i8");
}

/// Throws Error when an option of the cast has no cast to belong to.
void check_epilogue(const Problem& problem) {
  const Epilogue& e = problem.epilogue;
  if (e.shift < 0 || e.shift > 31)
    throw Error("problem: a shift of {} is none", e.shift).hint("0 to 31");
  if (e.shift > 0 && problem.c != Type::I8 && problem.c != Type::I16)
    throw Error("problem: a shift needs a cast to i8 or i16, and C is {}",
                arch::to_string(problem.c))
        .hint("problem.c: i8");
  check_scale(problem);
  if (e.rounding == arch::Rounding::Floor && problem.c != Type::Bf16)
    throw Error("problem: rounding is for a cast to bf16, and C is {}", arch::to_string(problem.c))
        .hint("problem.c: bf16");
}

}  // namespace

void validate(const Problem& problem) {
  const std::array<std::pair<std::string_view, int64_t>, 4> sizes{
      {{"m", problem.m}, {"k", problem.k}, {"n", problem.n}, {"batch", problem.batch}}};
  for (const auto& [name, size] : sizes)
    if (size < 1)
      throw Error("problem: {}={} is not a size", name, size).hint("1 or more");
  check_epilogue(problem);
  const Types types{problem.a, problem.b, problem.c};
  if (std::ranges::find(kBuiltIn, types) != kBuiltIn.end() ||
      (is_integer(types.a) && is_integer(types.b) && is_integer(types.c)))
    return;
  std::string legal;
  for (const Types& row : kBuiltIn)
    legal += fmt::format("{}{} {} {}", legal.empty() ? "" : ", ", arch::to_string(row.a),
                         arch::to_string(row.b), arch::to_string(row.c));
  throw Error("problem: no kernel multiplies {} by {} into {}", arch::to_string(problem.a),
              arch::to_string(problem.b), arch::to_string(problem.c))
      .hint("one of: {}; or any of i8, i16 and i32", legal);
}

std::string to_string(const Problem& problem) {
  return fmt::format("m={} k={} n={} {} {} {} {} {}{}{}", problem.m, problem.k, problem.n,
                     arch::to_string(problem.a), arch::to_string(problem.b),
                     arch::to_string(problem.c), to_string(problem.a_layout),
                     to_string(problem.b_layout),
                     problem.batch > 1 ? fmt::format(" batch={}", problem.batch) : "",
                     to_string(problem.epilogue));
}

std::string to_string(Herd herd) {
  return fmt::format("{}x{}", herd.columns, herd.rows);
}

}  // namespace npu::compiler::matmul
