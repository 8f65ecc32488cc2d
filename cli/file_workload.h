// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/workload.h"

namespace npu::cli {

/// How a run from files is asked for. Arguments are numbered as in the instruction stream.
struct FileOptions {
  std::string kernel;
  std::string insts;
  std::vector<std::string> inputs;    ///< `0=a.bin`
  std::vector<std::string> outputs;   ///< `2=c.bin`
  std::vector<std::string> sizes;     ///< `2=1024`
  std::vector<std::string> expected;  ///< `2=ref.bin`
  std::vector<std::string> cores;     ///< `0,2=zero f32 1024`
  std::string programs;               ///< MLIR with the cores' bodies; empty: none

  /// Columns are looked at by the caller, who knows whom those beyond belong to.
  bool beyond_columns = false;
  bool design_only = false;  ///< it will not run: no buffers
  /// What a container without instructions is for; missing: it needs instructions.
  std::optional<arch::Generation> generation = {};

  bool any() const;
};
void add_file_options(CLI::App& command, FileOptions& options);

/// The option for FileOptions::programs.
void add_programs_option(CLI::App& command, FileOptions& options);

/// Whether the file is called a container or begins as one does.
bool is_container(const std::string& path);

/// The first command outside a partition.
struct BeyondColumns {
  size_t command = 0;
  int column = 0;
};
std::optional<BeyondColumns> beyond_columns(const arch::Commands& commands, int columns);

/// A kernel of a container with an instruction stream and buffers from files; not yet with the
/// programs of FileOptions::programs (take_programs). `overrides` change
/// settings of the run. What is doubtful but runs is added to `warnings`. Throws Error with the
/// file.
std::unique_ptr<Workload> load_files(const std::string& container, const FileOptions& options,
                                     const std::vector<Override>& overrides,
                                     std::vector<std::string>& warnings);

}  // namespace npu::cli
