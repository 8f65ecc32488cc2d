// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "compiler/lower/lower.h"
#include "compiler/lower/packets.h"
#include "hw-model/arch/error.h"
#include "tests/compiler/designs.h"

namespace npu::compiler::testing {
namespace {

using arch::Bundle;
using arch::Port;
using arch::PortAt;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

Design routed(Design design) {
  return lower(std::move(design), {.after = {}, .stop_after = "route"}).design;
}

/// What arrives where, told from the connections alone: the local master ports that a stream from
/// `slave` comes out of.
std::set<PortAt> flood(const Design& design, PortAt slave, std::optional<int> id) {
  std::set<PortAt> seen;
  std::set<PortAt> out;
  std::vector<PortAt> todo{slave};
  while (!todo.empty()) {
    const PortAt at = todo.back();
    todo.pop_back();
    if (!seen.insert(at).second)
      continue;
    for (const Connection& c : design.connections) {
      if (c.tile != at.tile || c.slave != at.port || c.packet_id.has_value() != id.has_value())
        continue;
      if (id && ((*id ^ *c.packet_id) & c.mask) != 0)
        continue;
      if (const auto next = arch::wired_to(design.partition, c.tile, c.master))
        todo.push_back(*next);
      else
        out.insert({c.tile, c.master});
    }
  }
  return out;
}

PortAt port(const Design& design, const Endpoint& end, bool source) {
  int number = end.channel.value_or(0);
  if (end.design_channel)
    number = *design.channels[*end.design_channel].index;
  if (end.shim_channel)
    number = *design.shim_channels[*end.shim_channel].index;
  if (end.tile.row == 0 && end.bundle == Bundle::Dma)
    return {end.tile, source ? arch::shim_dma_slave(number) : arch::shim_dma_master(number)};
  return {end.tile, {end.bundle, static_cast<uint8_t>(number)}};
}

/// Flows that do not arrive exactly where they should.
std::vector<std::string> astray(const Design& design) {
  std::vector<std::string> names;
  for (const Flow& flow : design.flows) {
    std::set<PortAt> wanted;
    for (const Endpoint& end : flow.destinations)
      wanted.insert(port(design, end, false));
    if (flood(design, port(design, flow.source, true), flow.packet_id) != wanted)
      names.push_back(flow.name);
  }
  return names;
}

std::vector<PortAt> masters_driven_twice(const Design& design) {
  std::set<PortAt> seen;
  std::vector<PortAt> twice;
  for (const Connection& c : design.connections)
    if (!c.packet_id && !seen.insert({c.tile, c.master}).second)
      twice.push_back({c.tile, c.master});
  return twice;
}

std::vector<Connection> illegal(const Design& design) {
  std::vector<Connection> connections;
  for (const Connection& c : design.connections)
    if (!arch::connectable(c.tile.kind(), c.slave, c.master))
      connections.push_back(c);
  return connections;
}

TEST(Route, BringsAStreamThroughAMemtileAndBack) {
  EXPECT_THAT(astray(routed(copy_through_memtile())), IsEmpty());
}

TEST(Route, PassesAMemtileOnOneLane) {
  const Design design = routed(copy_through_core());
  std::vector<std::pair<int, int>> lanes;
  for (const Connection& c : design.connections)
    if (c.tile == kMemtile)
      lanes.emplace_back(c.slave.channel, c.master.channel);
  EXPECT_THAT(lanes, ElementsAre(std::pair(0, 0), std::pair(0, 0)));
}

TEST(Route, BringsABroadcastToAllItsCores) {
  Design design;
  const int from = add_shim(design, "a", 0, Direction::Mm2s);
  std::vector<Endpoint> cores;
  for (uint8_t col = 0; col < 4; ++col)
    for (uint8_t row = 2; row < 6; ++row)
      cores.push_back(at_channel(design, add_channel(design, "a", {col, row}, Direction::S2mm)));
  add_flow(design, "a", at_shim(design, from), cores);
  EXPECT_THAT(astray(routed(design)), IsEmpty());
}

TEST(Route, SharesTheTrunkOfABroadcast) {
  Design design;
  const int from = add_channel(design, "a", kMemtile, Direction::Mm2s);
  std::vector<Endpoint> cores;
  for (uint8_t row = 2; row < 6; ++row)
    cores.push_back(at_channel(design, add_channel(design, "a", {0, row}, Direction::S2mm)));
  add_flow(design, "a", at_channel(design, from), cores);
  EXPECT_EQ(routed(design).connections.size(),
            1u + 4 + 3);  // out of the memtile, into four cores, on from three
}

struct Herd {
  const arch::Device* device;
  int columns;
};
void PrintTo(const Herd& herd, std::ostream* out) {
  *out << herd.device->name << ", " << herd.columns << " columns";
}
class RouteMatmul : public ::testing::TestWithParam<Herd> {
 protected:
  Design design() const { return routed(matmul_flows(*GetParam().device, GetParam().columns)); }
};
INSTANTIATE_TEST_SUITE_P(Herds, RouteMatmul,
                         ::testing::Values(Herd{&arch::kNpu1, 4}, Herd{&arch::kNpu4, 8},
                                           Herd{&arch::kNpu4, 5}),
                         [](const auto& herd) {
                           return fmt::format("{}Columns", herd.param.columns);
                         });

TEST_P(RouteMatmul, ConnectsEveryFlow) {
  EXPECT_THAT(astray(design()), IsEmpty());
}
TEST_P(RouteMatmul, DrivesNoPortTwice) {
  EXPECT_THAT(masters_driven_twice(design()), IsEmpty());
}
TEST_P(RouteMatmul, ConnectsOnlyWhatTheSwitchesCan) {
  EXPECT_THAT(illegal(design()), IsEmpty());
}
TEST_P(RouteMatmul, IsDeterministic) {
  const Design once = design();
  const Design again = design();
  const auto ports = [](const Design& d) {
    std::vector<std::tuple<Coord, Port, Port>> list;
    for (const Connection& c : d.connections)
      list.emplace_back(c.tile, c.slave, c.master);
    return list;
  };
  EXPECT_EQ(ports(once), ports(again));
}

/// Random one-to-many flows between free DMA ports; `packets` of them share sources.
Design random_flows(uint32_t seed, bool packets) {
  std::mt19937 random(seed);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  Design design{.name = "random", .partition = arch::partition_of(arch::kNpu4, 8)};
  std::vector<Endpoint> sources;
  std::vector<Endpoint> sinks;
  for (uint8_t col = 0; col < 8; ++col)
    for (uint8_t row = 0; row < 6; ++row)
      for (int channel = 0; channel < 2; ++channel) {
        sources.push_back({.tile = {col, row}, .channel = channel});
        sinks.push_back({.tile = {col, row}, .channel = channel});
      }
  std::shuffle(sources.begin(), sources.end(), random);
  std::shuffle(sinks.begin(), sinks.end(), random);
  for (int i = 0; i < 20; ++i) {
    const Endpoint source = sources[i];
    for (int part = 0; part < (packets ? 3 : 1); ++part) {
      std::vector<Endpoint> ends;
      for (size_t n = 1 + below(3); n > 0; --n) {
        ends.push_back(sinks.back());
        sinks.pop_back();
        if (sinks.empty())
          return design;
      }
      // A DMA leads back into itself by the channel of the same number only.
      std::erase_if(ends, [&](const Endpoint& end) { return end.tile == source.tile; });
      if (!ends.empty())
        add_flow(design, "f" + std::to_string(design.flows.size()), source, ends,
                 packets ? std::optional<int>(part * 8 + i % 8) : std::nullopt);
    }
  }
  return design;
}

class RouteRandom : public ::testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RouteRandom, ::testing::Range(0u, 12u));

TEST_P(RouteRandom, CircuitsArriveWhereTheyShould) {
  EXPECT_THAT(astray(routed(random_flows(GetParam(), false))), IsEmpty());
}
TEST_P(RouteRandom, CircuitsDriveNoPortTwice) {
  EXPECT_THAT(masters_driven_twice(routed(random_flows(GetParam(), false))), IsEmpty());
}
TEST_P(RouteRandom, PacketsArriveWhereTheyShould) {
  EXPECT_THAT(astray(routed(random_flows(GetParam(), true))), IsEmpty());
}
TEST_P(RouteRandom, PacketsUseOnlyLegalConnections) {
  EXPECT_THAT(illegal(routed(random_flows(GetParam(), true))), IsEmpty());
}

/// A column with `count` flows from its memtile to its cores.
Design upward(int count) {
  Design design{.partition = arch::partition_of(arch::kNpu1, 1)};
  for (int i = 0; i < count; ++i) {
    const std::string name = "A" + std::to_string(i);
    const int from = add_channel(design, name, kMemtile, Direction::Mm2s);
    const int to = add_channel(design, name, {0, static_cast<uint8_t>(2 + i % 4)}, Direction::S2mm);
    add_flow(design, name, at_channel(design, from), {at_channel(design, to)});
  }
  return design;
}

TEST(Route, FillsAllNorthPortsOfAMemtile) {
  EXPECT_THAT(astray(routed(upward(6))), IsEmpty());
}

TEST(Route, SaysWhichPortsAreTakenAndByWhom) {
  Design design = upward(6);
  const int from = add_shim(design, "B", 0, Direction::Mm2s);
  const int to = add_channel(design, "B", {0, 5}, Direction::S2mm);
  add_flow(design, "B", at_shim(design, from), {at_channel(design, to)});
  EXPECT_EQ(message([&] { routed(design); }),
            "no route for `B` from shim(0,0).mm2s0 to core(0,5).s2mm1: all 6 north ports of "
            "memtile(0,1) are "
            "taken by A0, A1, A2, A3, A4, A5");
}

TEST(Route, SaysThatTheDestinationIsTaken) {
  Design design = copy_through_core();
  design.connections.push_back(
      {.tile = kCore, .slave = {Bundle::East, 0}, .master = {Bundle::Dma, 0}, .packet_id = {}});
  EXPECT_EQ(message([&] { routed(design); }),
            "no route for `in` from shim(0,0).mm2s0 to core(0,2).s2mm0: dma0 of core(0,2) is taken "
            "by given "
            "connections");
}

TEST(Route, KeepsGivenConnections) {
  const Design once = routed(copy_through_memtile());
  const Design again = routed(once);
  EXPECT_EQ(again.connections.size(), once.connections.size());
}

TEST(Route, LeadsTokensOutOfEveryShimInUse) {
  const Design design = routed(copy_through_core());
  EXPECT_THAT(flood(design, {kShim, {Bundle::TileControl, 0}}, {}),
              ElementsAre(PortAt{kShim, {Bundle::South, 0}}));
}

/// One shim channel that sends two packets to two cores of its column.
Design two_packets(bool keep_header = false) {
  Design design;
  const int from = add_shim(design, "p", 0, Direction::Mm2s);
  for (const int row : {2, 3}) {
    const Coord core{0, static_cast<uint8_t>(row)};
    const int to = add_channel(design, "p" + std::to_string(row), core, Direction::S2mm);
    add_flow(design, "p" + std::to_string(row), at_shim(design, from), {at_channel(design, to)},
             row);
    design.flows.back().keep_packet_header = keep_header;
  }
  return design;
}

TEST(RoutePackets, PartAtTheLastSwitch) {
  EXPECT_THAT(astray(routed(two_packets())), IsEmpty());
}

TEST(RoutePackets, OfOneSourceShareTheirTrunk) {
  std::set<Port> shim_masters;
  for (const Connection& c : routed(two_packets()).connections)
    if (c.tile == kShim && c.packet_id)
      shim_masters.insert(c.master);
  EXPECT_EQ(shim_masters.size(), 1u);
}

std::vector<bool> drops(const Design& design, Coord tile) {
  std::vector<bool> list;
  for (const Connection& c : design.connections)
    if (c.tile == tile && c.packet_id)
      list.push_back(c.drop_header);
  return list;
}

TEST(RoutePackets, LoseTheirHeaderAtTheDmaOnly) {
  const Design design = routed(two_packets());
  EXPECT_THAT(drops(design, {0, 3}), ElementsAre(true));
  EXPECT_THAT(drops(design, kMemtile), ::testing::Each(false));
}

TEST(RoutePackets, KeepTheirHeaderWhenAsked) {
  EXPECT_THAT(drops(routed(two_packets(true)), {0, 3}), ElementsAre(false));
}

TEST(RoutePackets, ThatEndAtDifferentPortsHaveDifferentArbiters) {
  const auto connections = connect_packets(kCore,
                                           {{{Bundle::South, 0}, 1, {{Bundle::Dma, 0}}, {}, "a"},
                                            {{Bundle::South, 1}, 2, {{Bundle::Dma, 1}}, {}, "b"}},
                                           {});
  EXPECT_NE(connections[0].arbiter, connections[1].arbiter);
}

TEST(RoutePackets, ThatShareAMasterShareItsArbiter) {
  const auto connections =
      connect_packets(kCore,
                      {{{Bundle::South, 0}, 1, {{Bundle::Dma, 0}}, {}, "a"},
                       {{Bundle::South, 0}, 2, {{Bundle::Dma, 0}, {Bundle::Dma, 1}}, {}, "b"}},
                      {});
  std::set<std::pair<int, int>> amsels;
  for (const Connection& c : connections)
    amsels.emplace(c.arbiter, c.msel);
  EXPECT_THAT(amsels, ElementsAre(std::pair(0, 0), std::pair(0, 1)));
}

TEST(RoutePackets, ReuseArbitersWithOtherMselsWhenSixAreNotEnough) {
  std::vector<PacketStep> steps;
  for (uint8_t i = 0; i < 6; ++i)
    steps.push_back({{Bundle::South, i}, i, {{Bundle::North, i}}, {}, "n"});
  steps.push_back({{Bundle::West, 0}, 6, {{Bundle::Dma, 0}}, {}, "d"});
  const auto connections = connect_packets(kCore, steps, {});
  std::set<std::pair<int, int>> amsels;
  for (const Connection& c : connections)
    amsels.emplace(c.arbiter, c.msel);
  EXPECT_EQ(amsels.size(), 7u);
}

TEST(RoutePackets, RunOutOfMsels) {
  std::vector<PacketStep> steps;
  const std::vector<std::set<Port>> sets{{{Bundle::North, 0}},
                                         {{Bundle::North, 0}, {Bundle::North, 1}},
                                         {{Bundle::North, 0}, {Bundle::North, 2}},
                                         {{Bundle::North, 0}, {Bundle::North, 3}},
                                         {{Bundle::North, 0}, {Bundle::East, 0}}};
  for (size_t i = 0; i < sets.size(); ++i)
    steps.push_back({{Bundle::South, static_cast<uint8_t>(i)},
                     static_cast<int>(i),
                     sets[i],
                     {},
                     std::string(1, static_cast<char>('a' + i))});
  EXPECT_EQ(message([&] { connect_packets(kCore, steps, {}); }),
            "core(0,2): packet flows a, b, c, d, e need 5 msels of one arbiter, 4 are left of 6 "
            "arbiters with 4 "
            "each");
}

TEST(RoutePackets, RunOutOfRules) {
  std::vector<PacketStep> steps;
  for (const int id : {0, 3, 5, 6, 9})
    steps.push_back({{Bundle::South, 0}, id, {{Bundle::Dma, 0}}, {}, "p"});
  EXPECT_EQ(message([&] { connect_packets(kCore, steps, {}); }),
            "core(0,2).south0: packet ids 0, 3, 5, 6, 9 need 5 rules, has 4");
}

TEST(RoutePackets, CannotKeepAndDropTheHeaderAtOnePort) {
  EXPECT_EQ(message([&] {
              connect_packets(kCore,
                              {{{Bundle::South, 0}, 1, {{Bundle::Dma, 0}}, {{Bundle::Dma, 0}}, "a"},
                               {{Bundle::South, 1}, 2, {{Bundle::Dma, 0}}, {}, "b"}},
                              {});
            }),
            "core(0,2).dma0: flow `b` keeps its packet header and flow `a` drops it");
}

/// Ids that a set of rules matches.
std::set<int> matched(const std::vector<PacketRule>& rules) {
  std::set<int> ids;
  for (int id = 0; id < 32; ++id)
    for (const PacketRule& rule : rules)
      if (((id ^ rule.id) & rule.mask) == 0)
        ids.insert(id);
  return ids;
}

TEST(PacketRules, JoinNeighboursIntoOneMask) {
  EXPECT_THAT(exact_rules({4, 5, 6, 7}), ElementsAre(PacketRule{4, 0x1C}));
}

TEST(PacketRules, MatchNoOtherId) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::set<int> ids;
    for (size_t n = 1 + random() % 10; n > 0; --n)
      ids.insert(static_cast<int>(random() % 32));
    EXPECT_EQ(matched(exact_rules(ids)), ids);
  }
}

}  // namespace
}  // namespace npu::compiler::testing
