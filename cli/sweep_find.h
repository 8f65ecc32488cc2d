// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <vector>

#include "cli/sweep_file.h"

namespace npu::cli {

/// The search for the smallest value with which one row ends as asked.
class Search {
 public:
  explicit Search(const Find& find) : find_(find) {}

  /// Values that must be tried now; none: the answer is known. Halving takes it that a value above
  /// one that does is one that does; a scan tries all of them.
  std::vector<int64_t> wanted() const;
  void tell(int64_t value, RowResult result) { known_[value] = std::move(result); }

  /// The answer as the result of the row: of the smallest value, or of the largest one tried when
  /// none does. The cause is the answer in a sentence.
  RowResult answer() const;

 private:
  bool does(int64_t value) const { return known_.at(value).end == find_.that; }
  /// The smallest value that does, by what is known; past the range when none does.
  int64_t smallest() const;

  const Find& find_;
  std::map<int64_t, RowResult> known_;
};

}  // namespace npu::cli
