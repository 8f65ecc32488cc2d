// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compiler/design/design.h"

namespace npu::compiler {

/// How far a design is. `Written`: dimensions may still be longer than the descriptors' fields,
/// which lowering changes. `Fitted`: they may not.
enum class Stage { Written, Fitted };

/// What breaks a rule: the object and what is wrong with it, and the place in the file it came from
/// (or nothing).
struct Finding {
  std::string what;
  std::string source;
  int others = 0;  ///< that break the rule in the same way
};

/// One rule of the law of a Design. Numbers that are not assigned yet break no rule.
struct Rule {
  std::string_view id;
  std::string_view sentence;
  Stage from;  ///< the stage from which it holds
  std::optional<Finding> (*check)(const Design&);
};

/// All rules; each may rely on those before it.
std::span<const Rule> all_rules();

/// Throws Error for the first rule that the design breaks: object, value, place and rule; the
/// rule's sentence is the hint.
void verify(const Design& design, Stage stage = Stage::Fitted);
/// One rule alone, by its id.
void verify(const Design& design, std::string_view rule);

}  // namespace npu::compiler
