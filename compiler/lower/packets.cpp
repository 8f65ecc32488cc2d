// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/lower/packets.h"

#include <algorithm>
#include <bit>
#include <map>

#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

using arch::Port;
using Masters = std::set<Port>;

/// Sets of masters that have a master in common, directly or through others, and so one arbiter.
struct Group {
  std::vector<Masters> sets;
  Masters masters;
  std::set<Port> slaves;  ///< that its packets come from
};

bool overlap(const Masters& a, const Masters& b) {
  return std::any_of(a.begin(), a.end(), [&](const Port& port) { return b.contains(port); });
}

std::vector<Group> groups_of(const std::vector<PacketStep>& steps) {
  std::vector<Group> groups;
  for (const PacketStep& step : steps) {
    Group merged{{step.masters}, step.masters, {step.slave}};
    std::vector<Group> rest;
    for (Group& group : groups) {
      if (!overlap(group.masters, merged.masters)) {
        rest.push_back(std::move(group));
        continue;
      }
      for (const Masters& set : group.sets)
        if (std::find(merged.sets.begin(), merged.sets.end(), set) == merged.sets.end())
          merged.sets.push_back(set);
      merged.masters.insert(group.masters.begin(), group.masters.end());
      merged.slaves.insert(group.slaves.begin(), group.slaves.end());
    }
    rest.push_back(std::move(merged));
    groups = std::move(rest);
  }
  // Those that need most of an arbiter choose first.
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) { return a.sets.size() > b.sets.size(); });
  return groups;
}

struct Amsel {
  int arbiter = 0;
  int msel = 0;
  auto operator<=>(const Amsel&) const = default;
};

std::vector<std::string> flows_over(const std::vector<PacketStep>& steps, const Masters& masters) {
  std::set<std::string> flows;
  for (const PacketStep& step : steps)
    if (overlap(step.masters, masters))
      flows.insert(step.flow);
  return {flows.begin(), flows.end()};
}

/// An arbiter for each group: one nobody has, else the one with the fewest msels in use. Where
/// there are too few, groups that one slave feeds share one first: its packets come one after
/// another, so that none waits for more than it does anyway.
std::map<Masters, Amsel> assign_amsels(Coord tile, const std::vector<PacketStep>& steps,
                                       const std::set<int>& reserved) {
  std::map<int, int> msels;
  for (int arbiter = 0; arbiter < arch::kUsableArbiters; ++arbiter)
    if (!reserved.contains(arbiter))
      msels[arbiter] = 0;
  std::map<Masters, Amsel> amsels;
  std::map<int, std::set<Port>> feeders;
  const std::vector<Group> groups = groups_of(steps);
  for (const Group& group : groups) {
    const int needed = static_cast<int>(group.sets.size());
    auto chosen = msels.end();
    if (groups.size() > msels.size() && group.slaves.size() == 1)
      chosen = std::find_if(msels.begin(), msels.end(), [&](const auto& each) {
        return feeders[each.first] == group.slaves && each.second + needed <= arch::kMsels;
      });
    if (chosen == msels.end())
      chosen = std::min_element(msels.begin(), msels.end(),
                                [](const auto& a, const auto& b) { return a.second < b.second; });
    if (chosen == msels.end() || chosen->second + needed > arch::kMsels)
      throw Error(
          "{}: packet flows {} need {} msels of one arbiter, {} are left of {} arbiters with {} "
          "each",
          arch::to_string(tile), fmt::join(flows_over(steps, group.masters), ", "), needed,
          chosen == msels.end() ? 0 : arch::kMsels - chosen->second, arch::kUsableArbiters,
          arch::kMsels)
          .hint("let fewer packet flows cross this switch");
    feeders[chosen->first].insert(group.slaves.begin(), group.slaves.end());
    for (const Masters& set : group.sets)
      amsels[set] = {chosen->first, chosen->second++};
  }
  return amsels;
}

/// The rules of one slave port, by where they send.
std::map<Amsel, std::vector<PacketRule>> rules_of(Coord tile, Port slave,
                                                  const std::vector<PacketStep>& steps,
                                                  const std::map<Masters, Amsel>& amsels) {
  std::map<Amsel, std::set<int>> ids;
  for (const PacketStep& step : steps)
    if (step.slave == slave)
      ids[amsels.at(step.masters)].insert(step.id);
  std::map<Amsel, std::vector<PacketRule>> rules;
  size_t slots = 0;
  for (const auto& [amsel, set] : ids) {
    rules[amsel] = exact_rules(set);
    slots += rules[amsel].size();
  }
  if (slots > arch::kSlotsPerSlave) {
    std::set<int> all;
    for (const auto& [amsel, set] : ids)
      all.insert(set.begin(), set.end());
    throw Error("{}.{}: packet ids {} need {} rules, has {}", arch::to_string(tile),
                arch::to_string(slave), fmt::join(all, ", "), slots, arch::kSlotsPerSlave)
        .hint("number packets that part later so that their ids differ in few bits");
  }
  return rules;
}

void check_headers(Coord tile, const std::vector<PacketStep>& steps) {
  for (const PacketStep& step : steps)
    for (const Port& master : step.masters)
      for (const PacketStep& other : steps)
        if (other.masters.contains(master) &&
            other.dropping.contains(master) != step.dropping.contains(master))
          throw Error("{}.{}: flow `{}` keeps its packet header and flow `{}` drops it",
                      arch::to_string(tile), arch::to_string(master),
                      step.dropping.contains(master) ? other.flow : step.flow,
                      step.dropping.contains(master) ? step.flow : other.flow)
              .hint("a port does the same with all packets");
}

}  // namespace

std::vector<PacketRule> exact_rules(const std::set<int>& ids) {
  std::vector<PacketRule> rules;
  for (const int id : ids)
    rules.push_back({id, 0x1F});
  // Two rules that differ in one bit of the id are one rule that ignores it.
  for (size_t i = 0; i < rules.size();) {
    const auto twin =
        std::find_if(rules.begin() + i + 1, rules.end(), [&](const PacketRule& other) {
          return other.mask == rules[i].mask &&
                 std::has_single_bit(uint32_t(other.id ^ rules[i].id));
        });
    if (twin == rules.end()) {
      ++i;
      continue;
    }
    const int differing = twin->id ^ rules[i].id;
    rules[i] = {rules[i].id & twin->id, rules[i].mask & ~differing};
    rules.erase(twin);
    i = 0;
  }
  return rules;
}

std::vector<Connection> connect_packets(Coord tile, const std::vector<PacketStep>& steps,
                                        const std::set<int>& reserved) {
  check_headers(tile, steps);
  const std::map<Masters, Amsel> amsels = assign_amsels(tile, steps, reserved);
  std::map<Amsel, Masters> masters;
  std::map<Port, bool> drops;
  std::set<Port> slaves;
  for (const PacketStep& step : steps) {
    slaves.insert(step.slave);
    masters[amsels.at(step.masters)] = step.masters;
    for (const Port& master : step.masters)
      drops[master] = step.dropping.contains(master);
  }
  std::vector<Connection> connections;
  for (const Port& slave : slaves)
    for (const auto& [amsel, rules] : rules_of(tile, slave, steps, amsels))
      for (const PacketRule& rule : rules)
        for (const Port& master : masters.at(amsel))
          connections.push_back({.tile = tile,
                                 .slave = slave,
                                 .master = master,
                                 .packet_id = rule.id,
                                 .mask = rule.mask,
                                 .arbiter = amsel.arbiter,
                                 .msel = amsel.msel,
                                 .drop_header = drops.at(master)});
  return connections;
}

}  // namespace npu::compiler
