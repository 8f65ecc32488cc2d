// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/design/ports.h"

#include <algorithm>
#include <set>

#include "compiler/design/text.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

using arch::Bundle;
using arch::Port;
using arch::PortAt;

int required_number_of(const Design& design, const Endpoint& end, bool is_source) {
  const std::optional<int> number = number_of(design, end);
  if (!number)
    throw Error("{}: no channel number is assigned", describe(design, end, is_source));
  return *number;
}

bool is_shim_dma(const Endpoint& end) {
  return end.tile.kind() == arch::TileKind::Shim && end.bundle == Bundle::Dma;
}

bool carries(const Connection& connection, const Flow& flow) {
  if (!connection.packet_id || !flow.packet_id)
    return connection.packet_id.has_value() == flow.packet_id.has_value();
  return (*flow.packet_id & connection.mask) == (*connection.packet_id & connection.mask);
}

}  // namespace

std::optional<int> number_of(const Design& design, const Endpoint& end) {
  if (end.design_channel)
    return design.channels[*end.design_channel].index;
  if (end.shim_channel)
    return design.shim_channels[*end.shim_channel].index;
  return end.channel;
}

PortAt slave_of(const Design& design, const Endpoint& source) {
  const int number = required_number_of(design, source, true);
  if (is_shim_dma(source))
    return {source.tile, arch::shim_dma_slave(number)};
  return {source.tile, {source.bundle, static_cast<uint8_t>(number)}};
}

PortAt master_of(const Design& design, const Endpoint& destination) {
  const int number = required_number_of(design, destination, false);
  if (is_shim_dma(destination))
    return {destination.tile, arch::shim_dma_master(number)};
  return {destination.tile, {destination.bundle, static_cast<uint8_t>(number)}};
}

bool is_routed(const Design& design, const Flow& flow) {
  const auto open_end = [&](const Endpoint& end) { return !number_of(design, end); };
  if (open_end(flow.source) ||
      std::any_of(flow.destinations.begin(), flow.destinations.end(), open_end))
    return false;
  std::set<PortAt> masters;
  std::set<PortAt> slaves{slave_of(design, flow.source)};
  std::vector<PortAt> open(slaves.begin(), slaves.end());
  while (!open.empty()) {
    const PortAt at = open.back();
    open.pop_back();
    for (const Connection& connection : design.connections) {
      if (connection.tile != at.tile || connection.slave != at.port || !carries(connection, flow))
        continue;
      masters.insert({at.tile, connection.master});
      const auto next = arch::wired_to(design.partition, at.tile, connection.master);
      if (next && slaves.insert(*next).second)
        open.push_back(*next);
    }
  }
  return std::all_of(flow.destinations.begin(), flow.destinations.end(),
                     [&](const Endpoint& end) { return masters.contains(master_of(design, end)); });
}

}  // namespace npu::compiler
