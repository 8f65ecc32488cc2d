// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <iosfwd>
#include <vector>

#include "hw-model/observe/hub.h"

namespace npu::observe {

/// Writes each event as a line. The stream is the caller's and must outlive the run.
class TextLog : public Observer {
 public:
  explicit TextLog(std::ostream& out) : out_(out) {}
  void on(const Event& event) override;
  void finish(Cycle cycle) override;

 private:
  std::ostream& out_;
};

/// Reads a text log back. Empty lines and lines that begin with `#` are left out. Throws Error with
/// the line number.
std::vector<Event> read_text_log(std::istream& in);

}  // namespace npu::observe
