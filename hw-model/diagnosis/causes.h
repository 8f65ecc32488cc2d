// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "hw-model/diagnosis/diagnose.h"

namespace npu::diagnosis {

/// Adds to a root what is wrong in the design, as far as the commands and the compiler's notes
/// tell: buffers that nobody reads or writes, locks with more takers than credit, splits that do
/// not match the herd; and what would help.
void explain(Diagnosis::Root& root, const Wait& wait, const Image& image, const arch::Names& names,
             const History& history);

}  // namespace npu::diagnosis
