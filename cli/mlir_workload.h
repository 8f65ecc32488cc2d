// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/file_options.h"
#include "cli/user_kernels.h"
#include "cli/workload.h"
#include "compiler/design/design.h"

namespace npu::cli {

/// What is asked for besides the files of arguments.
struct MlirOptions {
  std::vector<std::string> fills;  ///< `0=iota`
  std::string sequence;
  std::string allocation;  ///< scheme of addresses; empty: bank by bank
  bool control_overlay = false;
  /// `2=1024`: buffers that are larger than their types. Missing: the host's are not known.
  std::optional<std::vector<std::string>> sizes;
  std::vector<std::string> scalars;       ///< `n=4`: arguments of the sequence that are numbers
  std::map<std::string, int64_t> depths;  ///< of object fifos, by name
  std::vector<std::string> stubs;         ///< `conv2dk1_i8=5000`
  std::string kernels;                    ///< a shared object; empty: none
  std::string stop_after;                 ///< `read` or `lower`; empty: it runs
  bool not_run = false;  ///< functions that nobody knows are stubs, cores may be without a body
};
void add_mlir_options(CLI::App& command, MlirOptions& options);
/// Of these, what a design needs that is not run: its sequence, functions and numbers.
void add_design_options(CLI::App& command, MlirOptions& options);

/// Whether the file is a design in MLIR, by its name and for not being a problem.
bool is_mlir(const std::string& path);

/// The design of an MLIR file with the settings of a run of it. Of `overrides`, the device may be
/// one of the dialect (`npu2_4col`) and stands for a placeholder in the file.
struct MlirDesign {
  compiler::Design design;
  Settings settings;
  UserKernels user_kernels;  ///< functions of the shared object that it calls, by name
};
MlirDesign read_design(const std::string& path, const MlirOptions& options,
                       const std::vector<Override>& overrides);

/// The core programs of such a file with the buffers and locks that they use, and nothing else of
/// it (compiler::import_programs); its settings are those of whoever runs them.
MlirDesign read_programs(const std::string& path, const MlirOptions& options,
                         const std::vector<Override>& overrides);

/// A design from MLIR with the arguments of its sequence. Throws Error with the place in the file.
std::unique_ptr<Workload> load_mlir(const std::string& path, const FileOptions& files,
                                    const MlirOptions& options,
                                    const std::vector<Override>& overrides);

/// The design that settings name, and a run of it with the arguments and expectations that they
/// say. Throws Error when it is for another device than they.
compiler::Design read_design(const Settings& settings);
std::unique_ptr<Workload> load_mlir(const Settings& settings);

/// The arguments and expectations, and the choices, that the settings of a design say.
FileOptions files_of(const Settings& settings);
MlirOptions choices_of(const Settings& settings);

/// Gives the cores of a container's workload the programs of an MLIR file in place of the code that
/// the container has for them. Throws Error with the file.
void take_programs(Workload& container, const std::string& path, const MlirOptions& options);

/// Goes no further than `options.stop_after` and says as JSON what the design is made of: its ops
/// when it is read; its arguments and parts when it is lowered.
std::string stopped_mlir(const std::string& path, const FileOptions& files,
                         const MlirOptions& options, const std::vector<Override>& overrides);

}  // namespace npu::cli
