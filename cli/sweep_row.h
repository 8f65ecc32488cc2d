// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "cli/settings.h"

namespace npu::cli {

/// How a row of a sweep ends.
enum class RowEnd : uint8_t {
  Pass,
  Wrong,  ///< finished, and the result is not right
  Hang,
  Refused,  ///< the compiler says why not
  Limit,    ///< of `sim.limit-cycles`
  Order,    ///< it depends on the order of events: `sim.schedule-seeds`
  Timeout,  ///< of the sweep, in seconds
  Crash,    ///< of this program
};
inline constexpr std::array<std::string_view, 8> kRowEnds{
    "pass", "wrong", "hang", "refused", "limit", "order-dependent", "timeout", "crash"};
constexpr std::string_view to_string(RowEnd end) {
  return kRowEnds[static_cast<size_t>(end)];
}

/// What came out of one row.
struct RowResult {
  RowEnd end = RowEnd::Crash;
  arch::Cycle cycles = 0;
  bool checked = false;  ///< against the reference, bit by bit
  std::string cause;     ///< why it is no pass, in a sentence
  std::string detail;    ///< the diagnosis, several lines
  std::string traffic;   ///< of a matmul that passes: bytes of each hop, and what bounds it
  double seconds = 0;

  bool operator==(const RowResult&) const = default;
};

/// Compiles, simulates, checks and explains one run, in this process. Throws what is no fault of
/// the design.
RowResult run_row(const Settings& settings);

/// One line of JSON and back. Throws Error when the text is none.
std::string to_json(const RowResult& result);
RowResult row_from_json(std::string_view text);

}  // namespace npu::cli
