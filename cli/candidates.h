// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "cli/settings.h"

namespace npu::cli {

/// The tiles that the default strategy considered for a problem, with what it predicts of each. A
/// strategy that is a rule has nothing to consider, and says so.
std::string candidates_text(const Settings& settings);

}  // namespace npu::cli
