// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace npu::cli {

/// How a run from files is asked for. Arguments are numbered as in the instruction stream.
struct FileOptions {
  std::string kernel;
  std::string insts;
  std::vector<std::string> inputs;    ///< `0=a.bin`, `0=iota`
  std::vector<std::string> outputs;   ///< `2=c.bin`
  std::vector<std::string> sizes;     ///< `2=1024` bytes, `2=bf16`, `2=512xbf16`
  std::vector<std::string> expected;  ///< `2=ref.bin`, `2=arg0+1`
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

}  // namespace npu::cli
