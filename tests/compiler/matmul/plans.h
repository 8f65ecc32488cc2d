// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "compiler/compile.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::testing {

using arch::Layout;
using arch::Type;
using matmul::Herd;
using matmul::Options;
using matmul::Problem;
using matmul::SplitL2;

inline constexpr std::string_view kApril = "pad-pack-2024-04-24";
inline constexpr std::string_view kHalved = "halved";

inline Problem bf16(int64_t m, int64_t k, int64_t n) {
  return {.m = m, .k = k, .n = n, .a = Type::Bf16, .b = Type::Bf16, .c = Type::F32};
}
inline Problem of(Type type, Type c, int64_t m, int64_t k, int64_t n) {
  return {.m = m, .k = k, .n = n, .a = type, .b = type, .c = c};
}

inline matmul::Schedule plan(const Problem& problem, const Options& options = {}, int columns = 4,
                             const arch::Device& device = arch::kNpu1,
                             const matmul::PassHooks& hooks = {}) {
  return matmul::plan(problem, arch::partition_of(device, columns), {}, options, hooks);
}

inline matmul::Tiles tiles(std::string_view strategy, const Problem& problem) {
  return matmul::strategy_named(strategy).rule(problem, arch::partition_of(arch::kNpu1, 4), {});
}

/// The text of the refusal; empty when there is none.
template <typename Run>
std::string refusal(Run run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace npu::compiler::testing
