// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <string_view>

#include "compiler/design/design.h"

namespace npu::compiler {

// How texts name the parts of a Design.

/// `s2mm` or `mm2s`
constexpr std::string_view to_string(Direction direction) {
  return direction == Direction::S2mm ? "s2mm" : "mm2s";
}

/// `memtile(1,1).s2mm3 (A0)`, without the number before it is assigned, without the name when there
/// is none.
std::string describe(const Channel& channel);

/// `shim(2,0).mm2s1 (A2)`
std::string describe(const ShimChannel& channel);

/// "flow `A`", "a flow" without a name.
std::string describe(const Flow& flow);

/// `memtile(1,1).s2mm3`, `shim(0,0).south0`, `core(1,2).dma` before its number is assigned.
std::string describe(const Design& design, const Endpoint& end, bool is_source);

/// ` (file:line)`, or nothing.
std::string location(std::string_view source);

}  // namespace npu::compiler
