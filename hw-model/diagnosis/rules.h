// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hw-model/arch/names.h"
#include "hw-model/diagnosis/image.h"

namespace npu::diagnosis {

/// What is wrong with a design by a rule, before anything runs.
struct Finding {
  std::string_view rule;  ///< `D1` ... `D5`
  Coord tile;
  std::string subject;  ///< buffer or lock by name
  std::string text;     ///< a sentence
};

struct Rule {
  std::string_view name;
  std::string_view sentence;
};

/// The rules, in order of their names.
const std::vector<Rule>& static_rules();

/// Checks the memtile buffers that have a name, and their locks. A period of a buffer is the least
/// number of executions of its users after which its locks are back where they were; what repeats
/// a period later counts once.
std::vector<Finding> check_rules(const Image& image, const arch::Names& names);

/// `D1 memtile(1,1) buffer `C@64`: has 2 writers and 0 readers`
std::string to_text(const Finding& finding);

}  // namespace npu::diagnosis
