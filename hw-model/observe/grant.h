// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>

#include "hw-model/observe/event.h"

namespace npu::observe {

/// Who gets a lock or a packet arbiter for which several ask. A list of them is a schedule: the
/// grants of one lock (or arbiter) happen in the order of the list.
struct GrantStep {
  Coord tile;
  bool arbiter = false;
  uint8_t number = 0;  ///< of the lock or arbiter in its tile
  Agent agent;
  bool operator==(const GrantStep&) const = default;
};

}  // namespace npu::observe
