// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/candidates.h"

#include <fmt/format.h>

#include "compiler/matmul/search.h"

namespace npu::cli {

std::string candidates_text(const Settings& settings) {
  constexpr size_t kShown = 16;
  const auto& strategy = compiler::matmul::strategy_named(settings.compiler.strategy);
  if (strategy.rule != nullptr)
    return fmt::format("strategy {}: {}\n", strategy.name, strategy.sentence);
  const auto candidates = compiler::matmul::search(settings.problem, settings.partition(),
                                                   settings.device.timing, settings.compiler);
  return fmt::format("strategy {}: {}, of {}\n", strategy.name, strategy.sentence,
                     candidates.size()) +
         to_text(candidates, kShown);
}

}  // namespace npu::cli
