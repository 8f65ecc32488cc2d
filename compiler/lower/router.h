// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "hw-model/arch/device.h"
#include "hw-model/arch/ports.h"

namespace npu::compiler {

/// The stream switches of a partition as a graph. A node is a port at which a stream arrives: a
/// slave port of a switch, or a master port that ends in its own tile or at the border (core, DMA,
/// tile control, shim South).
class SwitchGraph {
 public:
  explicit SwitchGraph(const arch::Partition& partition);

  int nodes() const { return static_cast<int>(next_.size()); }
  int slave_node(arch::PortAt slave) const;
  /// The node that a master port feeds.
  int fed_by(arch::PortAt master) const;

  const std::vector<int>& next(int node) const { return next_[static_cast<size_t>(node)]; }
  const std::vector<int>& previous(int node) const { return previous_[static_cast<size_t>(node)]; }

  /// The slave port of a node; only for nodes that have next nodes.
  arch::PortAt slave(int node) const;
  /// The master port that feeds a node; nothing for a port that only a source in the tile feeds.
  std::optional<arch::PortAt> feeder(int node) const { return feeder_[static_cast<size_t>(node)]; }

 private:
  arch::Partition partition_;
  std::vector<std::vector<int>> next_;
  std::vector<std::vector<int>> previous_;
  std::vector<std::optional<arch::PortAt>> feeder_;
};

/// A stream to route: from one node to one or more.
struct Net {
  int source = 0;
  std::vector<int> destinations;
  std::optional<int> packet_id;  ///< missing: circuit
};

/// The way of a net: pairs of nodes, from a slave port to what one of its masters feeds.
using Tree = std::vector<std::pair<int, int>>;

/// Why a net has no way: the nodes it would need, each with the nets that hold it (empty: held by a
/// given connection).
struct Cut {
  int net = 0;
  int destination = 0;
  std::vector<int> nodes;
  std::vector<int> holders;
  bool given = false;  ///< given connections hold some
};

/// Routes all nets or says what is in the way of one. Circuit nets have their ports alone; packet
/// nets share ports when their ids differ, those of one source rather than those of several.
/// Negotiated congestion: nets take their cheapest way, ports that several want grow dearer until
/// they part. Deterministic. `taken` marks nodes that no net may use.
std::variant<std::vector<Tree>, Cut> find_routes(const SwitchGraph& graph,
                                                 const std::vector<Net>& nets,
                                                 const std::vector<bool>& taken);

}  // namespace npu::compiler
