// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/sections.h"

#include <array>

namespace npu::xclbin {

namespace {

constexpr std::array<std::string_view, 12> kMemoryTypes{
    "MEM_DDR3", "MEM_DDR4",     "MEM_DRAM", "MEM_STREAMING", "MEM_PREALLOCATED_GLOB",
    "MEM_ARE",  "MEM_HBM",      "MEM_BRAM", "MEM_URAM",      "MEM_STREAMING_CONNECTION",
    "MEM_HOST", "MEM_PS_KERNEL"};

constexpr size_t kTagBytes = 16;
constexpr size_t kIpNameBytes = 64;

/// Reads a count, padding, and that many entries that fill the section.
template <typename Entry, typename Read>
std::vector<Entry> read_entries(View bytes, std::string_view what, size_t padding,
                                size_t entry_bytes, Read read) {
  Reader reader(bytes, what);
  const uint32_t count = reader.u32("count");
  reader.skip(padding, "padding");
  if (uint64_t{count} * entry_bytes != reader.left())
    throw reader.error_at(0, "count", "{} entries of {} bytes, there are {} bytes", count,
                          entry_bytes, reader.left());
  std::vector<Entry> entries;
  for (uint32_t i = 0; i < count; ++i)
    entries.push_back(read(reader));
  return entries;
}

}  // namespace

std::string to_string(MemoryType type) {
  const size_t number = static_cast<size_t>(type);
  return number < kMemoryTypes.size() ? std::string(kMemoryTypes[number]) : std::to_string(number);
}

Topology read_topology(View bytes) {
  return read_entries<MemoryBank>(bytes, "memory topology", 4, 40, [](Reader& reader) {
    MemoryBank bank;
    bank.type = MemoryType{reader.u8("type")};
    bank.used = reader.u8("used");
    reader.skip(6, "padding");
    bank.size_kib = reader.u64("size");
    bank.base = reader.u64("base address");
    bank.tag = reader.fixed_text(kTagBytes, "tag");
    return bank;
  });
}

Bytes write_topology(const Topology& banks) {
  Writer writer;
  writer.u32(static_cast<uint32_t>(banks.size()));
  writer.u32(0);
  for (const MemoryBank& bank : banks) {
    writer.u8(static_cast<uint8_t>(bank.type));
    writer.u8(bank.used);
    writer.zeros(6);
    writer.u64(bank.size_kib);
    writer.u64(bank.base);
    writer.fixed_text(bank.tag, kTagBytes, "memory bank tag");
  }
  return writer.take();
}

Topology npu_topology() {
  constexpr uint64_t kBase = 0x400'0000;
  return {{.size_kib = 0x10000, .base = kBase, .tag = "HOST"},
          {.size_kib = 0xC000, .base = kBase, .tag = "SRAM"}};
}

Connectivity read_connectivity(View bytes) {
  return read_entries<Connection>(bytes, "connectivity", 0, 12, [](Reader& reader) {
    Connection connection;
    connection.argument = static_cast<int32_t>(reader.u32("argument"));
    connection.ip = static_cast<int32_t>(reader.u32("ip"));
    connection.bank = static_cast<int32_t>(reader.u32("memory bank"));
    return connection;
  });
}

Bytes write_connectivity(const Connectivity& connections) {
  Writer writer;
  writer.u32(static_cast<uint32_t>(connections.size()));
  for (const Connection& connection : connections)
    for (const int32_t value : {connection.argument, connection.ip, connection.bank})
      writer.u32(static_cast<uint32_t>(value));
  return writer.take();
}

IpLayout read_ip_layout(View bytes) {
  return read_entries<Ip>(bytes, "ip layout", 4, 80, [](Reader& reader) {
    Ip ip;
    ip.type = reader.u32("type");
    ip.properties = reader.u32("properties");
    ip.base = reader.u64("base address");
    ip.name = reader.fixed_text(kIpNameBytes, "name");
    return ip;
  });
}

Bytes write_ip_layout(const IpLayout& ips) {
  Writer writer;
  writer.u32(static_cast<uint32_t>(ips.size()));
  writer.u32(0);
  for (const Ip& ip : ips) {
    writer.u32(ip.type);
    writer.u32(ip.properties);
    writer.u64(ip.base);
    writer.fixed_text(ip.name, kIpNameBytes, "kernel and instance");
  }
  return writer.take();
}

Ip dpu_ip(std::string_view kernel, std::string_view instance, uint32_t id, uint32_t functional) {
  if (id > kMaxKernelId)
    throw Error("kernel `{}`: id {:#x} does not fit in 12 bits", kernel, id)
        .hint("at most {:#x}", kMaxKernelId);
  constexpr uint32_t kDpu = 1;
  return {.properties = id << 16 | (functional & 3) << 4 | kDpu,
          .name = fmt::format("{}:{}", kernel, instance)};
}

}  // namespace npu::xclbin
