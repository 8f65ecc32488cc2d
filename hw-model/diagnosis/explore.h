// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw-model/diagnosis/machine.h"

namespace npu::diagnosis {

struct ExploreLimits {
  uint64_t states = 200'000;              ///< with a choice
  uint64_t steps = 2'000'000'000;         ///< of the machine
  size_t memory_bytes = size_t{1} << 29;  ///< of states whose other choices are still to be tried
};

/// What the orders of events lead to.
struct Exploration {
  enum class Verdict : uint8_t {
    Accept,     ///< every order brings the host to its end
    Error,      ///< an order hangs
    Undecided,  ///< see `reason`
  };
  Verdict verdict = Verdict::Undecided;
  std::string reason;
  Schedule witness;                 ///< the grants that lead to the hang, in order
  bool fair = false;                ///< it hangs even when who was served last waits for the others
  std::vector<observe::Event> end;  ///< the hang as events
  uint64_t delivered = 0;           ///< words that had reached the host
  uint64_t states = 0;              ///< with a choice
  uint64_t grants = 0;
  uint64_t steps = 0;
};

/// Tries the orders in which contended locks and arbiters can be granted, as far as they matter:
/// in each state only choices that can disturb each other (a stubborn set), each state once.
/// The fair order comes first, as its hang is the design's own fault; then depth first, the agent
/// that was served last first: unfairness hangs, if anything does.
Exploration explore(const Model& model, const ExploreLimits& limits = {});

}  // namespace npu::diagnosis
