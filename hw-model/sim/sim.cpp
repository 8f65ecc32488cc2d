// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/sim.h"

#include <algorithm>

#include <tlm_utils/simple_target_socket.h>

#include "hw-model/sim/module.h"

namespace npu::sim {

namespace {

/// SystemC keeps its state in globals. While a guard lives, they are those of one simulation.
class KernelGuard {
 public:
  explicit KernelGuard(sc_core::sc_simcontext& kernel)
      : current_(sc_core::sc_curr_simcontext), global_(sc_core::sc_default_global_context) {
    sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = &kernel;
  }
  ~KernelGuard() {
    sc_core::sc_curr_simcontext = current_;
    sc_core::sc_default_global_context = global_;
  }
  KernelGuard(const KernelGuard&) = delete;
  KernelGuard& operator=(const KernelGuard&) = delete;

 private:
  sc_core::sc_simcontext* current_;
  sc_core::sc_simcontext* global_;
};

/// Host memory: the buffers of the arguments, each at a device address of its own, handed out by
/// DMI.
class HostTarget : public sc_core::sc_module {
 public:
  explicit HostTarget(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &HostTarget::access);
    socket.register_get_direct_mem_ptr(this, &HostTarget::direct);
  }

  tlm_utils::simple_target_socket<HostTarget> socket;

  bool holds(std::span<const HostBuffer> buffers) const {
    return std::equal(buffers.begin(), buffers.end(), regions_.begin(), regions_.end(),
                      [](const HostBuffer& buffer, const HostRegion& region) {
                        return buffer.data == region.data && buffer.bytes == region.bytes;
                      });
  }

  /// Places the buffers; returns their device addresses.
  std::vector<uint64_t> map(std::span<const HostBuffer> buffers) {
    constexpr uint64_t kFirst = 0x1000'0000;
    constexpr uint64_t kPage = 4096;
    regions_.clear();
    std::vector<uint64_t> addresses;
    uint64_t next = kFirst;
    for (const HostBuffer& buffer : buffers) {
      regions_.push_back({next, buffer.bytes, buffer.data});
      addresses.push_back(next);
      next += (buffer.bytes + 2 * kPage - 1) / kPage * kPage;
    }
    return addresses;
  }

 private:
  // The array uses DMI for everything.
  void access(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  }
  bool direct(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    for (const HostRegion& region : regions_) {
      if (payload.get_address() < region.start ||
          payload.get_address() - region.start >= region.bytes)
        continue;
      dmi.set_start_address(region.start);
      dmi.set_end_address(region.start + region.bytes - 1);
      dmi.set_dmi_ptr(reinterpret_cast<unsigned char*>(region.data));
      dmi.allow_read_write();
      return true;
    }
    return false;
  }

  std::vector<HostRegion> regions_;
};

/// Binds the host port of the array, which the facade does not use: commands go to the register
/// plane directly.
class IdleHost : public sc_core::sc_module {
 public:
  explicit IdleHost(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {}
  tlm_utils::simple_initiator_socket<IdleHost> socket;
};

}  // namespace

struct Simulation::State {
  State(const arch::Partition& partition, const arch::Timing& timing, const Options& options)
      : kernel(std::make_unique<sc_core::sc_simcontext>()) {
    const KernelGuard guard(*kernel);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    npu = std::make_unique<NpuModule>("npu", partition, timing, options);
    memory = std::make_unique<HostTarget>("memory");
    host = std::make_unique<IdleHost>("host");
    npu->ddr.bind(memory->socket);
    host->socket.bind(npu->host);
    npu->set_quantum(arch::kNever);
  }
  ~State() {
    const KernelGuard guard(*kernel);
    host.reset();
    memory.reset();
    npu.reset();
    kernel.reset();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::unique_ptr<sc_core::sc_simcontext> kernel;
  std::unique_ptr<NpuModule> npu;
  std::unique_ptr<HostTarget> memory;
  std::unique_ptr<IdleHost> host;
};

Simulation::Simulation(const arch::Partition& partition, const arch::Timing& timing,
                       const Options& options)
    : state_(std::make_unique<State>(partition, timing, options)) {}
Simulation::~Simulation() = default;

observe::Hub& Simulation::hub() {
  return state_->npu->context().hub;
}

void Simulation::configure(std::span<const arch::Command> commands) {
  const KernelGuard guard(*state_->kernel);
  state_->npu->controller().configure(commands);
}

void Simulation::add_configuration(uint32_t id, arch::Commands commands) {
  state_->npu->controller().add_configuration(id, std::move(commands));
}

RunResult Simulation::run(std::span<const arch::Command> sequence,
                          std::span<const HostBuffer> arguments) {
  const KernelGuard guard(*state_->kernel);
  NpuModule& npu = *state_->npu;
  // Transfers that an earlier run left behind go on when their buffers are still there.
  if (!state_->memory->holds(arguments))
    npu.forget_host_memory();
  const std::vector<uint64_t> addresses = state_->memory->map(arguments);
  npu.start_sequence(sequence, addresses);
  sc_core::sc_start();
  const RunResult result = npu.finish_sequence();
  hub().finish(now());
  return result;
}

uint32_t Simulation::read(uint32_t address) {
  return state_->npu->array().read(address);
}

Cycle Simulation::now() const {
  return state_->npu->context().now();
}

}  // namespace npu::sim
