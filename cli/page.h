// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "cli/explain.h"

namespace npu::cli {

/// An explanation as one HTML page that loads nothing: the cause, the waits drawn on the array, and
/// what those in the chain did before the end. `more` is HTML that comes behind.
std::string page_of(const std::string& title, const Explanation& explanation,
                    const Explainer& explainer, const std::string& more = {});

}  // namespace npu::cli
