// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/candidates.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/matmul/pipeline.h"
#include "compiler/matmul/search.h"

namespace npu::cli {

std::string candidates_text(const Settings& settings) {
  constexpr size_t kShown = 16;
  const auto& strategy = compiler::matmul::strategy_named(settings.compiler.strategy);
  if (strategy.rule != nullptr)
    return fmt::format("strategy {}: {}\n", strategy.name, strategy.sentence);
  auto candidates = compiler::matmul::search(settings.problem, settings.partition(),
                                             settings.device.timing, settings.compiler);
  std::string text =
      fmt::format("strategy {}: {}, of {}\n", strategy.name, strategy.sentence, candidates.size());
  const auto tiles =
      compiler::matmul::plan(settings.problem, settings.partition(), settings.device.timing,
                             settings.compiler, {.stop_after = "choose-tiles"})
          .tiles;
  const auto taken = std::ranges::find(candidates, tiles, &compiler::matmul::Candidate::tiles);
  if (taken != candidates.begin())
    text += fmt::format("schedule {}: {} that are predicted faster do not fit it\n",
                        settings.compiler.schedule, taken - candidates.begin());
  candidates.erase(candidates.begin(), taken);
  return text + to_text(candidates, kShown);
}

}  // namespace npu::cli
