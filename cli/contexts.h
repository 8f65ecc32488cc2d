// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/workload.h"

namespace npu::cli {

/// A kernel and how often it is dispatched.
struct ContextRun {
  std::string name;
  std::unique_ptr<Workload> work;
  int times = 1;
};

/// A hardware context: its columns, and what it runs, one after another.
struct KernelContext {
  std::string name;
  arch::Partition partition;
  std::vector<ContextRun> runs;
};

/// Contexts of one device that run at the same time.
struct Contexts {
  Settings settings;  ///< what they share: device, `sim`, `host`
  std::vector<KernelContext> contexts;
};

/// Whether a sim file has `contexts`.
bool has_contexts(const std::string& path);

/// Reads a sim file with contexts, compiles or loads each kernel and gives each context its
/// columns. What is doubtful but runs is added to `warnings`. Throws Error with the place of what
/// is wrong, and for a kernel that touches columns of another.
Contexts load_contexts(const Source& source, std::vector<std::string>& warnings);

}  // namespace npu::cli
