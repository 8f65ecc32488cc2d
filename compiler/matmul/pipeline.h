// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "compiler/matmul/schedule.h"

namespace npu::compiler::matmul {

/// A step from the problem to the Design.
struct Pass {
  std::string_view name;
  std::string_view sentence;
  void (*run)(Schedule&);
};

/// All passes, in the order in which they run.
std::span<const Pass> passes();

struct PassHooks {
  /// Called after each pass with the schedule as it then is; `print(schedule)` is its text.
  std::function<void(const Pass& pass, const Schedule& schedule)> after;
  /// The pass to stop after; empty: none.
  std::string stop_after;
};

/// Runs the passes on a problem. Throws Error when the problem, the options or the device do not
/// allow it.
Schedule plan(const Problem& problem, const arch::Partition& partition, const arch::Timing& timing,
              const Options& options, const PassHooks& hooks = {});

}  // namespace npu::compiler::matmul
