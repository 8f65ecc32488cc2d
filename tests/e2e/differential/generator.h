// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/lower/lower.h"
#include "hw-model/arch/timing.h"

namespace npu::differential {

/// A random design, lowered, and what is known of it by the way it was made.
struct Case {
  uint64_t seed = 0;
  std::vector<std::string> parts = {};
  std::vector<bool> kept = {};  ///< of the parts that the seed makes; shrinking drops some
  bool racing = false;          ///< made with a race that must be flagged
  bool contended = false;  ///< packets of two senders meet on their way: who is stuck behind whom
                           ///< may depend on their order, which no event shows
  bool data_steers = false;
  arch::Timing timing = {};
  compiler::Lowered lowered = {};
  arch::Commands sequence = {};
  bool again = false;           ///< the host sequence runs a second time
  arch::Commands restart = {};  ///< some channels are reset and start anew, when all is at rest
};

/// The design of a seed, or nothing when it does not fit the device. `kept` leaves parts out;
/// empty: all.
std::optional<Case> generate(uint64_t seed, std::vector<bool> kept = {});

/// A few lines a part: locks, channels with their descriptors, programs, streams, host sequence.
std::string describe(const Case& c);

}  // namespace npu::differential
