// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "hw-model/arch/names.h"
#include "hw-model/diagnosis/image.h"
#include "hw-model/observe/checker.h"
#include "hw-model/observe/order.h"

namespace npu::diagnosis {

// What the checkers find, in the words of the design, with the ring of descriptors that explains it
// where one does.

/// ``core(0,2) reads `in.1`, which nothing wrote: core(0,2).s2mm0 `in` fills `in.0`, `in.1` in this
/// order under one lock``
std::string to_text(const observe::MemoryFinding& finding, const Image& image,
                    const arch::Names& names);

/// ``core(0,3).mm2s0 `y` and core(0,2).mm2s0 `x` send to memtile(0,1).s2mm0 `xy` in an order that
/// nothing fixes, and it fills `X`, `Y` in turn``
std::string to_text(const observe::OrderFinding& finding, const Image& image,
                    const arch::Names& names);

}  // namespace npu::diagnosis
