// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/sweep_row.h"

namespace npu::cli {

/// What a row should come to.
struct Expectation {
  std::optional<RowEnd> end;  ///< missing: anything but a crash or a timeout
  std::string text;           ///< that the cause holds
};
bool is_met(const Expectation& expectation, const RowResult& result);

/// The question for the smallest value of keys with which a row comes to something.
struct Find {
  std::vector<std::string> keys;  ///< all get the same value
  int64_t from = 0;
  int64_t to = 0;
  RowEnd that = RowEnd::Pass;
  bool scan = false;  ///< every value; otherwise by halving the range
  std::string where;
};

/// One run of a sweep, or a question that takes several.
struct SweepRow {
  std::string label;  ///< what sets it apart: `512x512x640 split-l2=legacy`
  std::string where;  ///< in the file
  Expectation expect;
  Draft draft;
  Settings settings;
  bool traffic = false;      ///< is shown
  std::optional<Find> find;  ///< a question instead of a run
};

/// A sweep file: runs that differ in a few keys, and what should come of them.
struct Sweep {
  std::string name;  ///< of the file, without directory and ending
  std::string title;
  double timeout = 0;  ///< seconds for one run
  std::vector<SweepRow> rows;
  std::map<RowEnd, int64_t> counts;  ///< how many rows should end so
};

/// Reads a sweep file. `base` is a sim file or its content; `rows` is a list of maps from keys to a
/// value or a list of values, `vary` one more such map for all rows: each row stands for every
/// combination. `overrides` go on top of all. Throws Error with file, line and column, or the
/// option.
Sweep load_sweep(const std::string& path, const std::vector<Override>& overrides);

/// The settings of a row when the keys of its question have this value.
Settings probe(const SweepRow& row, int64_t value);

/// Sixteen digits that are the same for runs with the same settings in the same version, with the
/// same contents of the user's kernels.
std::string key_of(const Settings& settings);

}  // namespace npu::cli
