// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/sim.h"

#include "hw-model/sim/platform.h"

namespace npu::sim {

struct Simulation::State {
  State(const arch::Partition& partition, const arch::Timing& timing, const Options& options)
      : kernel(std::make_unique<sc_core::sc_simcontext>()) {
    const KernelGuard guard(*kernel);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    platform = std::make_unique<Platform>("", partition, timing, options);
    platform->npu.set_quantum(arch::kNever);
  }
  ~State() {
    const KernelGuard guard(*kernel);
    platform.reset();
    kernel.reset();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::unique_ptr<sc_core::sc_simcontext> kernel;
  std::unique_ptr<Platform> platform;
};

Simulation::Simulation(const arch::Partition& partition, const arch::Timing& timing,
                       const Options& options)
    : state_(std::make_unique<State>(partition, timing, options)) {}
Simulation::~Simulation() = default;

observe::Hub& Simulation::hub() {
  return state_->platform->npu.context().hub;
}

void Simulation::configure(std::span<const arch::Command> commands) {
  const KernelGuard guard(*state_->kernel);
  state_->platform->npu.controller().configure(commands);
}

void Simulation::add_configuration(uint32_t id, arch::Commands commands) {
  state_->platform->npu.controller().add_configuration(id, std::move(commands));
}

RunResult Simulation::run(std::span<const arch::Command> sequence,
                          std::span<const HostBuffer> arguments) {
  const KernelGuard guard(*state_->kernel);
  NpuModule& npu = state_->platform->npu;
  const std::vector<uint64_t> addresses = state_->platform->map(arguments);
  npu.start_sequence(sequence, addresses);
  sc_core::sc_start();
  const RunResult result = npu.finish_sequence();
  hub().finish(now());
  return result;
}

uint32_t Simulation::read(uint32_t address) {
  return state_->platform->npu.array().read(address);
}

Cycle Simulation::now() const {
  return state_->platform->npu.context().now();
}

}  // namespace npu::sim
