// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <set>
#include <string>
#include <vector>

#include "compiler/design/design.h"

namespace npu::compiler {

/// What a switch has to do with the packets of one id that arrive at one slave port.
struct PacketStep {
  arch::Port slave;
  int id = 0;
  std::set<arch::Port> masters;
  std::set<arch::Port> dropping;  ///< masters that remove the header
  std::string flow;               ///< for error texts
};

/// The rules of a packet with its mask: it matches `id` in the bits of `mask`.
struct PacketRule {
  int id = 0;
  int mask = 0x1F;
  auto operator<=>(const PacketRule&) const = default;
};

/// The fewest rules found that match those ids and no other.
std::vector<PacketRule> exact_rules(const std::set<int>& ids);

/// Gives the packets of one switch their slots, arbiters and msels. Packets that leave by the same
/// masters share a msel; those that share a master must share its arbiter; all others get arbiters
/// of their own while there are some, because a packet that waits keeps its arbiter. `reserved`
/// arbiters are in use already. Throws Error when something runs out.
std::vector<Connection> connect_packets(Coord tile, const std::vector<PacketStep>& steps,
                                        const std::set<int>& reserved);

}  // namespace npu::compiler
