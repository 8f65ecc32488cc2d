// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/check.h"

#include <fmt/format.h>

namespace npu::diagnosis {

using Verdict = Exploration::Verdict;

Check check(const Image& image, const arch::Names& names, const arch::Timing& timing,
            const ExploreLimits& limits) {
  Check out{.exploration = explore(make_model(image, timing), limits),
            .findings = check_rules(image, names),
            .hang = {}};
  if (out.exploration.verdict != Verdict::Error)
    return out;
  History history;
  for (const observe::Event& event : out.exploration.end)
    history.on(event);
  out.hang = diagnose(image, names, history);
  return out;
}

std::string to_text(const Check& check) {
  const Exploration& e = check.exploration;
  std::string text;
  switch (e.verdict) {
    case Verdict::Accept:
      text = e.states == 0
                 ? "accept: nothing is left to the order of events, and the host comes to its end\n"
                 : fmt::format("accept: no order of {} states with a choice hangs\n", e.states);
      break;
    case Verdict::Error:
      text = e.states == 0 ? "error: every order of events hangs\n"
                           : fmt::format("error: an order of {} grants hangs\n", e.witness.size());
      text += to_text(check.hang);
      break;
    case Verdict::Undecided:
      text = fmt::format("undecided: {}\n", e.reason);
      break;
  }
  for (const Finding& finding : check.findings)
    text += to_text(finding) + '\n';
  return text;
}

}  // namespace npu::diagnosis
