// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "hw-model/yaml.h"

namespace npu::cli {

/// Whether the file is MLIR that states a problem, not a design.
bool is_mlir_problem(const std::string& path);

/// A file with settings: YAML, or a problem in MLIR, which becomes the same as a problem file with
/// its sizes, types and layouts. Throws Error with the place in the file.
config::Node read_settings(const std::string& path);

}  // namespace npu::cli
