// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "compiler/design/ports.h"
#include "compiler/design/text.h"
#include "compiler/lower/packets.h"
#include "compiler/lower/passes.h"
#include "compiler/lower/router.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

using arch::Bundle;
using arch::Port;
using arch::PortAt;
using arch::TileKind;

/// Where a shim's tokens leave the array (hardware reference 7.3).
constexpr Port kTokenSource{Bundle::TileControl, 0};
constexpr Port kTokenExit{Bundle::South, 0};

/// The flows of one net: same source, same packet id.
struct Stream {
  std::vector<const Flow*> flows;
  Net net;
};

std::vector<Stream> streams_of(const Design& design, const SwitchGraph& graph) {
  std::vector<Stream> streams;
  for (const Flow& flow : design.flows) {
    if (is_routed(design, flow))
      continue;
    const int source = graph.slave_node(slave_of(design, flow.source));
    auto stream = std::find_if(streams.begin(), streams.end(), [&](const Stream& s) {
      return s.net.source == source && s.net.packet_id == flow.packet_id;
    });
    if (stream == streams.end())
      stream = streams.insert(
          streams.end(), {{}, {.source = source, .destinations = {}, .packet_id = flow.packet_id}});
    stream->flows.push_back(&flow);
    for (const Endpoint& end : flow.destinations)
      stream->net.destinations.push_back(graph.fed_by(master_of(design, end)));
  }
  return streams;
}

/// Ports that are not for routing: those of given connections and the way of the tokens.
std::vector<bool> taken_nodes(const Design& design, const SwitchGraph& graph) {
  std::vector<bool> taken(static_cast<size_t>(graph.nodes()));
  for (const Connection& connection : design.connections) {
    taken[graph.slave_node({connection.tile, connection.slave})] = true;
    taken[graph.fed_by({connection.tile, connection.master})] = true;
  }
  return taken;
}

/// `all 6 north ports of memtile(2,1)` or `dma0 of core(1,2)`, for each group of ports in a cut.
std::vector<std::string> describe_ports(const SwitchGraph& graph, const std::vector<int>& nodes) {
  std::map<std::pair<Coord, Bundle>, std::vector<PortAt>> groups;
  for (const int node : nodes)
    if (const std::optional<PortAt> master = graph.feeder(node))
      groups[{master->tile, master->port.bundle}].push_back(*master);
  std::vector<std::string> texts;
  for (const auto& [key, ports] : groups) {
    const auto& [tile, bundle] = key;
    const int there = arch::master_count(tile.kind(), bundle);
    if (there > 1 && static_cast<int>(ports.size()) == there) {
      texts.push_back(fmt::format("all {} {} ports of {}", there, arch::to_string(bundle),
                                  arch::to_string(tile)));
      continue;
    }
    std::vector<std::string> names;
    for (const PortAt& port : ports)
      names.push_back(arch::to_string(port.port));
    texts.push_back(fmt::format("{} of {}", fmt::join(names, ", "), arch::to_string(tile)));
  }
  return texts;
}

Error no_route(const Design& design, const SwitchGraph& graph, const std::vector<Stream>& streams,
               const Cut& cut) {
  const Stream& stream = streams[cut.net];
  const Flow* flow = stream.flows.front();
  const Endpoint* destination = &flow->destinations.front();
  for (const Flow* other : stream.flows)
    for (const Endpoint& end : other->destinations)
      if (graph.fed_by(master_of(design, end)) == cut.destination) {
        flow = other;
        destination = &end;
      }
  std::vector<std::string> holders;
  for (const int net : cut.holders)
    for (const Flow* other : streams[net].flows)
      holders.push_back(other->name);
  if (cut.given)
    holders.push_back("given connections");
  const std::vector<std::string> ports = describe_ports(graph, cut.nodes);
  const std::string why =
      ports.empty() ? "no switch leads there"
                    : fmt::format("{} {} taken by {}", fmt::join(ports, ", "),
                                  cut.nodes.size() == 1 ? "is" : "are", fmt::join(holders, ", "));
  return Error("no route for `{}` from {} to {}: {}{}", flow->name,
               describe(design, flow->source, true), describe(design, *destination, false), why,
               location(flow->source_location));
}

/// Removes the header where packets end in a DMA or leave the array (hardware reference 5.5).
bool drops_header(const Stream& stream, PortAt master) {
  const bool end = master.port.bundle == Bundle::Dma ||
                   (master.tile.kind() == TileKind::Shim && master.port.bundle == Bundle::South);
  return end && !stream.flows.front()->keep_packet_header;
}

void add_circuits(Design& design, const SwitchGraph& graph, const Tree& tree) {
  for (const auto& [from, to] : tree) {
    const PortAt slave = graph.slave(from);
    design.connections.push_back({.tile = slave.tile,
                                  .slave = slave.port,
                                  .master = graph.feeder(to)->port,
                                  .packet_id = {}});
  }
}

void add_packets(Design& design, const SwitchGraph& graph, const std::vector<Stream>& streams,
                 const std::vector<Tree>& trees) {
  std::map<Coord, std::vector<PacketStep>> switches;
  for (size_t i = 0; i < streams.size(); ++i) {
    if (!streams[i].net.packet_id)
      continue;
    std::map<PortAt, PacketStep> steps;
    for (const auto& [from, to] : trees[i]) {
      PacketStep& step = steps[graph.slave(from)];
      const PortAt master = *graph.feeder(to);
      step.masters.insert(master.port);
      if (drops_header(streams[i], master))
        step.dropping.insert(master.port);
    }
    for (auto& [slave, step] : steps) {
      step.slave = slave.port;
      step.id = *streams[i].net.packet_id;
      step.flow = streams[i].flows.front()->name;
      switches[slave.tile].push_back(step);
    }
  }
  std::map<Coord, std::set<int>> reserved;
  for (const Connection& connection : design.connections)
    if (connection.packet_id)
      reserved[connection.tile].insert(connection.arbiter);
  for (const auto& [tile, steps] : switches)
    for (const Connection& connection : connect_packets(tile, steps, reserved[tile]))
      design.connections.push_back(connection);
}

/// Lets the tokens of every shim tile in use leave the array.
void add_token_ways(Design& design) {
  std::set<Coord> shims;
  std::set<Coord> busy;
  for (const ShimChannel& channel : design.shim_channels)
    shims.insert({static_cast<uint8_t>(channel.col), 0});
  for (const Connection& connection : design.connections)
    if (connection.tile.kind() == TileKind::Shim) {
      shims.insert(connection.tile);
      if (connection.slave == kTokenSource || connection.master == kTokenExit)
        busy.insert(connection.tile);
    }
  for (const Coord shim : shims)
    if (!busy.contains(shim))
      design.connections.push_back(
          {.tile = shim, .slave = kTokenSource, .master = kTokenExit, .packet_id = {}});
}

}  // namespace

void route(Design& design) {
  const SwitchGraph graph(design.partition);
  const std::vector<Stream> streams = streams_of(design, graph);
  std::vector<Net> nets;
  for (const Stream& stream : streams)
    nets.push_back(stream.net);
  const auto found = find_routes(graph, nets, taken_nodes(design, graph));
  if (const auto* cut = std::get_if<Cut>(&found))
    throw no_route(design, graph, streams, *cut);
  const auto& trees = std::get<std::vector<Tree>>(found);
  const auto given = static_cast<std::ptrdiff_t>(design.connections.size());
  for (size_t i = 0; i < streams.size(); ++i)
    if (!nets[i].packet_id)
      add_circuits(design, graph, trees[i]);
  add_packets(design, graph, streams, trees);
  add_token_ways(design);
  std::sort(design.connections.begin() + given, design.connections.end(),
            [](const Connection& a, const Connection& b) {
              return std::tie(a.tile, a.slave, a.packet_id, a.master) <
                     std::tie(b.tile, b.slave, b.packet_id, b.master);
            });
}

}  // namespace npu::compiler
