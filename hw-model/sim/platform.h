// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <tlm_utils/simple_target_socket.h>

#include "hw-model/sim/module.h"

namespace npu::sim {

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

/// The NPU module of one partition between its host and its memory.
struct Platform {
  Platform(const std::string& suffix, const arch::Partition& partition, const arch::Timing& timing,
           const Options& options, std::shared_ptr<Server> ddr = nullptr)
      : memory(("memory" + suffix).c_str()),
        host(("host" + suffix).c_str()),
        npu(("npu" + suffix).c_str(), partition, timing, options, std::move(ddr)) {
    npu.ddr.bind(memory.socket);
    host.socket.bind(npu.host);
  }

  /// Places the arguments of a sequence; returns their device addresses. Transfers that an earlier
  /// sequence left behind go on when their buffers are still there.
  std::vector<uint64_t> map(std::span<const HostBuffer> arguments) {
    if (!memory.holds(arguments))
      npu.forget_host_memory();
    return memory.map(arguments);
  }

  HostTarget memory;
  IdleHost host;
  NpuModule npu;
};

}  // namespace npu::sim
