// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hw-model/sim/sim.h"

namespace npu::sim {

/// One dispatch of a kernel: its configuration is loaded when its partition does not have it yet,
/// and its host sequence runs.
struct Job {
  size_t partition = 0;  ///< number that `Group::add` gave
  std::span<const arch::Command> sequence;
  std::span<const HostBuffer> arguments;
  std::optional<size_t> after;  ///< job that must have finished; missing: starts at once
  Cycle delay = 0;              ///< from there to the start
};

/// What became of a job. One that waits for a job that does not finish never starts.
struct JobResult : RunResult {
  bool started = false;
  Cycle start = 0;
};

/// Partitions of one device, as hardware contexts have them. Each has its own configuration, host
/// sequence, observers and host memory, at coordinates of its own; what they share is time and the
/// bandwidth of DDR. Nothing that one does reaches the tiles of another (hardware reference 1.6).
class Group {
 public:
  Group(const arch::Timing& timing, const Options& options);
  ~Group();
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  /// A partition that is reset and loads that configuration with its first job. Two partitions may
  /// have columns in common when no two of their jobs can run at the same time: the later one finds
  /// them reset, as the firmware leaves them before it loads another kernel. Returns its number.
  /// The commands must outlive the run.
  size_t add(const arch::Partition& partition, std::span<const arch::Command> configuration);

  /// Observers of a partition attach before the run; what they see is in its coordinates.
  observe::Hub& hub(size_t partition);

  /// Runs the jobs to the end of the last, once. Throws Error when two that are not one after
  /// another have columns in common.
  std::vector<JobResult> run(std::span<const Job> jobs);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace npu::sim
