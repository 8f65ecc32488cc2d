// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/workload.h"
#include "hw-model/diagnosis/schedule.h"

namespace npu::cli {

/// Reads a schedule file; throws Error with the file when it cannot.
diagnosis::Schedule read_schedule(const std::string& path);

/// How runs of one design end whose ties within a cycle fall differently, and, when those end
/// alike, a run in the order of events that the static check blames.
struct OrderTrial {
  struct Run {
    uint64_t seed = 0;
    sim::End end = sim::End::Finished;
    uint64_t result = 0;  ///< digest of host memory; of what nobody wrote, when no values move
    bool wrong = false;
    std::vector<std::string> overtakings = {};  ///< lanes of a join, see diagnosis/lanes.h
    bool operator==(const Run& other) const { return end == other.end && result == other.result; }
  };
  std::vector<Run> runs;
  std::optional<Run> unfair;  ///< in that order, when it ends otherwise; its seed says nothing
  std::string unfairness;     ///< who overtook whom in it
  bool interrupted = false;

  /// The first run that ends otherwise than the first one.
  std::optional<size_t> other() const;
  bool depends() const { return other().has_value() || unfair.has_value(); }
};

/// Runs the design with schedule seeds 1 to `seeds`. Ties are rare, so when all of them end alike
/// it asks whether an unfair order can end otherwise, and runs that too. `progress` is called with
/// the cycle and may stop the trial.
OrderTrial try_orders(Workload& work, uint64_t seeds,
                      const std::function<bool(arch::Cycle)>& progress);

/// Order-dependent, or how all ended.
Status status_of(const OrderTrial& trial);

/// ``order-dependent: seed 1 finishes, seed 7 hangs``, and what overtook what; or that all end
/// alike.
std::string to_text(const OrderTrial& trial);
std::string to_json(const OrderTrial& trial);

}  // namespace npu::cli
