// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/sweep_find.h"

#include <fmt/ranges.h>

namespace npu::cli {

std::vector<int64_t> Search::wanted() const {
  std::vector<int64_t> values;
  if (find_.scan) {
    for (int64_t value = find_.from; value <= find_.to; ++value)
      if (!known_.contains(value))
        values.push_back(value);
    return values;
  }
  for (int64_t value : {find_.from, find_.to})
    if (!known_.contains(value))
      values.push_back(value);
  if (!values.empty())
    return find_.from == find_.to ? std::vector{find_.from} : values;
  if (does(find_.from) || !does(find_.to))
    return {};
  int64_t low = find_.from;
  int64_t high = find_.to;
  for (const auto& [value, result] : known_) {
    if (result.end != find_.that)
      low = value;
    else if (value < high)
      high = value;
  }
  if (high - low > 1)
    values.push_back(low + (high - low) / 2);
  return values;
}

int64_t Search::smallest() const {
  for (const auto& [value, result] : known_)
    if (result.end == find_.that)
      return value;
  return find_.to + 1;
}

RowResult Search::answer() const {
  const std::string keys = fmt::format("{}", fmt::join(find_.keys, ", "));
  const int64_t found = smallest();
  double seconds = 0;
  std::string tried;
  for (const auto& [value, result] : known_) {
    seconds += result.seconds;
    tried += fmt::format("{}: {}, {} cycles\n", value, to_string(result.end), result.cycles);
  }
  RowResult answer = known_.at(std::min(found, find_.to));
  answer.seconds = seconds;
  const std::string why = answer.cause;
  if (found > find_.to) {
    answer.cause = fmt::format("no {} of {} to {} gives {}: {}", keys, find_.from, find_.to,
                               to_string(find_.that), why);
  } else if (found == find_.from) {
    answer.cause = fmt::format("{} from {} = {} on", to_string(find_.that), keys, found);
  } else {
    const RowResult& below = known_.at(found - 1);
    answer.cause = fmt::format("{} below {} = {}: {}", to_string(below.end), keys, found,
                               below.cause.empty() ? "" : below.cause);
  }
  std::string gaps;
  for (const auto& [value, result] : known_)
    if (value > found && result.end != find_.that)
      gaps += fmt::format("{}{}", gaps.empty() ? "" : ", ", value);
  if (!gaps.empty())
    answer.cause += fmt::format("; and again at {}", gaps);
  if (found < find_.to)
    answer.cause +=
        fmt::format("; {} cycles, {} at {}", answer.cycles, known_.at(find_.to).cycles, find_.to);
  answer.detail = tried + answer.detail;
  return answer;
}

}  // namespace npu::cli
