// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>

#include "hw-model/arch/ports.h"
#include "tests/e2e/differential/parts.h"

namespace npu::differential {

using arch::Bundle;

namespace {

constexpr int kSlots = 3;         // descriptors of an out-of-order receiver
constexpr int kFirstSlotId = 15;  // of a core tile; the next ones count down
constexpr int kMostOfShim = 4;    // transfers that its queue takes

struct PacketPlan {
  int id = 0;
  uint64_t words = 0;
  int slot = 0;
};

/// One sender, packets of several ids, and who listens to which.
struct Exchange {
  std::vector<int> ids;
  std::vector<PacketPlan> packets;
  std::vector<std::vector<int>> listens;  ///< ids, by receiver
  bool out_of_order = false;
  bool keep = false;

  bool hears(size_t receiver, const PacketPlan& packet) const {
    return std::find(listens[receiver].begin(), listens[receiver].end(), packet.id) !=
           listens[receiver].end();
  }
};

Exchange plan(Builder& b, Random& r, int most) {
  Exchange e;
  e.out_of_order = r.chance(25);
  e.keep = e.out_of_order || r.chance(25);
  for (int i = r.between(1, 3); i > 0; --i)
    e.ids.push_back(b.packet_id());
  e.listens.resize(static_cast<size_t>(r.between(1, 3)));
  for (size_t i = 0; i < std::max(e.ids.size(), e.listens.size()); ++i)
    e.listens[i % e.listens.size()].push_back(e.ids[i % e.ids.size()]);
  const uint64_t slots[kSlots] = {static_cast<uint64_t>(r.between(1, 60)),
                                  static_cast<uint64_t>(r.between(1, 12)),
                                  static_cast<uint64_t>(r.between(1, 200))};
  for (int i = r.between(1, most); i > 0; --i) {
    PacketPlan p{.id = r.pick(e.ids), .slot = r.between(0, kSlots - 1)};
    p.words = e.out_of_order ? slots[p.slot] : static_cast<uint64_t>(r.between(1, 100));
    e.packets.push_back(p);
  }
  return e;
}

/// Packets of one or two descriptors each; the header comes from the descriptor, or lies in memory.
Endpoint tile_sender(Builder& b, Random& r, const Exchange& e) {
  const Coord tile = b.tile(r, {TileKind::Memtile, TileKind::Core}, 0, 1);
  Chain chain;
  for (const PacketPlan& p : e.packets) {
    Descriptor d{.buffer = b.buffer(tile, p.words + 1, &r), .length = p.words};
    if (r.chance(15) && e.keep && !e.out_of_order) {
      b.data_steers = true;
      b.design.buffers[static_cast<size_t>(d.buffer)].initial[0] =
          arch::packet_header(tile, p.id, 0, 0);
      d.length += 1;
    } else {
      d.packet = compiler::Packet{.id = p.id};
    }
    if (e.out_of_order)
      d.out_of_order_id = kFirstSlotId - p.slot;
    if (p.words > 1 && r.chance(30)) {
      Descriptor rest = d;
      d.length = static_cast<uint64_t>(r.between(1, static_cast<int>(d.length) - 1));
      d.suppress_tlast = true;
      rest.offset = d.length;
      rest.length -= d.length;
      rest.packet.reset();
      chain.descriptors.push_back(d);
      d = rest;
    }
    chain.descriptors.push_back(d);
  }
  for (size_t i = 0; i + 1 < chain.descriptors.size(); ++i)
    chain.descriptors[i].next = static_cast<int>(i) + 1;
  chain.tasks = {{.first = 0}};
  const int channel = b.channel(tile, Direction::Mm2s, chain);
  if (r.chance(70))
    b.waits.push_back({tile, channel});
  return b.at_channel(channel);
}

Endpoint shim_sender(Builder& b, Random& r, const Exchange& e) {
  const int channel = b.shim_channel(r, Direction::Mm2s);
  for (const PacketPlan& p : e.packets) {
    const int id = b.transfer(r, channel, p.words, p.id);
    b.transfers.back().repeat = 1;
    b.transfers.back().iteration_step = 0;
    b.transfers.back().length = p.words;
    b.transfers.back().dims.clear();
    b.design.arguments.back().elements = p.words + 16;
    if (r.chance(60))
      b.awaited.insert(id);
  }
  return b.at_shim(channel);
}

int add_receiver(Builder& b, Random& r, const Exchange& e, size_t index) {
  const std::vector<TileKind> kinds =
      e.out_of_order ? std::vector{TileKind::Core} : std::vector{TileKind::Memtile, TileKind::Core};
  const Coord tile = b.tile(r, kinds, 1, 0);
  uint64_t words = 0;
  uint64_t longest = 1;
  int packets = 0;
  for (const PacketPlan& p : e.packets) {
    if (!e.hears(index, p))
      continue;
    words += p.words + (e.keep ? 1 : 0);
    longest = std::max(longest, p.words + 1);
    ++packets;
  }
  const auto expected = static_cast<int>(b.about(r, static_cast<uint64_t>(packets), tile, true));
  Chain chain;
  int finish = 0;
  if (e.out_of_order) {
    for (int slot = 0; slot < kSlots; ++slot) {
      uint64_t length = 1;
      for (const PacketPlan& p : e.packets)
        if (p.slot == slot)
          length = p.words;
      if (r.chance(b.mischief / 3)) {
        length = b.about(r, length, tile, true);
        b.data_steers = true;
      }
      chain.descriptors.push_back({.buffer = b.buffer(tile, std::max<uint64_t>(length, 1), &r),
                                   .length = length,
                                   .id = kFirstSlotId - slot});
    }
    chain.tasks = {{.first = 0, .repeat = std::max(expected, 1)}};
  } else if (r.chance(40)) {
    finish = r.between(1, 3);
    const auto window = r.chance(80) ? longest + static_cast<uint64_t>(r.between(0, 20))
                                     : static_cast<uint64_t>(r.between(1, 40));
    chain.descriptors.push_back({.buffer = b.buffer(tile, 3 * window + 64, &r), .length = window});
    if (r.chance(50)) {
      chain.descriptors[0].iteration_size = 3;
      chain.descriptors[0].iteration_step = window;
    }
    chain.tasks = {{.first = 0, .repeat = std::max(expected, 1)}};
  } else {
    chain = b.chain(r, tile, Direction::S2mm, b.about(r, words, tile, true));
  }
  const int channel = b.channel(tile, Direction::S2mm, chain);
  b.design.channels[static_cast<size_t>(channel)].out_of_order = e.out_of_order;
  b.design.channels[static_cast<size_t>(channel)].finish_on_tlast = finish;
  if (packets > 0 && r.chance(80))
    b.waits.push_back({tile, channel});
  return channel;
}

/// A tile sender of one packet of each id; returns where it sends from.
int simple_sender(Builder& b, Random& r, Coord tile, int id, uint64_t words, int packets) {
  Chain chain;
  for (int i = 0; i < packets; ++i) {
    Descriptor d{.buffer = b.buffer(tile, words, &r), .length = words};
    d.packet = compiler::Packet{.id = id};
    if (i + 1 < packets)
      d.next = i + 1;
    chain.descriptors.push_back(d);
  }
  chain.tasks = {{.first = 0}};
  return b.channel(tile, Direction::Mm2s, chain);
}

}  // namespace

void add_packets(Builder& b, Random& r) {
  const bool from_shim = r.chance(30);
  Exchange e = plan(b, r, from_shim ? kMostOfShim : 6);
  if (from_shim && e.out_of_order)
    throw NoRoom{};  // the host's transfers name no out-of-order id
  const Endpoint source = from_shim ? shim_sender(b, r, e) : tile_sender(b, r, e);
  std::vector<int> receivers;
  for (size_t i = 0; i < e.listens.size(); ++i)
    receivers.push_back(add_receiver(b, r, e, i));
  for (const int id : e.ids) {
    std::vector<Endpoint> destinations;
    for (size_t i = 0; i < receivers.size(); ++i)
      if (e.hears(i, {.id = id}))
        destinations.push_back(b.at_channel(receivers[i]));
    if (!destinations.empty() && !r.chance(b.mischief / 6))
      b.flow(source, destinations, id, e.keep);
  }
}

/// Two columns send to one receiver; the host lets the second one begin when the first is done.
void add_senders_in_turn(Builder& b, Random& r) {
  const Coord tile = b.tile(r, {TileKind::Memtile, TileKind::Core}, 1, 0);
  const int shims[] = {b.shim_channel(r, Direction::Mm2s), b.shim_channel(r, Direction::Mm2s)};
  const int ids[] = {b.packet_id(), b.packet_id()};
  uint64_t words = 0;
  std::vector<int> turns;
  for (int i = r.between(2, 4); i > 0; --i) {
    const auto part = static_cast<uint64_t>(r.between(1, 80));
    turns.push_back(b.transfer(r, shims[i % 2], part, ids[i % 2]));
    words += part;
  }
  b.in_turn.push_back(turns);
  b.ids_in_turn.push_back({ids[0], ids[1]});
  const int channel = b.channel(tile, Direction::S2mm,
                                b.chain(r, tile, Direction::S2mm, b.about(r, words, tile, true)));
  b.waits.push_back({tile, channel});
  for (int i = 0; i < 2; ++i)
    b.flow(b.at_shim(shims[i]), {b.at_channel(channel)}, ids[i]);
}

/// Two tiles send to one port whenever they can.
void add_race_for_port(Builder& b, Random& r) {
  const Coord tile = b.tile(r, {TileKind::Memtile, TileKind::Core}, 1, 0);
  const auto words = static_cast<uint64_t>(r.between(1, 60));
  const int packets = r.between(1, 3);
  const int channel =
      b.channel(tile, Direction::S2mm,
                b.chain(r, tile, Direction::S2mm, 2 * words * static_cast<uint64_t>(packets)));
  b.waits.push_back({tile, channel});
  for (int i = 0; i < 2; ++i) {
    const Coord from = b.tile(r, {TileKind::Memtile, TileKind::Core}, 0, 1);
    const int id = b.packet_id();
    b.flow(b.at_channel(simple_sender(b, r, from, id, words, packets)), {b.at_channel(channel)},
           id);
  }
  b.must_be_flagged = true;
}

/// Two senders share the way to two receivers, one of which does not take all of its words.
void add_race_for_trunk(Builder& b, Random& r) {
  const Coord from = b.tile(r, {TileKind::Memtile}, 0, 2);
  const Coord to{from.col, 2};
  if (!b.design.connections.empty())
    throw NoRoom{};
  const auto words = static_cast<uint64_t>(r.between(1, 60));
  const auto short_by = static_cast<uint64_t>(r.chance(60) ? r.between(0, 25) : 0);
  const arch::Port trunk{Bundle::North, 0};
  for (int i = 0; i < 2; ++i) {
    const int id = b.packet_id();
    const int sends = simple_sender(b, r, from, id, words, 2);
    const uint64_t wanted = 2 * words - std::min(2 * words, i == 0 ? short_by : 0);
    const int takes = b.channel(to, Direction::S2mm, b.chain(r, to, Direction::S2mm, wanted));
    for (const int channel : {sends, takes})
      b.design.channels[static_cast<size_t>(channel)].index = i;
    b.waits.push_back({to, takes});
    b.waits.push_back({from, sends});
    const arch::Port port{Bundle::Dma, static_cast<uint8_t>(i)};
    b.design.connections.push_back({.tile = from, .slave = port, .master = trunk, .packet_id = id});
    b.design.connections.push_back({.tile = to,
                                    .slave = {Bundle::South, 0},
                                    .master = port,
                                    .packet_id = id,
                                    .arbiter = i,
                                    .drop_header = true});
  }
}

}  // namespace npu::differential
