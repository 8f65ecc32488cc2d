// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/json.h"

#include "xclbin/sections.h"

namespace npu::xclbin {

namespace {

std::string hex(uint64_t value) {
  return fmt::format("{:#x}", value);
}

Json topology_json(View bytes) {
  Json banks = Json::array();
  for (const MemoryBank& bank : read_topology(bytes))
    banks.push_back({{"m_type", to_string(bank.type)},
                     {"m_used", std::to_string(bank.used)},
                     {"m_sizeKB", hex(bank.size_kib)},
                     {"m_tag", bank.tag},
                     {"m_base_address", hex(bank.base)}});
  const std::string count = std::to_string(banks.size());
  return {{"m_count", count}, {"m_mem_data", std::move(banks)}};
}

Json connectivity_json(View bytes) {
  Json connections = Json::array();
  for (const Connection& connection : read_connectivity(bytes))
    connections.push_back({{"arg_index", std::to_string(connection.argument)},
                           {"m_ip_layout_index", std::to_string(connection.ip)},
                           {"mem_data_index", std::to_string(connection.bank)}});
  const std::string count = std::to_string(connections.size());
  return {{"m_count", count}, {"m_connection", std::move(connections)}};
}

Json ip_json(const Ip& ip) {
  Json json;
  if (ip.is_dpu())
    json = {{"m_type", "IP_PS_KERNEL"},
            {"m_subtype", "DPU"},
            {"m_functional", std::to_string(ip.properties >> 4 & 3)},
            {"m_kernel_id", hex(ip.kernel_id())}};
  else
    json = {{"m_type", std::to_string(ip.type)}, {"properties", hex(ip.properties)}};
  json["m_base_address"] = ip.base == ~uint64_t{0} ? "not_used" : hex(ip.base);
  json["m_name"] = ip.name;
  return json;
}

Json ip_layout_json(View bytes) {
  Json ips = Json::array();
  for (const Ip& ip : read_ip_layout(bytes))
    ips.push_back(ip_json(ip));
  const std::string count = std::to_string(ips.size());
  return {{"m_count", count}, {"m_ip_data", std::move(ips)}};
}

struct PayloadRow {
  SectionKind kind;
  const char* name;
  Json (*json)(View bytes);
};
constexpr PayloadRow kPayloads[] = {
    {SectionKind::MemTopology, "mem_topology", topology_json},
    {SectionKind::GroupTopology, "group_topology", topology_json},
    {SectionKind::Connectivity, "connectivity", connectivity_json},
    {SectionKind::GroupConnectivity, "group_connectivity", connectivity_json},
    {SectionKind::IpLayout, "ip_layout", ip_layout_json},
};

}  // namespace

std::string dump(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

Json section_payload(const Section& section) {
  for (const PayloadRow& row : kPayloads) {
    if (row.kind != section.kind)
      continue;
    try {
      return {{row.name, row.json(section.bytes)}};
    } catch (const Error&) {
      return nullptr;
    }
  }
  return nullptr;
}

}  // namespace npu::xclbin
