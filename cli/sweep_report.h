// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "cli/sweep_file.h"

namespace npu::cli {

/// A row and what came out of it; rows that did not run have no place in a report.
struct SweepLine {
  const SweepRow* row = nullptr;
  RowResult result;
  bool as_expected() const { return is_met(row->expect, result); }
};

/// What a sweep came to, in the order of the file.
struct SweepReport {
  const Sweep& sweep;
  std::vector<SweepLine> lines;
  bool whole = true;     ///< all rows of the file: no shard, no choice, no interruption
  bool stopped = false;  ///< by the user, before the last row
  double seconds = 0;

  /// A few words for each count of the file that does not hold; none unless all rows ran.
  std::map<RowEnd, std::string> wrong_counts() const;
  bool as_expected() const;
};

/// One line of the table on a terminal. `colour`: with escape sequences.
std::string table_line(const SweepLine& line, size_t label_width, bool colour);
/// The last lines: how many ended how, and what was not expected.
std::string summary(const SweepReport& report);

std::string sweep_json(const SweepReport& report);
std::string sweep_junit(const SweepReport& report);
/// A page that needs no other file: the table, each row's diagnosis, and the table as Markdown.
std::string sweep_html(const SweepReport& report);

}  // namespace npu::cli
