// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>

#include "tests/e2e/differential/parts.h"

namespace npu::differential {

using arch::Op;

namespace {

constexpr int kDeepest = 3;  // stages behind a source

/// Words on their way, and where they come from.
struct Stream {
  Endpoint source = {};
  uint64_t words = 0;
  std::optional<int> packet = {};
};

/// Buffers used in turn, with a lock that counts the free ones and one that counts the full ones.
struct Station {
  Coord tile;
  std::vector<int> buffers = {};
  uint64_t words = 0;
  int free = 0;
  int full = 0;
};

Station station(Builder& b, Random& r, Coord tile, uint64_t words, int depth) {
  Station s{.tile = tile, .words = words};
  for (int i = 0; i < depth; ++i)
    s.buffers.push_back(b.buffer(tile, words, &r));
  const bool short_of_credit = r.chance(b.mischief);
  s.free = b.lock(tile, short_of_credit ? r.between(0, depth) : depth);
  s.full = b.lock(tile, 0);
  return s;
}

/// Dimensions that visit every word of a buffer once, some of them transposed.
std::vector<compiler::Dim> dims_of(Random& r, uint64_t words) {
  for (const uint64_t inner : {2, 3, 4, 5})
    if (words % inner == 0 && words / inner < 250 && r.chance(20))
      return {{inner, words / inner}, {words / inner, 1}};
  return {};
}

/// The endless loop of a channel over a station's buffers.
Chain turns(Builder& b, Random& r, const Station& s, Direction direction,
            std::optional<int> packet) {
  const bool fills = direction == Direction::S2mm;
  const compiler::LockUse take{.lock = fills ? s.free : s.full};
  const compiler::LockUse give{.lock = fills ? s.full : s.free};
  Chain made;
  for (const int buffer : s.buffers) {
    const uint64_t first = s.words > 1 && r.chance(30)
                               ? static_cast<uint64_t>(r.between(1, static_cast<int>(s.words) - 1))
                               : s.words;
    Descriptor d{.buffer = buffer, .length = first};
    d.acquire = take;
    if (first == s.words)
      d.dims = dims_of(r, s.words);
    if (packet)
      d.packet = compiler::Packet{.id = *packet};
    made.descriptors.push_back(d);
    if (first < s.words) {
      d.acquire.reset();
      d.offset = first;
      d.length = s.words - first;
      made.descriptors.push_back(d);
    }
    if (!r.chance(b.mischief / 4))
      made.descriptors.back().release = give;
  }
  for (size_t i = 0; i < made.descriptors.size(); ++i)
    made.descriptors[i].next = static_cast<int>((i + 1) % made.descriptors.size());
  made.tasks = {{.first = 0}};
  return made;
}

/// A chunk that streams of `words` words fall into, mostly without a rest.
uint64_t chunk(Random& r, uint64_t words) {
  std::vector<uint64_t> even;
  for (uint64_t d = std::max<uint64_t>(1, words / 12); d <= std::min<uint64_t>(words, 200); ++d)
    if (words % d == 0)
      even.push_back(d);
  if (even.empty() || r.chance(15))
    return static_cast<uint64_t>(r.between(1, 60));
  return r.pick(even);
}

std::optional<int> maybe_packet(Builder& b, Random& r) {
  return r.chance(15) ? std::optional(b.packet_id()) : std::nullopt;
}

// Sources.

Stream from_host(Builder& b, Random& r, uint64_t words) {
  Stream s{.words = words, .packet = maybe_packet(b, r)};
  const int channel = b.shim_channel(r, Direction::Mm2s);
  s.source = b.at_shim(channel);
  uint64_t left = b.about(r, words, {0, 2}, s.packet.has_value());
  for (int i = r.between(1, 3); i > 0 && left > 0; --i) {
    const auto part = i == 1 ? left : static_cast<uint64_t>(r.between(1, static_cast<int>(left)));
    const int id = b.transfer(r, channel, part, s.packet);
    if (r.chance(70))
      b.awaited.insert(id);
    left -= part;
  }
  return s;
}

Stream from_memory(Builder& b, Random& r, uint64_t words) {
  Stream s{.words = words, .packet = maybe_packet(b, r)};
  const Coord tile = b.tile(r, {TileKind::Memtile, TileKind::Core}, 0, 1);
  Chain chain =
      b.chain(r, tile, Direction::Mm2s, b.about(r, words, {0, 2}, s.packet.has_value()), s.packet);
  if (r.chance(20) && !chain.descriptors.empty()) {
    int executions = 0;
    for (const auto& task : chain.tasks)
      executions += task.first == 0 ? task.repeat : 0;
    const bool equal = r.chance(30);  // takes nothing
    chain.descriptors[0].acquire = {
        .lock = b.gate(tile, executions), .value = equal ? executions : 1, .equal = equal};
  }
  const int channel = b.channel(tile, Direction::Mm2s, chain);
  if (r.chance(50))
    b.waits.push_back({tile, channel});
  s.source = b.at_channel(channel);
  return s;
}

/// A core counts into buffers that a channel sends.
Stream from_core(Builder& b, Random& r, uint64_t words) {
  const Coord tile = b.tile(r, {TileKind::Core}, 0, 1, true);
  const uint64_t part = chunk(r, words);
  const Station out = station(b, r, tile, part, r.between(1, 3));
  Stream s{.words = words / part * part, .packet = maybe_packet(b, r)};
  Code code(tile);
  const auto depth = static_cast<int>(out.buffers.size());
  const auto fill = [&](int i) {
    code.acquire(out.free);
    code.address(1, out.buffers[static_cast<size_t>(i)]);
    code.constant(3, static_cast<int>(part));
    const int loop = code.here();
    code.emit({.op = Op::AddImm, .dst = 2, .a = 2, .imm = 17});
    code.emit({.op = Op::Store, .dst = 2, .a = 1});
    code.emit({.op = Op::AddImm, .dst = 1, .a = 1, .imm = 4});
    code.emit({.op = Op::Loop, .dst = 3, .imm = loop});
    code.release(out.full);
  };
  const auto chunks = static_cast<int>(b.about(r, words / part, tile, false));
  code.repeat(chunks / depth, 0, [&] {
    for (int i = 0; i < depth; ++i)
      fill(i);
  });
  for (int i = 0; i < chunks % depth; ++i)
    fill(i);
  b.core(code.done());
  b.waits.push_back({tile});
  s.source =
      b.at_channel(b.channel(tile, Direction::Mm2s, turns(b, r, out, Direction::Mm2s, s.packet)));
  return s;
}

// Receivers. Each returns where the stream ends; relays add the stream that they make of it.

using Onward = std::vector<Stream>;

Endpoint to_host(Builder& b, Random& r, const Stream& in, Onward&) {
  const int channel = b.shim_channel(r, Direction::S2mm);
  uint64_t left = b.about(r, in.words, {0, 0}, in.packet.has_value());
  for (int i = r.between(1, 3); i > 0 && left > 0; --i) {
    const auto part = i == 1 ? left : static_cast<uint64_t>(r.between(1, static_cast<int>(left)));
    const int id = b.transfer(r, channel, part);
    if (r.chance(80))
      b.awaited.insert(id);
    left -= part;
  }
  return b.at_shim(channel);
}

Endpoint to_memory(Builder& b, Random& r, const Stream& in, Onward&) {
  const Coord tile = b.tile(r, {TileKind::Memtile, TileKind::Core}, 1, 0);
  const uint64_t words = b.about(r, in.words, tile, in.packet.has_value());
  const int channel = b.channel(tile, Direction::S2mm, b.chain(r, tile, Direction::S2mm, words));
  if (r.chance(60))
    b.waits.push_back({tile, channel});
  return b.at_channel(channel);
}

/// Nobody reads, or somebody reads for ever.
Endpoint to_nowhere(Builder& b, Random& r, const Stream& in, Onward&) {
  const Coord tile = b.tile(r, {TileKind::Memtile, TileKind::Core}, 1, 0);
  if (r.chance(b.mischief))
    return b.at_channel(b.channel(tile, Direction::S2mm, {}));
  Chain chain = b.chain(r, tile, Direction::S2mm, chunk(r, in.words));
  for (size_t i = 0; i < chain.descriptors.size(); ++i)
    chain.descriptors[i].next = static_cast<int>((i + 1) % chain.descriptors.size());
  chain.tasks = {{.first = 0}};
  return b.at_channel(b.channel(tile, Direction::S2mm, chain));
}

/// A memory stores and forwards; in a memtile it may be the neighbour's memory.
Endpoint to_relay(Builder& b, Random& r, const Stream& in, Onward& onward) {
  const Coord tile = b.tile(r, {TileKind::Memtile, TileKind::Memtile, TileKind::Core}, 1, 1);
  Coord memory = tile;
  if (tile.kind() == TileKind::Memtile && b.design.partition.columns > 1 && r.chance(30))
    memory.col = static_cast<uint8_t>(tile.col > 0 ? tile.col - 1 : 1);
  const Station s = station(b, r, memory, chunk(r, in.words), r.between(1, 3));
  Stream out{.words = in.words / s.words * s.words, .packet = maybe_packet(b, r)};
  const int fills = b.channel(tile, Direction::S2mm, turns(b, r, s, Direction::S2mm, std::nullopt));
  const Coord sender = memory != tile && r.chance(50) ? memory : tile;
  out.source =
      b.at_channel(b.channel(sender, Direction::Mm2s, turns(b, r, s, Direction::Mm2s, out.packet)));
  onward.push_back(out);
  return b.at_channel(fills);
}

arch::KernelSpec kernel(arch::KernelOp op, int elements) {
  arch::KernelSpec spec;
  spec.op = op;
  spec.a = spec.b = spec.c = arch::Type::I32;
  spec.m = elements;
  return spec;
}

/// What a core does with one buffer.
void work(Code& code, Random& r, int from, int to, int elements) {
  code.address(10, from);
  code.address(11, to);
  code.address(12, to);
  switch (r.between(0, 3)) {
    case 0:
      return code.call(kernel(arch::KernelOp::Copy, elements), 10);
    case 1:
      return code.call(kernel(arch::KernelOp::Add, elements), 10);
    default:
      for (int i = 0; i < std::min(elements, 3); ++i) {
        code.emit({.op = Op::Load, .dst = 20, .a = 10, .imm = 4 * i});
        code.emit({.op = Op::Load, .dst = 21, .a = 11, .imm = 4 * i});
        code.emit({.op = r.chance(50) ? Op::Add : Op::Mul, .dst = 20, .a = 20, .b = 21});
        code.emit({.op = Op::Store, .dst = 20, .a = 11, .imm = 4 * i});
      }
  }
}

/// A core takes buffers from a stream; it keeps a sum, or makes a stream of its own.
Endpoint to_core(Builder& b, Random& r, const Stream& in, Onward& onward) {
  const bool sends = r.chance(60);
  const Coord tile = b.tile(r, {TileKind::Core}, 1, sends ? 1 : 0, true);
  const int depth = r.between(1, 2);
  const Station from = station(b, r, tile, chunk(r, in.words), depth);
  const Station to = sends ? station(b, r, tile, static_cast<uint64_t>(r.between(1, 60)), depth)
                           : Station{.tile = tile,
                                     .buffers = std::vector<int>(static_cast<size_t>(depth),
                                                                 b.buffer(tile, 60, &r))};
  const auto elements =
      static_cast<int>(std::min<uint64_t>({from.words, sends ? to.words : 60, 60}));
  Code code(tile);
  const auto step = [&](size_t i) {
    code.acquire(from.full);
    if (sends)
      code.acquire(to.free);
    work(code, r, from.buffers[i], to.buffers[i], elements);
    code.release(from.free);
    if (sends)
      code.release(to.full);
  };
  const auto chunks = static_cast<int>(b.about(r, in.words / from.words, tile, false));
  const bool for_ever = r.chance(20);
  code.repeat(for_ever ? -1 : chunks / depth, 0, [&] {
    for (int i = 0; i < depth; ++i)
      step(static_cast<size_t>(i));
  });
  for (int i = 0; i < chunks % depth && !for_ever; ++i)
    step(static_cast<size_t>(i));
  b.core(code.done());
  if (!for_ever && r.chance(80))
    b.waits.push_back({tile});
  const int fills =
      b.channel(tile, Direction::S2mm, turns(b, r, from, Direction::S2mm, std::nullopt));
  if (sends) {
    Stream out{.words = in.words / from.words * to.words, .packet = maybe_packet(b, r)};
    out.source = b.at_channel(
        b.channel(tile, Direction::Mm2s, turns(b, r, to, Direction::Mm2s, out.packet)));
    onward.push_back(out);
  }
  return b.at_channel(fills);
}

void grow(Builder& b, Random& r, const Stream& stream, int depth) {
  using Receiver = Endpoint (*)(Builder&, Random&, const Stream&, Onward&);
  const std::vector<Receiver> ends{to_host, to_host, to_memory, to_memory, to_nowhere};
  const std::vector<Receiver> all{to_host,  to_memory, to_nowhere, to_relay,
                                  to_relay, to_relay,  to_core,    to_core};
  Onward onward;
  std::vector<Endpoint> destinations;
  const int receivers = r.chance(35) ? r.between(2, 3) : 1;
  for (int i = 0; i < receivers; ++i)
    destinations.push_back(r.pick(depth >= kDeepest ? ends : all)(b, r, stream, onward));
  b.flow(stream.source, destinations, stream.packet);
  for (const Stream& next : onward)
    grow(b, r, next, depth + 1);
}

}  // namespace

void add_pipeline(Builder& b, Random& r) {
  // Words that divide well, so that chunks of other sizes come out even.
  const std::vector<int> units{1, 2, 3, 7, 8, 12, 16, 24, 30, 36, 48, 60, 64, 96, 120, 180, 200};
  const auto words = static_cast<uint64_t>(r.pick(units) * r.between(1, 6));
  const int kind = r.between(0, 9);
  const Stream stream = kind < 5   ? from_host(b, r, words)
                        : kind < 8 ? from_memory(b, r, words)
                                   : from_core(b, r, words);
  grow(b, r, stream, 0);
}

void add_join(Builder& b, Random& r) {
  const Coord tile = b.tile(r, {TileKind::Memtile}, 2, 1);
  const auto half = static_cast<uint64_t>(r.between(1, 100));
  const int rounds = r.between(1, 4);
  const int buffer = b.buffer(tile, 2 * half, &r);
  const int full = b.lock(tile, 0);
  Chain out;
  for (int i = 0; i < 2; ++i) {
    const int free = b.lock(tile, r.chance(b.mischief) ? 0 : 1);
    const uint64_t offset = i == 0 ? 0 : half;
    Descriptor fill{.buffer = buffer, .offset = offset, .length = half};
    fill.acquire = {.lock = free};
    fill.release = {.lock = full};
    fill.next = 0;
    const int in = b.channel(tile, Direction::S2mm, {{fill}, {{.first = 0}}});
    Stream s = r.chance(50) ? from_host(b, r, half * static_cast<uint64_t>(rounds))
                            : from_memory(b, r, half * static_cast<uint64_t>(rounds));
    b.flow(s.source, {b.at_channel(in)}, s.packet);
    Descriptor send{.buffer = buffer, .offset = offset, .length = half};
    if (i == 0)
      send.acquire = {.lock = full, .value = 2};
    send.release = {.lock = free};
    send.next = 1 - i;
    out.descriptors.push_back(send);
  }
  out.tasks = {{.first = 0}};
  grow(b, r,
       {.source = b.at_channel(b.channel(tile, Direction::Mm2s, out)),
        .words = 2 * half * static_cast<uint64_t>(rounds),
        .packet = {}},
       kDeepest);
}

}  // namespace npu::differential
