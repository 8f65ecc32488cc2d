// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <chrono>

#include "hw-model/arch/types.h"

namespace npu::cli {

/// A line on stderr that is rewritten once a second, on a terminal only; and Ctrl-C, which it turns
/// into a request to stop while it lives. One at a time.
class Progress {
 public:
  /// `quiet`: no line, wherever stderr leads.
  explicit Progress(bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// To be called often. False when the user wants to stop.
  bool tick(arch::Cycle cycle);
  /// Removes the line.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool shows_;
  bool visible_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  arch::Cycle last_cycle_ = 0;
};

}  // namespace npu::cli
