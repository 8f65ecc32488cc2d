// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/reference.h"
#include "cli/settings.h"
#include "compiler/lower/lower.h"
#include "hw-model/observe/counters.h"
#include "hw-model/sim/sim.h"

namespace npu::cli {

/// What a run executes and what its result is compared with, wherever both come from.
class Workload {
 public:
  virtual ~Workload() = default;

  /// Memory that lives as long as the workload.
  virtual std::vector<sim::HostBuffer> arguments() = 0;
  /// Before each launch.
  virtual void prepare() = 0;
  /// What the last launch left, against what it should have; nothing when there is nothing to
  /// compare with.
  virtual std::optional<Comparison> check() = 0;
  /// Multiplications and additions of the whole run.
  virtual double macs() const = 0;
  /// What it wants to see of the run, or nullptr.
  virtual observe::Observer* observer() { return nullptr; }
  /// What it says of itself after a run, one sentence each.
  virtual std::vector<std::string> remarks(const observe::Counters&) const { return {}; }
  /// Leaves what the user asked for besides the report.
  virtual void leave() const {}

  Settings settings;
  std::map<std::string, airlock_kernel, std::less<>> user_kernels;  ///< that its cores call
  compiler::Lowered lowered;
  std::string title;  ///< what it computes, for the heads of reports
};

}  // namespace npu::cli
