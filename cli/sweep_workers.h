// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "cli/sweep_row.h"

namespace npu::cli {

/// Does work in child processes, so that a crash or an endless run costs one row and no more.
/// Children die with this process.
class Workers {
 public:
  /// So many children at once, each for so many seconds at most.
  Workers(int count, double timeout) : count_(static_cast<size_t>(count)), timeout_(timeout) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  bool full() const { return children_.size() >= count_; }
  bool idle() const { return children_.empty(); }

  /// Begins a job in a new child. Throws Error when the system has no room for one.
  void start(size_t job, const std::function<RowResult()>& work);

  struct Done {
    size_t job = 0;
    RowResult result;
  };
  /// The next job that ends, if one does within that time.
  std::optional<Done> wait(std::chrono::milliseconds most);

  /// Jobs under way, with the seconds that they have taken.
  std::vector<std::pair<size_t, double>> under_way() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Child {
    size_t job = 0;
    pid_t pid = 0;
    int pipe = -1;
    Clock::time_point start;
    std::string text;  ///< what it has said
  };

  double age(const Child& child) const;
  Done end(size_t index, bool late);

  size_t count_;
  double timeout_;
  std::vector<Child> children_;
};

}  // namespace npu::cli
