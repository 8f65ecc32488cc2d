// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace npu::compiler::matmul {

/// Where in the loop nest something is done.
enum class Level : uint8_t {
  None,
  Launch,  ///< once an output tile
  OuterK,  ///< for each L2 slice
  InnerK,  ///< for each L1 slice
};

/// Where the zeros come from that a sum begins with.
enum class Fill : uint8_t {
  L1,         ///< a kernel of the core
  L2,         ///< L3 fills the tile in L2, which has no core
  Overwrite,  ///< the first K step is peeled and begins anew
};

/// A schedule: what is copied where in the loop nest. The passes act on it.
struct Variant {
  std::string_view name;
  std::string_view sentence;
  bool broadcast;      ///< a step of A or B goes to all cores that share it at once
  bool shared_slices;  ///< they share it in L2; else each core has slices of its own there
  Level l3_copy;       ///< A and B from L3 to L2
  Level c_copy;        ///< C out of L1, and into it where L2 is filled
  Fill fill;
  bool merged;  ///< a peeled step uses the movers of the others
};

/// All variants, `S0` first.
std::span<const Variant> variants();

/// The variant of that name; throws Error with the names there are.
const Variant& variant_named(std::string_view name);

}  // namespace npu::compiler::matmul
