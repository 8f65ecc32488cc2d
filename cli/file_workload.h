// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/mlir_workload.h"

namespace npu::cli {

/// Whether the file is called a container or begins as one does.
bool is_container(const std::string& path);

/// The first command outside a partition.
struct BeyondColumns {
  size_t command = 0;
  int column = 0;
};
std::optional<BeyondColumns> beyond_columns(const arch::Commands& commands, int columns);

/// A kernel of a container with an instruction stream, the programs of FileOptions::programs, and
/// buffers from files and expressions, `mlir.fills` among them. Names, sizes and types of the
/// buffers are those of the container's own table, else those of the programs' sequence.
/// `overrides` change settings of the run. What is doubtful but runs is added to `warnings`. Throws
/// Error with the file.
std::unique_ptr<Workload> load_files(const std::string& container, const FileOptions& options,
                                     const std::vector<Override>& overrides,
                                     std::vector<std::string>& warnings,
                                     const MlirOptions& mlir = {});

/// The container that the settings of a design name, with what they say of its run.
std::unique_ptr<Workload> load_files(const Settings& settings);

}  // namespace npu::cli
