// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "compiler/design/mlir_scope.h"
#include "compiler/design/ports.h"
#include "compiler/design/text.h"

namespace npu::compiler::mlir {

namespace {

using arch::Bundle;
using arch::Port;

struct BundleRow {
  Bundle bundle;
  int value;
  std::string_view name;
};
/// The dialect's numbers and names of port groups.
constexpr std::array kBundles{
    BundleRow{Bundle::Core, 0, "Core"},
    BundleRow{Bundle::Dma, 1, "DMA"},
    BundleRow{Bundle::Fifo, 2, "FIFO"},
    BundleRow{Bundle::South, 3, "South"},
    BundleRow{Bundle::West, 4, "West"},
    BundleRow{Bundle::North, 5, "North"},
    BundleRow{Bundle::East, 6, "East"},
    BundleRow{Bundle::Trace, 9, "Trace"},
    BundleRow{Bundle::TileControl, 10, "TileControl"},
};

Attribute bundle_attribute(std::string name, Bundle bundle) {
  const auto* row = std::find_if(kBundles.begin(), kBundles.end(),
                                 [&](const BundleRow& r) { return r.bundle == bundle; });
  return enumeration(std::move(name), row->value, row->name);
}

/// The bundle and channel of a port, as attributes with that prefix.
void add_port(Op& op, std::string_view prefix, Bundle bundle, int channel) {
  op.attributes.push_back(bundle_attribute(fmt::format("{}bundle", prefix), bundle));
  op.attributes.push_back(integer(fmt::format("{}channel", prefix), channel));
}

int channel_of(const Design& design, const Endpoint& end) {
  return number_of(design, end).value_or(-1);
}

std::vector<Op> flow_ops(const Scope& scope, const Flow& flow) {
  const Design& design = scope.design;
  std::vector<Op> ops;
  if (!flow.packet_id) {
    for (const Endpoint& end : flow.destinations) {
      Op op{.name = "aie.flow", .operands = {scope.tile(flow.source.tile), scope.tile(end.tile)}};
      add_port(op, "source_", flow.source.bundle, channel_of(design, flow.source));
      add_port(op, "dest_", end.bundle, channel_of(design, end));
      op.attributes.push_back(string("name", flow.name));
      ops.push_back(std::move(op));
    }
    return ops;
  }
  Op source{.name = "aie.packet_source", .operands = {scope.tile(flow.source.tile)}};
  add_port(source, "", flow.source.bundle, channel_of(design, flow.source));
  std::vector<Op> ends{std::move(source)};
  for (const Endpoint& end : flow.destinations) {
    Op op{.name = "aie.packet_dest", .operands = {scope.tile(end.tile)}};
    add_port(op, "", end.bundle, channel_of(design, end));
    ends.push_back(std::move(op));
  }
  ends.push_back({.name = "aie.end"});
  Op op{.name = "aie.packet_flow",
        .attributes = {integer("ID", *flow.packet_id, "i8"), string("name", flow.name)},
        .regions = {{{.ops = std::move(ends)}}}};
  if (flow.keep_packet_header)
    op.attributes.push_back(boolean("keep_pkt_header", true));
  return {op};
}

/// One switch: circuits, then arbiters, masters and rules of packets.
class SwitchBox {
 public:
  SwitchBox(Scope& scope, Coord tile) : scope_(scope), tile_(tile) {
    for (const Connection& connection : scope.design.connections)
      if (connection.tile == tile)
        connections_.push_back(&connection);
  }

  Op run() {
    circuits();
    arbiters();
    masters();
    rules();
    ops_.push_back({.name = "aie.end"});
    const std::string name = fmt::format("switchbox_{}_{}", tile_.col, tile_.row);
    return {.name = "aie.switchbox",
            .operands = {scope_.tile(tile_)},
            .results = {scope_.value(name, "index")},
            .regions = {{{.ops = std::move(ops_)}}}};
  }

 private:
  using Amsel = std::pair<int, int>;

  void circuits() {
    for (const Connection* c : connections_) {
      if (c->packet_id)
        continue;
      Op op{.name = "aie.connect"};
      add_port(op, "source_", c->slave.bundle, c->slave.channel);
      add_port(op, "dest_", c->master.bundle, c->master.channel);
      ops_.push_back(std::move(op));
    }
  }

  void arbiters() {
    std::set<Amsel> used;
    for (const Connection* c : connections_)
      if (c->packet_id)
        used.emplace(c->arbiter, c->msel);
    for (const auto& [arbiter, msel] : used) {
      const Value value = scope_.value(fmt::format("amsel_{}_{}", arbiter, msel), "index");
      amsels_[{arbiter, msel}] = value;
      ops_.push_back(
          {.name = "aie.amsel",
           .results = {value},
           .attributes = {integer("arbiterID", arbiter, "i8"), integer("msel", msel, "i8")}});
    }
  }

  void masters() {
    std::map<Port, std::set<Amsel>> masters;
    std::map<Port, bool> drops;
    for (const Connection* c : connections_)
      if (c->packet_id) {
        masters[c->master].emplace(c->arbiter, c->msel);
        drops[c->master] = c->drop_header;
      }
    for (const auto& [port, amsels] : masters) {
      Op op{.name = "aie.masterset", .results = {scope_.value("masterset", "index")}};
      for (const Amsel& amsel : amsels)
        op.operands.push_back(amsels_[amsel]);
      add_port(op, "dest_", port.bundle, port.channel);
      if (port.bundle == Bundle::Dma && !drops[port])
        op.attributes.push_back(boolean("keep_pkt_header", true));
      ops_.push_back(std::move(op));
    }
  }

  void rules() {
    std::map<Port, std::vector<Op>> rules;
    std::set<std::tuple<Port, int, int, Amsel>> seen;
    for (const Connection* c : connections_) {
      const Amsel amsel{c->arbiter, c->msel};
      if (!c->packet_id || !seen.emplace(c->slave, *c->packet_id, c->mask, amsel).second)
        continue;
      rules[c->slave].push_back(
          {.name = "aie.rule",
           .operands = {amsels_[amsel]},
           .attributes = {integer("mask", c->mask, "i8"), integer("value", *c->packet_id, "i8")}});
    }
    for (auto& [port, list] : rules) {
      list.push_back({.name = "aie.end"});
      Op op{.name = "aie.packet_rules", .regions = {{{.ops = std::move(list)}}}};
      add_port(op, "source_", port.bundle, port.channel);
      ops_.push_back(std::move(op));
    }
  }

  Scope& scope_;
  Coord tile_;
  std::vector<const Connection*> connections_;
  std::map<Amsel, Value> amsels_;
  std::vector<Op> ops_;
};

/// The multiplexers of a shim: seen from there the array is north, so that slave South 3 of the
/// switch is `North : 3`.
std::optional<Op> shim_mux(Scope& scope, Coord tile) {
  std::set<std::pair<Port, Port>> ways;
  for (const Connection& c : scope.design.connections) {
    if (c.tile != tile)
      continue;
    const arch::TileFacts& facts = arch::facts(arch::TileKind::Shim);
    for (uint8_t i = 0; i < facts.mm2s_channels; ++i)
      if (c.slave == arch::shim_dma_slave(i))
        ways.insert({{Bundle::Dma, i}, {Bundle::North, c.slave.channel}});
    for (uint8_t i = 0; i < facts.s2mm_channels; ++i)
      if (c.master == arch::shim_dma_master(i))
        ways.insert({{Bundle::North, c.master.channel}, {Bundle::Dma, i}});
  }
  if (ways.empty())
    return std::nullopt;
  std::vector<Op> ops;
  for (const auto& [from, to] : ways) {
    Op op{.name = "aie.connect"};
    add_port(op, "source_", from.bundle, from.channel);
    add_port(op, "dest_", to.bundle, to.channel);
    ops.push_back(std::move(op));
  }
  ops.push_back({.name = "aie.end"});
  return Op{.name = "aie.shim_mux",
            .operands = {scope.tile(tile)},
            .results = {scope.value(fmt::format("shim_mux_{}_{}", tile.col, tile.row), "index")},
            .regions = {{{.ops = std::move(ops)}}}};
}

}  // namespace

std::vector<Op> stream_ops(Scope& scope) {
  std::vector<Op> ops;
  for (const Flow& flow : scope.design.flows)
    if (!is_routed(scope.design, flow))
      for (Op& op : flow_ops(scope, flow))
        ops.push_back(std::move(op));
  std::set<Coord> switches;
  for (const Connection& connection : scope.design.connections)
    switches.insert(connection.tile);
  for (const Coord tile : switches) {
    ops.push_back(SwitchBox(scope, tile).run());
    if (tile.kind() == arch::TileKind::Shim)
      if (std::optional<Op> mux = shim_mux(scope, tile))
        ops.push_back(std::move(*mux));
  }
  return ops;
}

}  // namespace npu::compiler::mlir
