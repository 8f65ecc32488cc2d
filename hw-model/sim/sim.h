// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/device.h"
#include "hw-model/arch/timing.h"
#include "hw-model/observe/grant.h"
#include "hw-model/observe/hub.h"
#include "hw-model/sim/airlock_kernel.h"

namespace npu::sim {

using arch::Coord;
using arch::Cycle;

/// How streams are simulated: `Flow` in closed form (default), `Word` word by word (slow
/// reference).
enum class Fidelity : uint8_t { Flow, Word };

struct Options {
  Fidelity fidelity = Fidelity::Flow;
  bool timing_only = false;  ///< move no data, run no kernel
  /// Built-in matmuls compute what `logic::Sample` of this seed says; missing: all.
  std::optional<uint64_t> sample = {};
  Cycle limit_cycles = arch::kNever;
  std::optional<uint64_t> schedule_seed;  ///< permutes events of one cycle
  /// Called about once per `progress_events` events with the cycle; false stops the run
  /// (interrupted).
  std::function<bool(Cycle)> progress;
  uint64_t progress_events = 1 << 16;
  /// Locks and arbiters named here are granted in this order; who comes too early waits. What comes
  /// after the last grant of a lock or arbiter is fair again.
  std::vector<observe::GrantStep> grants = {};
  /// The user's, by `logic::kernel_symbol`: of kernels that are known by name only, and in place of
  /// others.
  std::map<std::string, airlock_kernel, std::less<>> user_kernels = {};
};

enum class End : uint8_t {
  Finished,  ///< the host sequence is complete
  Hang,      ///< nothing can happen and the sequence is unfinished
  Limit,     ///< the cycle limit came first
  Interrupted,
};

struct RunResult {
  End end = End::Finished;
  Cycle cycles = 0;     ///< of this run
  uint64_t events = 0;  ///< scheduler activations of this run
  uint32_t commands_done = 0;
};

/// A host buffer: memory of the caller, which must outlive the runs that use it. Timing-only runs
/// need no data.
struct HostBuffer {
  std::byte* data = nullptr;
  uint64_t bytes = 0;
};

/// The modelled NPU: one partition, reset. Configured by Commands only. Several may exist in a
/// process, one runs at a time.
class Simulation {
 public:
  Simulation(const arch::Partition& partition, const arch::Timing& timing, const Options& options);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// Observers attach here before anything runs.
  observe::Hub& hub();

  /// Executes configuration commands at once (a PDI load: no time passes).
  void configure(std::span<const arch::Command> commands);

  /// The configuration that `Load{id}` loads during a run.
  void add_configuration(uint32_t id, arch::Commands commands);

  /// Runs a host sequence to its end. Argument i of the sequence is `arguments[i]`. Locks, looping
  /// DMAs and cores keep their state between runs, as on the device.
  RunResult run(std::span<const arch::Command> sequence, std::span<const HostBuffer> arguments);

  /// Reads registers or memory as the host would, at no cost in time.
  uint32_t read(uint32_t address);

  Cycle now() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace npu::sim
