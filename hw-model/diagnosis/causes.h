// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "hw-model/diagnosis/diagnose.h"

namespace npu::diagnosis {

/// Adds to a root what is wrong in the design, as far as the commands and the compiler's notes
/// tell: buffers that nobody reads or writes, locks with more takers than credit, splits that do
/// not match the herd; and what would help.
void explain(Diagnosis::Root& root, const Wait& wait, const Image& image, const arch::Names& names,
             const History& history);

/// A cause in one sentence, and what would help.
struct Cause {
  std::string sentence;
  std::string hint;
};

/// Why agents that wait for each other do so, in one sentence: a core that wants more objects than
/// there are, a broadcast whose receivers depend on each other, a packet that holds the arbiter
/// another one needs; or just who they are.
Cause cycle_cause(const std::vector<const Wait*>& group, const Image& image,
                  const arch::Names& names, const History& history);

}  // namespace npu::diagnosis
