// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "cli/explain.h"
#include "cli/file_workload.h"
#include "cli/mlir_workload.h"
#include "traces/facts.h"

namespace npu::cli {

/// The commands of a design, wherever they come from: a sim or problem file is compiled, a
/// container holds them, a trace carries them. Throws Error with the file.
/// Of a container the kernel and instructions that the options name are meant.
DesignFacts load_design(const Source& source, FileOptions files, const MlirOptions& mlir = {});
DesignFacts load_design(const std::string& path);

/// The options that say which kernel of a container is meant.
void add_kernel_options(CLI::App& command, FileOptions& files);

/// The design whose run a trace recorded.
DesignFacts design_of(const traces::Facts& facts);

}  // namespace npu::cli
