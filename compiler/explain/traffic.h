// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/explain/nest.h"
#include "compiler/matmul/problem.h"
#include "compiler/matmul/variant.h"

namespace npu::compiler::explain {

/// Bytes that go from one memory to the next during a whole matmul.
struct Traffic {
  int64_t l3_l2 = 0;
  int64_t l2_l1 = 0;     ///< sent: once for cores that share a broadcast
  int64_t received = 0;  ///< by the cores
  int64_t l1_l2 = 0;
  int64_t l2_l3 = 0;
  bool operator==(const Traffic&) const = default;
};

/// A matmul that a schedule does: sizes, tiles and bytes of an element.
struct Sizes {
  matmul::Shape whole;
  matmul::Tiles tiles;
  int64_t a_bytes = 0;
  int64_t b_bytes = 0;
  int64_t c_bytes = 0;
};

/// What a schedule of the compiler moves for it, tiles dividing all sizes.
Traffic traffic(const matmul::Variant& variant, const Sizes& sizes);

/// What a schedule moves as it is written. With `broadcast` a copy to cores of which several get
/// the same is sent once for them, with `hoisted` no copy is in a loop that it need not be in, and
/// no zeros come from elsewhere.
Traffic traffic(const Nest& nest, bool broadcast, bool hoisted);

/// The matmul of a schedule, where there is one whose A and B come from L3 through L2 and whose C
/// goes back there; else why not.
struct Matmul {
  std::optional<Sizes> sizes;
  std::string why_not;
};
Matmul matmul_of(const Nest& nest);

}  // namespace npu::compiler::explain
