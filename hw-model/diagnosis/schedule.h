// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hw-model/observe/grant.h"

namespace npu::diagnosis {

using observe::GrantStep;
using Schedule = std::vector<GrantStep>;

/// `lock 4 of memtile(0,1) to memtile(0,1).s2mm2`
std::string to_string(const GrantStep& step);

/// The text of a schedule file: a line for each grant, in order; `#` begins a comment.
std::string print(const Schedule& schedule);

/// Reads that text back. Throws Error with the line that is none.
Schedule parse_schedule(std::string_view text, std::string_view file);

}  // namespace npu::diagnosis
