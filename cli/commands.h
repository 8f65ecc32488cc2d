// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/settings.h"

namespace npu::cli {

/// Exit status of the program.
enum Status : int {
  kRight = 0,
  kInternal = 1,
  kUsage = 2,
  kWrong = 3,
  kHang = 4,
  kLimit = 5,
  kUndecided = 6,
  kInterrupted = 130,
};

// Each adds its subcommand; when it is chosen, it runs and sets the status. They throw Error.
void add_run(CLI::App& app, int& status);
void add_compile(CLI::App& app, int& status);
void add_sweep(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_explain(CLI::App& app, int& status);
void add_diagnose(CLI::App& app, int& status);
void add_diff(CLI::App& app, int& status);
void add_xclbin(CLI::App& app, int& status);
void add_registers(CLI::App& app, int& status);
void add_schema(CLI::App& app, int& status);

/// The options by which every command that reads a sim file takes it: FILE, --set, and short ways
/// to set single keys.
struct SourceOptions {
  std::string file;
  std::vector<std::string> set;
  std::vector<Override> shortcuts;

  Source source() const;
};
void add_source_options(CLI::App& command, SourceOptions& options);
/// An option that sets one key: `--device` sets `device`.
void add_shortcut(CLI::App& command, SourceOptions& options, const std::string& option,
                  const std::string& path, const std::string& value_name,
                  const std::string& sentence);

/// Whether text there may be coloured: a terminal, and the user did not set NO_COLOR.
bool has_colours(std::FILE* stream);
/// Writes text to stdout; throws Error when that fails (a full disk, a closed pipe).
void write_stdout(std::string_view text);
/// Writes a file; throws Error with its name when that fails.
void write_file(const std::string& path, std::string_view text);

}  // namespace npu::cli
