// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/explain/nest.h"

namespace npu::compiler::explain {

/// How a copy that is done `times` could move less, with the same bytes where they are needed.
struct Reuse {
  int64_t times = 0;        ///< as written
  int64_t hoisted = 0;      ///< without loops that it can be moved out of, each core still its own
  int64_t shared = 0;       ///< and once for cores that get the same
  std::vector<int> out_of;  ///< loops that it can be moved out of, the innermost first
  std::vector<int> along;   ///< dimensions of the cores along which all get the same
  bool zeros = false;       ///< brings a core zeros that something has filled: the core can do that
};

/// What is moved again although it is still the same: a copy need not be in a loop when neither its
/// parts of memory depend on the loop's variable nor their content changes in it. Of a sum that is
/// brought and taken away in a loop, the first and the last time are enough. Cores keep their
/// memory: to move a copy out of a loop around all cores is as good.
Reuse reuse(const Nest& nest, const Move& move);

}  // namespace npu::compiler::explain
