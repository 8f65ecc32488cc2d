// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "hw-model/arch/names.h"
#include "hw-model/diagnosis/history.h"
#include "hw-model/diagnosis/image.h"

namespace npu::diagnosis {

/// Something that a design, or what drives it, does wrong, whether the run stands still or not.
struct Mistake {
  std::string text;      ///< in one sentence
  bool can_stop = true;  ///< a run, and not only spoil its result
};

/// Finds what is known to be wrong from the commands and from how things stand: dropped tasks,
/// descriptors rewritten while in use, packets that two rules of a port match or that lost their
/// way, accumulators that are never cleared, turns taken of others, transfers longer than what
/// comes, runs that end before their output, words that nobody takes, and what an earlier run left
/// behind.
std::vector<Mistake> mistakes(const Image& image, const arch::Names& names, const History& history);

}  // namespace npu::diagnosis
