// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Flows to be routed, and the settings of switches of designs that are routed already.
#include <algorithm>
#include <array>

#include "compiler/import/import_state.h"
#include "hw-model/arch/ports.h"
#include "hw-model/arch/register.h"

namespace npu::compiler::import {

namespace {

using arch::Bundle;
using arch::Port;

struct BundleRow {
  std::string_view name;
  std::string_view number;  ///< in the generic form
  Bundle bundle;
};
constexpr std::array kBundles{
    BundleRow{"Core", "0 : i32", Bundle::Core},
    BundleRow{"DMA", "1 : i32", Bundle::Dma},
    BundleRow{"FIFO", "2 : i32", Bundle::Fifo},
    BundleRow{"South", "3 : i32", Bundle::South},
    BundleRow{"West", "4 : i32", Bundle::West},
    BundleRow{"North", "5 : i32", Bundle::North},
    BundleRow{"East", "6 : i32", Bundle::East},
    BundleRow{"PLIO", "7 : i32", Bundle::South},
    BundleRow{"Trace", "9 : i32", Bundle::Trace},
    BundleRow{"TileControl", "10 : i32", Bundle::TileControl},
    BundleRow{"Ctrl", "10 : i32", Bundle::TileControl},
};

Bundle bundle(const State& state, const Op& op, std::string_view attribute) {
  const std::string text = mlir::name_of(op, attribute);
  for (const BundleRow& row : kBundles)
    if (row.name == text || row.number == text)
      return row.bundle;
  throw state.error(op, "there is no group of ports `{}`", text);
}

int port_number(const State& state, const Op& op, std::string_view attribute) {
  constexpr int kMostPorts = 16;
  const int64_t number = state.integer(op, attribute);
  if (number < 0 || number >= kMostPorts)
    throw state.error(op, "port number {}", number);
  return static_cast<int>(number);
}

Endpoint endpoint(const State& state, const Op& op, size_t operand, std::string_view group,
                  std::string_view number) {
  return {.tile = state.tile(op, operand),
          .bundle = bundle(state, op, group),
          .channel = port_number(state, op, number)};
}

void import_flows(State& state) {
  for (const Op* op : all(state, "aie.flow"))
    state.design.flows.push_back(
        {.name = mlir::name_of(*op, "name"),
         .source = endpoint(state, *op, 0, "source_bundle", "source_channel"),
         .destinations = {endpoint(state, *op, 1, "dest_bundle", "dest_channel")},
         .source_location = state.source(*op)});
}

void import_packet_flows(State& state) {
  for (const Op* op : all(state, "aie.packet_flow")) {
    Flow flow{.name = mlir::name_of(*op, "name"),
              .packet_id = state.small(*op, "ID"),
              .keep_packet_header = mlir::flag_of(*op, "keep_pkt_header"),
              .source_location = state.source(*op)};
    std::vector<Endpoint> sources;
    for (const mlir::Block& block : op->regions.at(0))
      for (const Op& end : block.ops)
        if (end.name == "aie.packet_source")
          sources.push_back(endpoint(state, end, 0, "bundle", "channel"));
        else if (end.name == "aie.packet_dest")
          flow.destinations.push_back(endpoint(state, end, 0, "bundle", "channel"));
    if (sources.empty() || flow.destinations.empty())
      throw state.error(*op, "{} sources and {} destinations", sources.size(),
                        flow.destinations.size());
    for (const Endpoint& source : sources) {
      flow.source = source;
      state.design.flows.push_back(flow);
    }
  }
}

/// The ends of that name in a region.
std::vector<Endpoint> ends_in(const State& state, const Op& op, std::string_view name) {
  std::vector<Endpoint> ends;
  for (const mlir::Block& block : op.regions.at(0))
    for (const Op& end : block.ops)
      if (end.name == name)
        ends.push_back(endpoint(state, end, 0, "bundle", "channel"));
  if (ends.empty())
    throw state.error(op, "leads nowhere");
  return ends;
}

/// A circuit to several ends, or a packet flow to several for each id.
void import_broadcasts(State& state) {
  for (const Op* op : all(state, "aiex.multicast"))
    state.design.flows.push_back({.source = endpoint(state, *op, 0, "bundle", "channel"),
                                  .destinations = ends_in(state, *op, "aiex.multi_dest"),
                                  .source_location = state.source(*op)});
  for (const Op* op : all(state, "aiex.broadcast_packet")) {
    bool leads = false;
    for (const mlir::Block& block : op->regions.at(0))
      for (const Op& each : block.ops)
        if (each.name == "aiex.bp_id") {
          leads = true;
          state.design.flows.push_back({.source = endpoint(state, *op, 0, "bundle", "channel"),
                                        .destinations = ends_in(state, each, "aiex.bp_dest"),
                                        .packet_id = state.small(each, "ID"),
                                        .source_location = state.source(each)});
        }
    if (!leads)
      throw state.error(*op, "leads nowhere");
  }
}

/// One `aie.switchbox`.
class Switchbox {
 public:
  Switchbox(State& state, const Op& op) : state_(state), tile_(state.tile(op, 0)) {
    for (const mlir::Block& block : op.regions.at(0))
      for (const Op& inner : block.ops)
        ops_.push_back(&inner);
  }

  void run() {
    for (const Op* op : ops_)
      if (op->name == "aie.connect")
        connect(*op);
      else if (op->name == "aie.amsel")
        selects_[op->results.at(0).id] = {state_.small(*op, "arbiterID"),
                                          state_.small(*op, "msel")};
      else if (op->name == "aie.masterset")
        masters_.push_back(op);
    for (const Op* op : ops_)
      if (op->name == "aie.packet_rules")
        rules(*op);
  }

 private:
  struct Select {
    int arbiter;
    int msel;
  };

  Port port(const Op& op, std::string_view group, std::string_view number) const {
    return {bundle(state_, op, group), static_cast<uint8_t>(port_number(state_, op, number))};
  }

  void connect(const Op& op) {
    state_.design.connections.push_back({.tile = tile_,
                                         .slave = port(op, "source_bundle", "source_channel"),
                                         .master = port(op, "dest_bundle", "dest_channel")});
  }

  void rules(const Op& op) {
    const Port slave = port(op, "source_bundle", "source_channel");
    for (const mlir::Block& block : op.regions.at(0))
      for (const Op& rule : block.ops)
        if (rule.name == "aie.rule")
          add_rule(rule, slave);
  }

  void add_rule(const Op& rule, Port slave) {
    const auto select = selects_.find(rule.operands.at(0).id);
    if (select == selects_.end())
      throw state_.error(rule, "`{}` is no amsel of this switch", rule.operands[0].name);
    bool leads = false;
    for (const Op* master : masters_)
      for (const mlir::Value& value : master->operands)
        if (value.id == select->first) {
          leads = true;
          add_connection(rule, slave, *master, select->second);
        }
    if (!leads)
      throw state_.error(rule, "no masterset takes `{}`", rule.operands[0].name);
  }

  void add_connection(const Op& rule, Port slave, const Op& master, Select select) {
    const Port to = port(master, "dest_bundle", "dest_channel");
    const bool into_shim = tile_.kind() == arch::TileKind::Shim &&
                           (to == arch::shim_dma_master(0) || to == arch::shim_dma_master(1));
    state_.design.connections.push_back({.tile = tile_,
                                         .slave = slave,
                                         .master = to,
                                         .packet_id = state_.small(rule, "value"),
                                         .mask = state_.small(rule, "mask"),
                                         .arbiter = select.arbiter,
                                         .msel = select.msel,
                                         .drop_header = (to.bundle == Bundle::Dma || into_shim) &&
                                                        !mlir::flag_of(master, "keep_pkt_header")});
  }

  State& state_;
  Coord tile_;
  std::vector<const Op*> ops_;
  std::map<int, Select> selects_;  ///< by value id
  std::vector<const Op*> masters_;
};

/// A cascade goes to the neighbour in the south or in the east: a bit of the sender and one of the
/// receiver say which. Both are south at reset.
void import_cascades(State& state) {
  constexpr uint32_t kFromWest = 1;
  constexpr uint32_t kToEast = 2;
  std::map<Coord, uint32_t> control;
  for (const Op* op : all(state, "aie.cascade_flow")) {
    const Coord from = state.tile(*op, 0);
    const Coord to = state.tile(*op, 1);
    const bool south = from.col == to.col && from.row == to.row + 1;
    const bool east = from.row == to.row && from.col + 1 == to.col;
    if (!south && !east)
      throw state.error(*op, "a cascade from {} to {}", arch::to_string(from), arch::to_string(to))
          .hint("to the neighbour in the south or in the east");
    if (east) {
      control[from] |= kToEast;
      control[to] |= kFromWest;
    }
  }
  const auto is = [](const Op& op, std::string_view name, std::string_view side,
                     std::string_view number) {
    const std::string text = mlir::name_of(op, name);
    return text == side || text == number;
  };
  for (const Op* op : all(state, "aie.configure_cascade")) {
    const bool west = is(*op, "inputDir", "West", "4 : i32");
    const bool east = is(*op, "outputDir", "East", "6 : i32");
    if ((!west && !is(*op, "inputDir", "North", "5 : i32")) ||
        (!east && !is(*op, "outputDir", "South", "3 : i32")))
      throw state
          .error(*op, "a cascade from {} to {}", mlir::name_of(*op, "inputDir"),
                 mlir::name_of(*op, "outputDir"))
          .hint("from North or West to South or East");
    control[state.tile(*op, 0)] |= (west ? kFromWest : 0) | (east ? kToEast : 0);
  }
  for (const auto& [tile, value] : control)
    state.design.registers.emplace_back(arch::Write{
        arch::address_of(
            tile, arch::register_offset(arch::TileKind::Core, arch::RegisterId::CascadeControl)),
        value});
}

/// The sequence speaks of shim channels by number: those of object fifos get theirs here, the
/// lowest that nothing names.
void number_shim_channels(State& state) {
  using Key = std::tuple<int, Direction, int>;
  std::set<Key> taken;
  const auto take = [&](const Endpoint& end, Direction direction) {
    if (end.tile.kind() == arch::TileKind::Shim && end.bundle == Bundle::Dma && end.channel)
      taken.insert({end.tile.col, direction, *end.channel});
  };
  for (const Flow& flow : state.design.flows) {
    take(flow.source, Direction::Mm2s);
    for (const Endpoint& end : flow.destinations)
      take(end, Direction::S2mm);
  }
  for (const ShimChannel& channel : state.design.shim_channels)
    if (channel.index)
      taken.insert({channel.col, channel.direction, *channel.index});
  for (ShimChannel& channel : state.design.shim_channels) {
    int index = channel.index.value_or(0);
    while (!channel.index && !taken.insert({channel.col, channel.direction, index}).second)
      ++index;
    if (index >= arch::facts(arch::TileKind::Shim).s2mm_channels)
      throw Error("{}: {} has no channel left for `{}`", state.options.file,
                  arch::to_string(Coord{static_cast<uint8_t>(channel.col), 0}), channel.name);
    channel.index = index;
  }
}

}  // namespace

void import_streams(State& state) {
  import_flows(state);
  import_packet_flows(state);
  import_broadcasts(state);
  import_control_overlay(state);
  for (const Op* op : all(state, "aie.switchbox"))
    Switchbox(state, *op).run();
  import_cascades(state);
  number_shim_channels(state);
}

}  // namespace npu::compiler::import
