// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/ports.h"
#include "xclbin/json.h"

namespace npu::xclbin {

/// An end of a route: a port of a tile's switch, and what the port leads to: `mm2s0`, `core0`.
struct RouteEnd {
  arch::PortAt at;
  std::string name;
  bool operator==(const RouteEnd&) const = default;
};

/// Packets of a route: those whose id agrees under the mask.
struct PacketRule {
  int id = 0;
  int mask = 0x1F;
  bool operator==(const PacketRule&) const = default;
};

/// A stream from one source to its destinations, as the switches are configured.
struct Route {
  RouteEnd source;
  std::optional<PacketRule> packet;  ///< missing: a circuit
  std::vector<RouteEnd> destinations;
  bool operator==(const Route&) const = default;
};

/// The routes of a configuration, by tile and port of their source. A route that leads nowhere is
/// there without destinations.
std::vector<Route> find_routes(std::span<const arch::Command> configuration,
                               const arch::Partition& partition);

/// `route shim(0,0).mm2s0 -> memtile(0,1).s2mm0, core(0,2).s2mm1`, with `packet 3` in front of the
/// arrow.
std::string to_string(const Route& route);
Json to_json(std::span<const Route> routes);

}  // namespace npu::xclbin
