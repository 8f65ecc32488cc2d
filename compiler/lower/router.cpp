// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/lower/router.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <set>

namespace npu::compiler {

namespace {

using arch::Coord;
using arch::PortAt;

// Nodes of a tile: slave ports by index, then master ports by index.
constexpr int kMasterNodes = 32;
constexpr int kTileNodes = 64;

constexpr int64_t kHop = 16;            ///< cost of a free port
constexpr int64_t kTrunk = 8;           ///< of a port that another packet of the same source uses
constexpr int64_t kForeignPacket = 48;  ///< more for each packet of another source on the port
constexpr int64_t kSlotsFull = 64;      ///< more when the port's slots are in use
constexpr int kRounds = 64;
constexpr int64_t kFar = std::numeric_limits<int64_t>::max();

Coord tile_of_node(int node) {
  const int tile = node / kTileNodes;
  return {static_cast<uint8_t>(tile / arch::kRows), static_cast<uint8_t>(tile % arch::kRows)};
}

}  // namespace

SwitchGraph::SwitchGraph(const arch::Partition& partition) : partition_(partition) {
  const size_t count = static_cast<size_t>(partition.columns) * arch::kRows * kTileNodes;
  next_.resize(count);
  previous_.resize(count);
  feeder_.resize(count);
  for (int col = 0; col < partition.columns; ++col)
    for (int row = 0; row < arch::kRows; ++row) {
      const Coord tile{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
      for (int m = 0; m < arch::master_ports(tile.kind()); ++m) {
        const PortAt master{tile, *arch::master_port(tile.kind(), m)};
        const int to = fed_by(master);
        feeder_[to] = master;
        for (int s = 0; s < arch::slave_ports(tile.kind()); ++s)
          if (arch::connectable(tile.kind(), *arch::slave_port(tile.kind(), s), master.port)) {
            const int from = tile.index() * kTileNodes + s;
            next_[from].push_back(to);
            previous_[to].push_back(from);
          }
      }
    }
}

int SwitchGraph::slave_node(PortAt slave) const {
  return slave.tile.index() * kTileNodes + *arch::slave_index(slave.tile.kind(), slave.port);
}

int SwitchGraph::fed_by(PortAt master) const {
  if (const std::optional<PortAt> slave = arch::wired_to(partition_, master.tile, master.port))
    return slave_node(*slave);
  return master.tile.index() * kTileNodes + kMasterNodes +
         *arch::master_index(master.tile.kind(), master.port);
}

PortAt SwitchGraph::slave(int node) const {
  const Coord tile = tile_of_node(node);
  return {tile, *arch::slave_port(tile.kind(), node % kTileNodes)};
}

namespace {

class Negotiation {
 public:
  Negotiation(const SwitchGraph& graph, const std::vector<Net>& nets,
              const std::vector<bool>& taken)
      : graph_(graph),
        nets_(nets),
        taken_(taken),
        trees_(nets.size()),
        users_(taken.size()),
        history_(taken.size()) {}

  std::variant<std::vector<Tree>, Cut> run() {
    for (pressure_ = 0; pressure_ < kRounds; ++pressure_) {
      for (int net = 0; net < count(); ++net)
        if (trees_[net].empty() || contested(net)) {
          remove(net);
          if (!connect(net))
            return cut(net);
        }
      if (!raise_history())
        return trees_;
    }
    return in_order();
  }

 private:
  int count() const { return static_cast<int>(nets_.size()); }
  static bool is_end(int node) { return node % kTileNodes >= kMasterNodes; }

  /// Whether two nets cannot both use a node. Packets may merge at the end of their way.
  bool conflict(int a, int b, int node) const {
    const auto& first = nets_[a].packet_id;
    const auto& second = nets_[b].packet_id;
    return !first || !second || (*first == *second && !is_end(node));
  }

  int conflicts(int net, int node) const {
    return static_cast<int>(std::count_if(users_[node].begin(), users_[node].end(),
                                          [&](int user) { return conflict(net, user, node); }));
  }

  bool contested(int net) const {
    const std::set<int> nodes = nodes_of(net);
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](int node) { return others_conflict(net, node); });
  }

  bool others_conflict(int net, int node) const {
    return std::any_of(users_[node].begin(), users_[node].end(),
                       [&](int user) { return user != net && conflict(net, user, node); });
  }

  std::set<int> nodes_of(int net) const {
    std::set<int> nodes{nets_[net].source};
    for (const auto& [from, to] : trees_[net])
      nodes.insert(to);
    return nodes;
  }

  int64_t cost(int net, int node) const {
    int64_t base = kHop;
    int64_t extra = 0;
    if (nets_[net].packet_id && !users_[node].empty()) {
      for (const int user : users_[node])
        if (nets_[user].packet_id && nets_[user].source == nets_[net].source)
          base = kTrunk;
        else if (nets_[user].packet_id)
          extra += kForeignPacket;
      if (!is_end(node) && users_[node].size() >= arch::kSlotsPerSlave)
        extra += kSlotsFull;
    }
    return (base + history_[node]) * (1 + conflicts(net, node) * (pressure_ + 1)) + extra;
  }

  /// Grows the tree of a net, nearest destination first. False when one cannot be reached at all.
  bool connect(int net, bool strict = false) {
    std::set<int> tree{nets_[net].source};
    std::set<int> left(nets_[net].destinations.begin(), nets_[net].destinations.end());
    Tree edges;
    while (!left.empty()) {
      std::vector<int> parent(users_.size(), -1);
      const std::optional<int> reached = nearest(net, tree, left, strict, parent);
      if (!reached)
        return false;
      for (int node = *reached; !tree.contains(node); node = parent[node]) {
        tree.insert(node);
        edges.emplace_back(parent[node], node);
      }
      left.erase(*reached);
    }
    std::sort(edges.begin(), edges.end());
    trees_[net] = edges;
    for (const int node : tree)
      users_[node].push_back(net);
    return true;
  }

  bool open(int net, int node, bool strict) const {
    return !taken_[node] && !(strict && others_conflict(net, node));
  }

  std::optional<int> nearest(int net, const std::set<int>& tree, const std::set<int>& left,
                             bool strict, std::vector<int>& parent) const {
    using Entry = std::pair<int64_t, int>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
    std::vector<int64_t> distance(users_.size(), kFar);
    for (const int node : tree) {
      distance[node] = 0;
      queue.emplace(0, node);
    }
    while (!queue.empty()) {
      const auto [far, node] = queue.top();
      queue.pop();
      if (far > distance[node])
        continue;
      if (left.contains(node))
        return node;
      for (const int to : graph_.next(node)) {
        if (is_end(to) && !left.contains(to))
          continue;
        if (!open(net, to, strict))
          continue;
        const int64_t there = far + cost(net, to);
        if (there < distance[to]) {
          distance[to] = there;
          parent[to] = node;
          queue.emplace(there, to);
        }
      }
    }
    return std::nullopt;
  }

  void remove(int net) {
    if (trees_[net].empty())
      return;
    for (const int node : nodes_of(net))
      std::erase(users_[node], net);
    trees_[net].clear();
  }

  /// Makes contested ports dearer for ever; false when there are none.
  bool raise_history() {
    bool any = false;
    for (size_t node = 0; node < users_.size(); ++node)
      for (const int user : users_[node])
        if (others_conflict(user, static_cast<int>(node))) {
          history_[node] += kHop;
          any = true;
          break;
        }
    return any;
  }

  /// The last resort: one net after the other, each around those before it.
  std::variant<std::vector<Tree>, Cut> in_order() {
    for (int net = 0; net < count(); ++net)
      remove(net);
    for (int net = 0; net < count(); ++net)
      if (!connect(net, true))
        return cut(net);
    return trees_;
  }

  struct Flood {
    std::set<int> inside;
    std::set<int> edge;
  };

  Flood flood(int net, int start, bool forward) const {
    Flood flood{{start}, {}};
    std::vector<int> todo{start};
    while (!todo.empty()) {
      const int node = todo.back();
      todo.pop_back();
      for (const int other : forward ? graph_.next(node) : graph_.previous(node)) {
        if (is_end(other) || other == nets_[net].source)
          continue;
        if (!open(net, other, true))
          flood.edge.insert(other);
        else if (flood.inside.insert(other).second)
          todo.push_back(other);
      }
    }
    return flood;
  }

  Cut cut(int net) const {
    for (const int destination : nets_[net].destinations) {
      Cut cut{.net = net, .destination = destination, .nodes = {}, .holders = {}};
      std::set<int> edge;
      if (!open(net, destination, true)) {
        edge = {destination};
      } else {
        const Flood there = flood(net, nets_[net].source, true);
        const auto& last = graph_.previous(destination);
        if (std::any_of(last.begin(), last.end(),
                        [&](int node) { return there.inside.contains(node); }))
          continue;
        const Flood back = flood(net, destination, false);
        edge = back.edge.size() < there.edge.size() ? back.edge : there.edge;
      }
      std::set<int> holders;
      for (const int node : edge) {
        cut.given = cut.given || taken_[node];
        holders.insert(users_[node].begin(), users_[node].end());
      }
      cut.nodes.assign(edge.begin(), edge.end());
      cut.holders.assign(holders.begin(), holders.end());
      return cut;
    }
    return {.net = net, .destination = nets_[net].destinations.front(), .nodes = {}, .holders = {}};
  }

  const SwitchGraph& graph_;
  const std::vector<Net>& nets_;
  const std::vector<bool>& taken_;
  std::vector<Tree> trees_;
  std::vector<std::vector<int>> users_;  ///< nets at each node
  std::vector<int64_t> history_;
  int pressure_ = 0;
};

}  // namespace

std::variant<std::vector<Tree>, Cut> find_routes(const SwitchGraph& graph,
                                                 const std::vector<Net>& nets,
                                                 const std::vector<bool>& taken) {
  return Negotiation(graph, nets, taken).run();
}

}  // namespace npu::compiler
