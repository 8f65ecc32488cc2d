// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/sweep_report.h"

namespace npu::cli {

struct SweepRunOptions {
  int jobs = 1;
  /// Results are kept here as they come, and those that are here are not computed again; empty: no
  /// file.
  std::string resume;
  bool quiet = false;  ///< no progress on a terminal
  /// Called for each row when its result is known.
  std::function<void(const SweepLine&)> on_row = {};
  /// What a child does; tests put something else here.
  std::function<RowResult(const Settings&)> work = run_row;
};

/// Runs rows of a sweep, each in a process of its own. The lines come in the order of `rows`; fewer
/// than that when the user stops it.
std::vector<SweepLine> run_sweep(const Sweep& sweep, const std::vector<const SweepRow*>& rows,
                                 const SweepRunOptions& options);

/// The rows of shard `index` of `count`, both from 1: every row belongs to exactly one.
std::vector<const SweepRow*> shard(const Sweep& sweep, int index, int count);

}  // namespace npu::cli
