// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/ports.h"
#include "tests/zoo/parts.h"

// Streams that share what they should not: switch channels, receivers, broadcasts.
namespace npu::zoo {
namespace {

/// What two cores send south meets: as packets of two ids, or as circuits.
struct Pair {
  Specimen specimen;
  std::vector<int> sends;  ///< channels of the cores
  std::vector<int> from;   ///< shim channels
  int to = 0;              ///< shim channel
  static constexpr uint64_t kRounds = 2;
  static constexpr uint64_t kWords = kRounds * kObject;

  Design& design() { return specimen.design; }
};

/// One step of a packet's way, always through port 0 and arbiter 0 or, at the end, an arbiter of
/// its own.
compiler::Connection step(Coord tile, arch::Bundle from, arch::Bundle to, int id,
                          bool last = false) {
  const auto channel = static_cast<uint8_t>(last ? id - 1 : 0);
  return {.tile = tile,
          .slave = {from, 0},
          .master = {to, channel},
          .packet_id = id,
          .arbiter = channel,
          .drop_header = last};
}

Pair two_cores(bool packets) {
  Pair p;
  Design& d = p.design();
  d.name = "pair";
  p.to = add_shim(d, "out", 0, Direction::S2mm);
  for (const int i : {0, 1}) {
    const Coord tile{0, static_cast<uint8_t>(2 + i)};
    const std::string n = i == 0 ? "x" : "y";
    const Fifo in = add_fifo(d, n + ".in", tile);
    const Fifo out = add_fifo(d, n, tile);
    p.from.push_back(add_shim(d, n + ".in", 0, Direction::Mm2s));
    add_flow(d, n + ".in", at_shim(d, p.from.back()),
             {at_channel(d, add_ring(d, n + ".in", tile, Direction::S2mm, in))});
    p.sends.push_back(add_ring(d, n, tile, Direction::Mm2s, out));
    d.channels.back().index = 0;
    if (packets)
      for (Descriptor& each : d.channels.back().descriptors)
        each.packet = Packet{.id = 1 + i};
    d.cores.push_back(copying(tile, in, out).end());
  }
  d.arguments = {{"x", arch::Type::I32, Pair::kWords},
                 {"y", arch::Type::I32, Pair::kWords},
                 {"out", arch::Type::I32, 2 * Pair::kWords}};
  // The second core is fed first.
  d.sequence = {
      Transfer{
          .shim_channel = p.to, .argument = 2, .length = 2 * Pair::kWords, .token = true, .id = 1},
      Transfer{.shim_channel = p.from[1], .argument = 1, .length = Pair::kWords, .id = 3},
      Transfer{.shim_channel = p.from[0], .argument = 0, .length = Pair::kWords, .id = 2},
      Await{1}};
  const Words x = counting(Pair::kWords, 1000);
  const Words y = counting(Pair::kWords, 5000);
  p.specimen.arguments = {x, y, Words(2 * Pair::kWords)};
  Words out;
  for (uint64_t round = 0; round < Pair::kRounds; ++round)
    for (const Words* each : {&x, &y})
      out.insert(out.end(), each->begin() + static_cast<int64_t>(round * kObject),
                 each->begin() + static_cast<int64_t>((round + 1) * kObject));
  p.specimen.want = {2, out};
  return p;
}

/// Into a memtile and joined there: x fills its half of C, then y may fill its own.
Specimen daisy_chain(bool packets) {
  Pair p = two_cores(packets);
  Design& d = p.design();
  const int c = add_buffer(d, "C", kMemtile, 2 * kObject);
  const std::vector<int> locks{add_lock(d, "C.free", kMemtile, 1), add_lock(d, "C.x", kMemtile, 0),
                               add_lock(d, "C.full", kMemtile, 0)};
  for (const size_t i : {0, 1}) {
    const std::string n = i == 0 ? "x" : "y";
    const int lane = add_channel(d, n, kMemtile, Direction::S2mm,
                                 {{.buffer = c,
                                   .offset = i * kObject,
                                   .length = kObject,
                                   .acquire = LockUse{.lock = locks[i]},
                                   .release = LockUse{.lock = locks[i + 1]},
                                   .next = 0}});
    d.channels.back().index = static_cast<int>(i);
    add_flow(d, n, at_channel(d, p.sends[i]), {at_channel(d, lane)},
             packets ? std::optional(static_cast<int>(1 + i)) : std::nullopt);
  }
  if (packets) {
    using enum arch::Bundle;
    d.connections = {step(kNorth, Dma, South, 2), step(kCore, North, South, 2),
                     step(kCore, Dma, South, 1), step(kMemtile, North, Dma, 1, true),
                     step(kMemtile, North, Dma, 2, true)};
  }
  const int drain = add_channel(d, "out", kMemtile, Direction::Mm2s,
                                {{.buffer = c,
                                  .length = 2 * kObject,
                                  .acquire = LockUse{.lock = locks[2]},
                                  .release = LockUse{.lock = locks[0]},
                                  .next = 0}});
  add_flow(d, "out", at_channel(d, drain), {at_shim(d, p.to)});
  return p.specimen;
}

TEST(Z03ChainedJoinOverASharedArbiter, HangsWhenTheLaterWriterSendsFirst) {
  expect(daisy_chain(true), Verdict::Hangs,
         "core(0,3).mm2s0 `y` holds arbiter 0 of core(0,2) until its packet ends, and "
         "memtile(0,1).s2mm1 `y` takes no more of it before core(0,2).mm2s0 `x` gets that arbiter: "
         "it waits for lock 1 `C.x` of memtile(0,1) >= 1, is 0");
}
TEST(Z03ChainedJoinOverASharedArbiter, PassesWithAStreamForEachWriter) {
  expect_healthy(daisy_chain(false));
}

/// Into one core that takes an object of x, then an object of y, with room for one of each.
Specimen merge(bool packets) {
  Pair p = two_cores(packets);
  Design& d = p.design();
  const Coord sink = kTop;
  const Fifo out = add_fifo(d, "out", sink);
  std::vector<Fifo> in;
  for (const size_t i : {0, 1}) {
    const std::string n = i == 0 ? "x" : "y";
    in.push_back(add_fifo(d, n + "@sink", sink, 1));
    add_flow(d, n, at_channel(d, p.sends[i]),
             {at_channel(d, add_ring(d, n, sink, Direction::S2mm, in.back()))},
             packets ? std::optional(static_cast<int>(1 + i)) : std::nullopt);
    d.channels.back().index = static_cast<int>(i);
  }
  if (packets) {
    using enum arch::Bundle;
    d.connections = {step(kCore, Dma, North, 1), step(kNorth, South, North, 1),
                     step(kNorth, Dma, North, 2), step(sink, South, Dma, 1, true),
                     step(sink, South, Dma, 2, true)};
  }
  add_flow(d, "out", at_channel(d, add_ring(d, "out", sink, Direction::Mm2s, out)),
           {at_shim(d, p.to)});
  Code code(sink);
  for (const size_t i : {0, 1})
    code.acquire(in[i].full)
        .acquire(out.free)
        .copy(in[i].buffers[0], out.buffers[i])
        .release(in[i].free)
        .release(out.full);
  d.cores.push_back(code.end());
  return p.specimen;
}

TEST(Z04PacketsSharingASwitchChannel, HangWhenTheSinkOfOneWaitsForTheOther) {
  expect(merge(true), Verdict::Hangs,
         "core(0,3).mm2s0 `y` holds arbiter 0 of core(0,3) until its packet ends, and "
         "core(0,4).s2mm1 `y` takes no more of it before core(0,2).mm2s0 `x` gets that arbiter: it "
         "waits for lock 4 `y@sink.free` of core(0,4) >= 1, is 0");
}
TEST(Z04PacketsSharingASwitchChannel, PassAsCircuits) {
  expect_healthy(merge(false));
}

/// Into one memtile channel that takes x and y in turn, or into one channel each.
Specimen collapsed(bool one_channel) {
  Pair p = two_cores(one_channel);
  Design& d = p.design();
  std::vector<Descriptor> takes;
  std::vector<Descriptor> gives;
  for (const int i : {0, 1}) {
    const std::string n = i == 0 ? "X" : "Y";
    const int buffer = add_buffer(d, n, kMemtile, kObject);
    const LockUse free{.lock = add_lock(d, n + ".free", kMemtile, 1)};
    const LockUse full{.lock = add_lock(d, n + ".full", kMemtile, 0)};
    takes.push_back({.buffer = buffer,
                     .length = kObject,
                     .acquire = free,
                     .release = full,
                     .next = one_channel ? 1 - i : 0});
    gives.push_back(
        {.buffer = buffer, .length = kObject, .acquire = full, .release = free, .next = 1 - i});
  }
  if (one_channel) {
    const int lane = add_channel(d, "xy", kMemtile, Direction::S2mm, takes);
    for (const size_t i : {0, 1})
      add_flow(d, i == 0 ? "x" : "y", at_channel(d, p.sends[i]), {at_channel(d, lane)},
               static_cast<int>(1 + i));
  } else {
    for (const size_t i : {0, 1}) {
      const std::string n = i == 0 ? "x" : "y";
      add_flow(d, n, at_channel(d, p.sends[i]),
               {at_channel(d, add_channel(d, n, kMemtile, Direction::S2mm, {takes[i]}))});
    }
  }
  add_flow(d, "out", at_channel(d, add_channel(d, "out", kMemtile, Direction::Mm2s, gives)),
           {at_shim(d, p.to)});
  return p.specimen;
}

TEST(Z05PacketFlowsOnOneReceiver, FillTheBufferWhoseTurnItIs) {
  expect(collapsed(true), Verdict::Wrong,
         "core(0,3).mm2s0 `y` and core(0,2).mm2s0 `x` send to memtile(0,1).s2mm0 `xy` in an order "
         "that nothing fixes, and it fills `X`, `Y` in turn");
}
TEST(Z05PacketFlowsOnOneReceiver, PassWithAChannelEach) {
  expect_healthy(collapsed(false));
}

/// Weights in two halves, kept in a memtile and sent over and over to both cores of a column. The
/// second core begins when the first one has put its partial result into their common memory.
Specimen weights(int replays_per_partial) {
  constexpr int kDepth = 4;  // objects of a half in a core, and of a replay
  constexpr int kReplays = 2;
  const int partials = kReplays / replays_per_partial;
  Specimen s;
  Design& d = s.design;
  d.name = "weights";
  const Fifo partial = add_fifo(d, "partial", kCore, 1);
  const Fifo out = add_fifo(d, "out", kNorth, 1);
  std::vector<Fifo> near;
  std::vector<Fifo> far;
  for (const std::string n : {"w0", "w1"}) {
    near.push_back(add_fifo(d, n + "@near", kCore, kDepth));
    far.push_back(add_fifo(d, n + "@far", kNorth, kDepth));
    d.buffers.push_back({.name = n,
                         .tile = kMemtile,
                         .shape = {kDepth * kObject},
                         .initial = counting(kDepth * kObject)});
    const int half = static_cast<int>(near.size()) - 1;
    const int descriptor = half * arch::kMemtileDescriptorsPerParity;
    const int send = add_channel(d, n, kMemtile, Direction::Mm2s,
                                 {{.buffer = static_cast<int>(d.buffers.size()) - 1,
                                   .length = kDepth * kObject,
                                   .id = descriptor}});
    d.channels[static_cast<size_t>(send)].index = half;
    d.channels[static_cast<size_t>(send)].tasks.clear();
    d.sequence.push_back(start(kMemtile, Direction::Mm2s, half, descriptor, kReplays));
    add_flow(d, n, at_channel(d, send),
             {at_channel(d, add_ring(d, n, kCore, Direction::S2mm, near.back())),
              at_channel(d, add_ring(d, n, kNorth, Direction::S2mm, far.back()))});
  }
  const int to = add_shim(d, "out", 0, Direction::S2mm);
  add_flow(d, "out", at_channel(d, add_ring(d, "out", kNorth, Direction::Mm2s, out)),
           {at_shim(d, to)});
  const auto sum = [&](Code& code, const std::vector<Fifo>& w, int target) {
    for (int i = 0; i < replays_per_partial * kDepth; ++i)
      for (const Fifo& half : w)
        code.acquire(half.full)
            .call(KernelOp::Add, {half.buffers[static_cast<size_t>(i % kDepth)], target, target})
            .release(half.free);
  };
  Code first(kCore);
  first.acquire(partial.free).call(KernelOp::Zero, {partial.buffers[0]});
  sum(first, near, partial.buffers[0]);
  first.release(partial.full);
  Code second(kNorth);
  second.acquire(partial.full).acquire(out.free).copy(partial.buffers[0], out.buffers[0]);
  sum(second, far, out.buffers[0]);
  second.release(partial.free).release(out.full);
  d.cores = {first.end(), second.end()};
  const auto words = static_cast<uint64_t>(partials * kObject);
  d.arguments = {{"out", arch::Type::I32, words}};
  d.sequence.push_back(
      Transfer{.shim_channel = to, .argument = 0, .length = words, .token = true, .id = 1});
  d.sequence.push_back(Await{1});
  Words want(words);
  const Words w = counting(kDepth * kObject);
  for (size_t i = 0; i < words; ++i)
    for (size_t object = 0; object < kDepth; ++object)
      want[i] += 4 * static_cast<uint32_t>(replays_per_partial) * w[object * kObject + i % kObject];
  s.want = {0, want};
  return s;
}

TEST(Z06UnderBufferedCoupledBroadcast, HangsWhenTheReplaysAreDeeperThanTheFifos) {
  expect(weights(2), Verdict::Hangs,
         "core(0,3).s2mm0 `w0` has room for 4 objects and frees none before core(0,2).s2mm0 `w0`, "
         "which the same broadcast feeds, gets more");
}
TEST(Z06UnderBufferedCoupledBroadcast, PassesWhenTheReplayIsSplit) {
  expect_healthy(weights(1));
}

/// One stream to two cores; the host takes what the first one makes of it.
Specimen broadcast(bool both_for_ever) {
  Copy c = copy_through_core(8);
  Design& d = c.design();
  const Fifo in = add_fifo(d, "in@far", kNorth);
  const Fifo out = add_fifo(d, "out@far", kNorth);
  const int to = add_shim(d, "far", 0, Direction::S2mm);
  d.flows[0].destinations.push_back(
      at_channel(d, add_ring(d, "in@far", kNorth, Direction::S2mm, in)));
  add_flow(d, "far", at_channel(d, add_ring(d, "far", kNorth, Direction::Mm2s, out)),
           {at_shim(d, to)});
  Code code = copying(kNorth, in, out);
  d.cores.push_back(both_for_ever ? code.end() : code.done());
  Transfer far = c.transfer(0);
  far.shim_channel = to;
  far.argument = 2;
  far.id = 3;
  d.arguments.push_back(d.arguments[1]);
  d.sequence.insert(d.sequence.begin(), far);
  c.specimen.arguments.push_back(c.specimen.arguments[1]);
  if (both_for_ever)
    d.sequence.push_back(Await{3});
  return c.specimen;
}

TEST(Z07BroadcastBackPressure, HoldsUpAllSinksForTheOneThatIsNotReady) {
  expect(broadcast(false), Verdict::Hangs,
         "lock 0 `in@far.free` of core(0,3) is 0 and only core(0,3) would release it, whose "
         "program has ended");
}
TEST(Z07BroadcastBackPressure, PassesWhenAllSinksTakeAllOfIt) {
  expect_healthy(broadcast(true));
}

/// A stream to a core and, past it, to a second core that adds to it what the first one makes of
/// two objects.
Specimen skip(int depth) {
  Copy c = copy_through_core();
  Design& d = c.design();
  d.flows.pop_back();
  const Fifo near = add_fifo(d, "skip", kNorth, depth);
  const Fifo link = add_fifo(d, "link", kNorth, 1);
  const Fifo out = add_fifo(d, "sum", kNorth, 1);
  d.flows[0].destinations.push_back(
      at_channel(d, add_ring(d, "skip", kNorth, Direction::S2mm, near)));
  add_flow(d, "link", at_channel(d, c.drain),
           {at_channel(d, add_ring(d, "link", kNorth, Direction::S2mm, link))});
  add_flow(d, "sum", at_channel(d, add_ring(d, "sum", kNorth, Direction::Mm2s, out)),
           {at_shim(d, c.to)});
  Code first(kCore);
  for (const size_t i : {0, 1})
    first.acquire(c.in.full, 2)
        .acquire(c.out.free)
        .call(KernelOp::Add, {c.in.buffers[0], c.in.buffers[1], c.out.buffers[i]})
        .release(c.in.free, 2)
        .release(c.out.full);
  Code second(kNorth);
  second.acquire(link.full);
  for (const size_t i : {0, 1})
    second.acquire(near.full)
        .acquire(out.free)
        .call(KernelOp::Add,
              {near.buffers[i % static_cast<size_t>(depth)], link.buffers[0], out.buffers[0]})
        .release(near.free)
        .release(out.full);
  second.release(link.free);
  d.cores = {first.end(), second.end()};
  const Words& a = c.specimen.arguments[0];
  for (size_t i = 0; i < a.size(); ++i) {
    const size_t pair = i / (2 * kObject) * 2 * kObject + i % kObject;
    c.specimen.want->second[i] = a[i] + a[pair] + a[pair + kObject];
  }
  return c.specimen;
}

TEST(Z18SkipConnectionTooShallow, HangsWithOneObjectOfDepth) {
  expect(skip(1), Verdict::Hangs,
         "core(0,3).s2mm0 `skip` has room for 1 object and frees none before core(0,2).s2mm0 `in`, "
         "which the same broadcast feeds, gets more");
}
TEST(Z18SkipConnectionTooShallow, PassesWithTwo) {
  expect_healthy(skip(2));
}

/// Two streams of the host as packets on one channel, to the two inputs of a core.
Specimen two_ids() {
  Copy c = copy_through_core();
  Design& d = c.design();
  const Fifo b = add_fifo(d, "b", kCore);
  const int other = add_ring(d, "b", kCore, Direction::S2mm, b);
  d.flows[0].packet_id = 2;
  add_flow(d, "b", at_shim(d, c.from), {at_channel(d, other)}, 3);
  Code code(kCore);
  for (const size_t i : {0, 1})
    code.acquire(c.in.full)
        .acquire(b.full)
        .acquire(c.out.free)
        .call(KernelOp::Add, {c.in.buffers[i], b.buffers[i], c.out.buffers[i]})
        .release(c.in.free)
        .release(b.free)
        .release(c.out.full);
  d.cores = {code.end()};
  Transfer first = c.transfer(1);
  first.length = 2 * kObject;
  first.packet = Packet{.id = 2};
  Transfer second = first;
  second.packet = Packet{.id = 3};
  second.offset = 4 * first.length;
  second.id = 3;
  c.transfer(0).length = 2 * kObject;
  d.sequence = {c.transfer(0), first, second, Await{1}};
  Words want(4 * kObject);
  for (size_t i = 0; i < 2 * kObject; ++i)
    want[i] = c.specimen.arguments[0][i] + c.specimen.arguments[0][2 * kObject + i];
  c.specimen.want = {1, want};
  return c.specimen;
}

/// The first rule of the core's switch that a packet meets loses the bit that tells the ids apart.
void widen_the_first_rule(Lowered& lowered) {
  for (const compiler::Connection& c : lowered.design.connections) {
    if (c.tile != kCore || c.packet_id != 2)
      continue;
    const int slave = *arch::slave_index(arch::TileKind::Core, c.slave);
    lowered.configuration.push_back(arch::MaskWrite{
        .address =
            arch::address_of(kCore, arch::switch_slot_offset(arch::TileKind::Core, slave, 0)),
        .mask = arch::slot::kMask.mask(),
        .value = 0x1Eu << arch::slot::kMask.lsb});
    return;
  }
}

TEST(Z31OverlappingPacketRules, SendAPacketWhereTheFirstRuleSays) {
  Specimen s = two_ids();
  s.tamper = widen_the_first_rule;
  expect(s, Verdict::Hangs,
         "packet id 3 matches rules (id 2, mask 0x1e) and (id 3, mask 0x1f) of port south0 of "
         "core(0,2): the first takes it");
}
TEST(Z31OverlappingPacketRules, PassWhenEachIdMatchesOneRule) {
  expect_healthy(two_ids());
}

/// Two control packets to a core's tile: the first rewrites a packet rule of its switch, the second
/// writes a word of its memory.
Specimen control_overlay(bool own_rule) {
  constexpr int kId = 3;
  constexpr uint32_t kWordsEach = 2;
  Specimen s;
  Design& d = s.design;
  d.name = "overlay";
  const int from = add_shim(d, "control", 0, Direction::Mm2s);
  d.flows.push_back(
      {.name = "control",
       .source = at_shim(d, from),
       .destinations = {{.tile = kCore, .bundle = arch::Bundle::TileControl, .channel = 0}},
       .packet_id = kId,
       .keep_packet_header = true});
  d.arguments = {{"packets", arch::Type::I32, 2 * kWordsEach}};
  for (const int i : {0, 1})
    d.sequence.push_back(Transfer{.shim_channel = from,
                                  .argument = 0,
                                  .offset = 4ull * kWordsEach * static_cast<uint64_t>(i),
                                  .length = kWordsEach,
                                  .token = i == 1,
                                  .packet = Packet{.id = kId},
                                  .id = i});
  d.sequence.push_back(Await{1});
  arch::Port slave{};
  for (const compiler::Connection& c : compiler::lower(d).design.connections)
    if (c.tile == kCore && c.packet_id == kId)
      slave = c.slave;
  const int port = *arch::slave_index(arch::TileKind::Core, slave);
  const int other = *arch::slave_index(arch::TileKind::Core, {arch::Bundle::East, 3});
  // A control word writes one word at the offset in its low bits.
  s.arguments = {
      {arch::switch_slot_offset(arch::TileKind::Core, own_rule ? port : other, 0), 0, 0x1000, 7}};
  return s;
}

TEST(Z32ControlOverlaySelfInterference, TakesTheWayOfTheNextControlPacket) {
  // Its trace has no signal for what reaches a control port, and tells all but that.
  const Report report = examine(control_overlay(true));
  EXPECT_EQ(report.verdict, Verdict::Hangs);
  EXPECT_EQ(report.cause,
            "packet id 3 of shim(0,0).mm2s0 `control` has lost the way that the design gives it: a "
            "control packet rewrote a switch on it");
}
TEST(Z32ControlOverlaySelfInterference, PassesWhenThePacketRewritesAnotherPort) {
  expect_healthy(control_overlay(false));
}

}  // namespace
}  // namespace npu::zoo
