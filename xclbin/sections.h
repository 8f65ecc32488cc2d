// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "xclbin/bytes.h"

namespace npu::xclbin {

// Sections that tell the runtime which kernels there are and which memory bank an argument needs.

enum class MemoryType : uint8_t {
  Ddr3,
  Ddr4,
  Dram,
  Streaming,
  PreallocatedGlobal,
  Are,
  Hbm,
  Bram,
  Uram,
  StreamingConnection,
  Host,
  PsKernel,
};
/// `MEM_DRAM`, as the tools write it; a number for a type that has no name.
std::string to_string(MemoryType type);

/// A bank of MEM_TOPOLOGY and GROUP_TOPOLOGY.
struct MemoryBank {
  MemoryType type = MemoryType::Dram;
  uint8_t used = 1;
  uint64_t size_kib = 0;
  uint64_t base = 0;
  std::string tag;
  bool operator==(const MemoryBank&) const = default;
};
using Topology = std::vector<MemoryBank>;
Topology read_topology(View bytes);
Bytes write_topology(const Topology& banks);

/// The banks of every NPU container: host memory and the place of instructions.
Topology npu_topology();
inline constexpr int kHostBank = 0;
inline constexpr int kInstructionBank = 1;

/// A line of CONNECTIVITY and GROUP_CONNECTIVITY: an argument of a kernel and the bank that it
/// needs.
struct Connection {
  int32_t argument = 0;
  int32_t ip = 0;
  int32_t bank = 0;
  bool operator==(const Connection&) const = default;
};
using Connectivity = std::vector<Connection>;
Connectivity read_connectivity(View bytes);
Bytes write_connectivity(const Connectivity& connections);

inline constexpr uint32_t kIpKernel = 1;
inline constexpr uint32_t kIpPsKernel = 7;
inline constexpr uint32_t kMaxKernelId = 0xFFF;

/// A line of IP_LAYOUT: an instance of a kernel.
struct Ip {
  uint32_t type = kIpPsKernel;
  uint32_t properties = 0;
  uint64_t base = ~uint64_t{0};  ///< all ones: none
  std::string name;              ///< `kernel:instance`
  bool operator==(const Ip&) const = default;

  // Of kernels of the NPU.
  uint32_t kernel_id() const { return properties >> 16 & kMaxKernelId; }
  bool is_dpu() const { return type == kIpPsKernel && (properties & 3) == 1; }
};
using IpLayout = std::vector<Ip>;
IpLayout read_ip_layout(View bytes);
/// Throws Error for a name of more than 63 characters.
Bytes write_ip_layout(const IpLayout& ips);

/// The line of an NPU kernel. Throws Error for an id of more than 12 bits.
Ip dpu_ip(std::string_view kernel, std::string_view instance, uint32_t id, uint32_t functional = 0);

}  // namespace npu::xclbin
