// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "cli/explain.h"
#include "traces/facts.h"

namespace npu::cli {

/// The commands of a design, wherever they come from: a sim or problem file is compiled, a
/// container holds them, a trace carries them. Throws Error with the file.
DesignFacts load_design(const std::string& path);

/// The design whose run a trace recorded.
DesignFacts design_of(const traces::Facts& facts);

}  // namespace npu::cli
