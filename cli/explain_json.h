// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <nlohmann/json.hpp>

#include "cli/explain.h"

namespace npu::cli {

/// An explanation for programs: sentences as people read them, and the numbers behind each wait.
nlohmann::ordered_json to_json(const Explanation& explanation);

}  // namespace npu::cli
