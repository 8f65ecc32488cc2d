// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <map>
#include <set>

#include "compiler/design/rules.h"
#include "compiler/design/text.h"

namespace npu::compiler::rules {

using arch::Bundle;
using arch::Port;
using arch::TileKind;

namespace {

/// What is wrong with one end of a flow, or nothing.
std::optional<std::string> wrong_end(const Design& design, const Endpoint& end, bool is_source) {
  const Direction direction = is_source ? Direction::Mm2s : Direction::S2mm;
  const int given =
      end.channel.has_value() + end.design_channel.has_value() + end.shim_channel.has_value();
  if (given != 1)
    return fmt::format("{} channel numbers are given, one is needed", given);
  if (end.design_channel) {
    const Channel& channel = design.channels[*end.design_channel];
    if (end.bundle != Bundle::Dma || channel.tile != end.tile || channel.direction != direction)
      return fmt::format("is {}", describe(channel));
    return std::nullopt;
  }
  if (end.shim_channel) {
    const ShimChannel& channel = design.shim_channels[*end.shim_channel];
    const Coord shim{static_cast<uint8_t>(channel.col), 0};
    if (end.bundle != Bundle::Dma || shim != end.tile || channel.direction != direction)
      return fmt::format("is {}", describe(channel));
    return std::nullopt;
  }
  const TileKind kind = end.tile.kind();
  int there =
      is_source ? arch::slave_count(kind, end.bundle) : arch::master_count(kind, end.bundle);
  if (kind == TileKind::Shim && end.bundle == Bundle::Dma)
    there = is_source ? arch::facts(kind).mm2s_channels : arch::facts(kind).s2mm_channels;
  if (*end.channel < 0 || *end.channel >= there)
    return fmt::format("the tile has {} such ports", there);
  return std::nullopt;
}

/// A name for the port of an end, the same for all flows that use it.
std::string key_of(const Endpoint& end) {
  if (end.design_channel)
    return fmt::format("channel {}", *end.design_channel);
  if (end.shim_channel)
    return fmt::format("shim channel {}", *end.shim_channel);
  return fmt::format("{}.{}{}", arch::to_string(end.tile), arch::to_string(end.bundle),
                     *end.channel);
}

struct Use {
  const Flow* flow;
  std::string source;
};

}  // namespace

std::optional<Finding> flow_ends(const Design& design) {
  for (const Flow& flow : design.flows) {
    const auto broken = [&](const Endpoint& end, bool is_source, const std::string& what) {
      return finding(flow.source_location, "{}: {} {}: {}", describe(flow),
                     is_source ? "from" : "to", describe(design, end, is_source), what);
    };
    if (flow.destinations.empty())
      return finding(flow.source_location, "{} goes nowhere", describe(flow));
    if (const auto what = wrong_end(design, flow.source, true))
      return broken(flow.source, true, *what);
    for (const Endpoint& end : flow.destinations)
      if (const auto what = wrong_end(design, end, false))
        return broken(end, false, *what);
  }
  return std::nullopt;
}

std::optional<Finding> one_stream_per_port(const Design& design) {
  std::map<std::string, const Flow*> sources;
  std::map<std::string, Use> destinations;
  for (const Flow& flow : design.flows) {
    const std::string source = key_of(flow.source);
    const Flow*& first = sources.try_emplace(source, &flow).first->second;
    if (first->packet_id.has_value() != flow.packet_id.has_value())
      return finding(flow.source_location, "flows `{}` and `{}` leave {} as circuit and as packets",
                     first->name, flow.name, describe(design, flow.source, true));
    for (const Endpoint& end : flow.destinations) {
      const Use& other = destinations.try_emplace(key_of(end), Use{&flow, source}).first->second;
      const bool packets = flow.packet_id && other.flow->packet_id;
      if (other.flow != &flow && !packets && other.source != source)
        return finding(flow.source_location, "flows `{}` and `{}` both end at {}", other.flow->name,
                       flow.name, describe(design, end, false));
    }
  }
  return std::nullopt;
}

std::optional<Finding> packet_ids(const Design& design) {
  const auto in_range = [](int id) { return id >= 0 && id < 32; };
  for (const Flow& flow : design.flows)
    if (flow.packet_id && !in_range(*flow.packet_id))
      return finding(flow.source_location, "{} has packet id {}", describe(flow), *flow.packet_id);
  const auto wrong = [&](const std::optional<Packet>& packet) {
    return packet && (!in_range(packet->id) || packet->type < 0 || packet->type > 7);
  };
  for (const Channel& channel : design.channels)
    for (const Descriptor& d : channel.descriptors)
      if (wrong(d.packet))
        return finding(d.source, "{}: packet id {} type {}", describe(channel), d.packet->id,
                       d.packet->type);
  for (const HostOp& op : design.sequence)
    if (const auto* transfer = std::get_if<Transfer>(&op); transfer && wrong(transfer->packet))
      return finding({}, "transfer {}: packet id {} type {}", transfer->id, transfer->packet->id,
                     transfer->packet->type);
  return std::nullopt;
}

std::optional<Finding> connections_legal(const Design& design) {
  for (const Connection& c : design.connections) {
    const TileKind kind = c.tile.kind();
    if (!arch::slave_index(kind, c.slave))
      return finding({}, "{}: there is no slave port {}", arch::to_string(c.tile),
                     arch::to_string(c.slave));
    if (!arch::master_index(kind, c.master))
      return finding({}, "{}: there is no master port {}", arch::to_string(c.tile),
                     arch::to_string(c.master));
    if (!arch::connectable(kind, c.slave, c.master))
      return finding({}, "{}: {} cannot lead to {}", arch::to_string(c.tile),
                     arch::to_string(c.slave), arch::to_string(c.master));
    if (c.packet_id &&
        (*c.packet_id < 0 || *c.packet_id > 31 || c.mask < 0 || c.mask > 31 || c.arbiter < 0 ||
         c.arbiter >= arch::kArbiters || c.msel < 0 || c.msel >= arch::kMsels))
      return finding({}, "{}: {} to {}: packet id {} mask {:#x} arbiter {} msel {}",
                     arch::to_string(c.tile), arch::to_string(c.slave), arch::to_string(c.master),
                     *c.packet_id, c.mask, c.arbiter, c.msel);
  }
  return std::nullopt;
}

std::optional<Finding> switch_ports_once(const Design& design) {
  std::map<std::pair<Coord, Port>, const Connection*> slaves;
  std::map<std::pair<Coord, Port>, const Connection*> masters;
  std::map<std::pair<Coord, Port>, std::set<std::tuple<int, int, int, int>>> slots;
  for (const Connection& c : design.connections) {
    const bool packet = c.packet_id.has_value();
    const Connection& slave = *slaves.try_emplace({c.tile, c.slave}, &c).first->second;
    if (slave.packet_id.has_value() != packet)
      return finding({}, "{}: {} carries a circuit and packets", arch::to_string(c.tile),
                     arch::to_string(c.slave));
    const auto [place, fresh] = masters.try_emplace({c.tile, c.master}, &c);
    const Connection& master = *place->second;
    if (!fresh && (!packet || !master.packet_id))
      return finding({}, "{}: {} is driven by {} and by {}", arch::to_string(c.tile),
                     arch::to_string(c.master), arch::to_string(master.slave),
                     arch::to_string(c.slave));
    if (packet && (master.arbiter != c.arbiter || master.drop_header != c.drop_header))
      return finding({}, "{}: {} listens to arbiters {} and {}, or drops some headers only",
                     arch::to_string(c.tile), arch::to_string(c.master), master.arbiter, c.arbiter);
    if (!packet)
      continue;
    auto& rules = slots[{c.tile, c.slave}];
    rules.emplace(*c.packet_id, c.mask, c.arbiter, c.msel);
    if (rules.size() > arch::kSlotsPerSlave)
      return finding({}, "{}: {} has {} packet rules", arch::to_string(c.tile),
                     arch::to_string(c.slave), rules.size());
  }
  return std::nullopt;
}

}  // namespace npu::compiler::rules
