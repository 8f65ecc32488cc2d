// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "compiler/design/design.h"
#include "hw-model/arch/names.h"

namespace npu::compiler {

/// A Design with all its numbers, and what it becomes on the device.
struct Lowered {
  Design design;
  arch::Commands configuration = {};              ///< once, when the design is loaded
  arch::Commands sequence = {};                   ///< once a run
  std::map<uint32_t, arch::Commands> loads = {};  ///< what `Load{id}` of the sequence loads
  arch::Names names =
      {};  ///< of all that the sequence loads, what is called differently by all its names
  std::map<uint32_t, arch::Names> load_names = {};  ///< of each by itself, 0 being this design
};

/// A step of lowering. Passes fill in what is missing and keep what is given.
struct Pass {
  std::string_view name;
  std::string_view sentence;
  void (*run)(Lowered&);
};

/// All passes, in the order in which they run.
std::span<const Pass> lowering_passes();

struct Hooks {
  /// Called after each pass with its name and the design as it then is.
  std::function<void(std::string_view pass, const Design& design)> after = {};
  /// The pass to stop after; empty: none. What later passes would fill in stays as it is.
  std::string stop_after = {};
};

/// Lowers a design. Throws Error, naming what asked for it, when something does not fit, when there
/// is no route, or when the design breaks a rule of verify.h.
Lowered lower(Design design, const Hooks& hooks = {});

}  // namespace npu::compiler
