// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <array>

#include "tests/zoo/parts.h"

// Locks that count the wrong thing: who arrived, how much is held, in which order.
namespace npu::zoo {
namespace {

constexpr uint64_t kApart = 16;  ///< words of an object of the second lane that go elsewhere

/// Two cores, each fed by the host, whose outputs meet in one L2 buffer. The second lane brings a
/// few words for another buffer before its part, and its core is fed late.
struct Join {
  Specimen specimen;
  int c = 0;                                  ///< the L2 buffer
  std::vector<Descriptor> parts;              ///< of the lanes, without locks
  std::array<compiler::Channel*, 2> lanes{};  ///< receivers
  compiler::Channel* drain = nullptr;
};

Specimen join(const std::function<void(Design&, Join&)>& connect) {
  constexpr int kRounds = 2;
  constexpr auto kIn = static_cast<uint64_t>(kRounds * kObject);
  constexpr uint64_t kPart = 2 * kObject - kApart;  // words of C
  Join join;
  Design& d = join.specimen.design;
  d.name = "join";
  join.c = add_buffer(d, "C", kMemtile, kPart);
  const int apart = add_buffer(d, "D", kMemtile, kApart);
  join.parts = {{.buffer = join.c, .length = kObject},
                {.buffer = join.c, .offset = kObject, .length = kObject - kApart}};
  const int to = add_shim(d, "C", 0, Direction::S2mm);
  std::vector<int> from;
  std::vector<int> channels;
  for (const int i : {0, 1}) {
    const Coord tile{0, static_cast<uint8_t>(2 + i)};
    const std::string n = std::to_string(i);
    const Fifo in = add_fifo(d, "A" + n, tile);
    const Fifo out = add_fifo(d, "C" + n, tile);
    from.push_back(add_shim(d, "A" + n, 0, Direction::Mm2s));
    add_flow(d, "A" + n, at_shim(d, from.back()),
             {at_channel(d, add_ring(d, "A" + n, tile, Direction::S2mm, in))});
    const int send = add_ring(d, "C" + n, tile, Direction::Mm2s, out);
    channels.push_back(add_channel(d, "C" + n, kMemtile, Direction::S2mm));
    add_flow(d, "C" + n, at_channel(d, send), {at_channel(d, channels.back())});
    d.cores.push_back(copying(tile, in, out).end());
  }
  channels.push_back(add_channel(d, "C", kMemtile, Direction::Mm2s));
  add_flow(d, "C", at_channel(d, channels.back()), {at_shim(d, to)});
  for (const int channel : channels)
    d.channels[static_cast<size_t>(channel)].tasks = {{.first = 0}};
  for (const size_t i : {0, 1})
    join.lanes[i] = &d.channels[static_cast<size_t>(channels[i])];
  join.drain = &d.channels.back();
  connect(d, join);
  join.lanes[0]->descriptors[0].next = 0;
  join.lanes[1]->descriptors[0].next = 1;
  join.lanes[1]->descriptors.push_back({.buffer = apart, .length = kApart, .next = 0});
  join.lanes[1]->tasks = {{.first = 1}};
  constexpr uint64_t kOut = kRounds * kPart;
  d.arguments = {
      {"A0", arch::Type::I32, kIn}, {"A1", arch::Type::I32, kIn}, {"C", arch::Type::I32, kOut}};
  d.sequence = {Transfer{.shim_channel = to, .argument = 2, .length = kOut, .token = true, .id = 1},
                Transfer{.shim_channel = from[0], .argument = 0, .length = kIn, .id = 2},
                Transfer{.shim_channel = from[1], .argument = 1, .length = kIn, .id = 3}, Await{1}};
  const Words a0 = counting(kIn, 1000);
  const Words a1 = counting(kIn, 5000);
  join.specimen.arguments = {a0, a1, Words(kOut)};
  Words c;
  for (int64_t round = 0; round < kRounds; ++round) {
    c.insert(c.end(), a0.begin() + round * kObject, a0.begin() + (round + 1) * kObject);
    c.insert(c.end(), a1.begin() + round * kObject + static_cast<int64_t>(kApart),
             a1.begin() + (round + 1) * kObject);
  }
  join.specimen.want = {2, c};
  return join.specimen;
}

/// Both writers take from one lock that counts two free parts.
void one_counting_lock(Design& d, Join& join) {
  const int free = add_lock(d, "C.free", kMemtile, 2);
  const int full = add_lock(d, "C.full", kMemtile, 0);
  for (const size_t i : {0, 1}) {
    join.lanes[i]->descriptors = {join.parts[i]};
    join.lanes[i]->descriptors[0].acquire = LockUse{.lock = free};
    join.lanes[i]->descriptors[0].release = LockUse{.lock = full};
  }
  join.drain->descriptors = {{.buffer = join.c,
                              .length = 2 * kObject - kApart,
                              .acquire = LockUse{.lock = full, .value = 2},
                              .release = LockUse{.lock = free, .value = 2},
                              .next = 0}};
}

/// Each part has a pair of its own.
void a_pair_a_writer(Design& d, Join& join) {
  for (const size_t i : {0, 1}) {
    const LockUse free{.lock = add_lock(d, "C" + std::to_string(i) + ".free", kMemtile, 1)};
    const LockUse full{.lock = add_lock(d, "C" + std::to_string(i) + ".full", kMemtile, 0)};
    Descriptor in = join.parts[i];
    in.acquire = free;
    in.release = full;
    join.lanes[i]->descriptors = {in};
    Descriptor out = join.parts[i];
    out.acquire = full;
    out.release = free;
    out.next = 1 - static_cast<int>(i);
    join.drain->descriptors.push_back(out);
  }
}

TEST(Z02JoinWithOneCountingLock, LetsAFastLaneTakeTheTurnOfASlowOne) {
  expect(join(one_counting_lock), Verdict::Hangs,
         "memtile(0,1).s2mm0 `C0` took 3 turns at `C` more than memtile(0,1).s2mm1 `C1`: lock 0 "
         "`C.free` of memtile(0,1) counts turns and not who takes them");
}
TEST(Z02JoinWithOneCountingLock, PassesWithALockForEachWriter) {
  expect_healthy(join(a_pair_a_writer));
}

/// The offsets of the parts come from one dimension only: both lanes fill the first one.
void same_offset(Design& d, Join& join) {
  a_pair_a_writer(d, join);
  join.lanes[1]->descriptors[0].offset = 0;
}

TEST(Z30WrongNumberOfPieces, SendsAHalfThatNobodyFills) {
  expect(join(same_offset), Verdict::Wrong,
         "memtile(0,1).mm2s0 bd2 sent 960 of 960 bytes of `C` [496xi32] that nothing had written: "
         "offsets 1024..1983");
}
TEST(Z30WrongNumberOfPieces, PassesWhenTheOffsetsAreThoseOfThePieces) {
  expect_healthy(join(a_pair_a_writer));
}

/// Two launches through one L2 buffer that only the order of launches protects: each starts its
/// writer, and nothing tells the writer that the buffer has been read. The core is slow.
Specimen launches() {
  constexpr auto kWords = static_cast<uint64_t>(16 * kObject);
  Specimen s;
  Design& d = s.design;
  d.name = "launches";
  const Fifo in = add_fifo(d, "in", kCore);
  const Fifo out = add_fifo(d, "out", kCore);
  const int a = add_buffer(d, "A", kMemtile, kWords);
  const int full = add_lock(d, "A.full", kMemtile, 0);
  const int from = add_shim(d, "A", 0, Direction::Mm2s);
  const int to = add_shim(d, "C", 0, Direction::S2mm);
  const int write =
      add_channel(d, "A", kMemtile, Direction::S2mm,
                  {{.buffer = a, .length = kWords, .release = LockUse{.lock = full}, .id = 0}});
  d.channels[static_cast<size_t>(write)].index = 0;
  d.channels[static_cast<size_t>(write)].tasks.clear();
  const int read =
      add_channel(d, "A.l1", kMemtile, Direction::Mm2s,
                  {{.buffer = a, .length = kWords, .acquire = LockUse{.lock = full}, .next = 0}});
  add_flow(d, "A", at_shim(d, from), {at_channel(d, write)});
  add_flow(d, "A.l1", at_channel(d, read),
           {at_channel(d, add_ring(d, "A.l1", kCore, Direction::S2mm, in))});
  add_flow(d, "C", at_channel(d, add_ring(d, "C", kCore, Direction::Mm2s, out)), {at_shim(d, to)});
  Code code(kCore);
  for (const size_t i : {0, 1}) {
    code.acquire(in.full).acquire(out.free);
    for (int slow = 0; slow < 4; ++slow)
      code.copy(in.buffers[i], out.buffers[i]);
    code.release(in.free).release(out.full);
  }
  d.cores = {code.end()};
  d.arguments = {{"A", arch::Type::I32, 2 * kWords}, {"C", arch::Type::I32, 2 * kWords}};
  for (const uint64_t launch : {0, 1}) {
    const int id = static_cast<int>(launch);
    d.sequence.push_back(start(kMemtile, Direction::S2mm, 0, 0));
    d.sequence.push_back(Transfer{.shim_channel = to,
                                  .argument = 1,
                                  .offset = 4 * launch * kWords,
                                  .length = kWords,
                                  .token = true,
                                  .descriptor = 2 * id,
                                  .id = 2 * id});
    d.sequence.push_back(Transfer{.shim_channel = from,
                                  .argument = 0,
                                  .offset = 4 * launch * kWords,
                                  .length = kWords,
                                  .descriptor = 2 * id + 1,
                                  .id = 2 * id + 1});
    d.sequence.push_back(Await{2 * id});
  }
  s.arguments = {counting(2 * kWords)};
  s.want = {1, counting(2 * kWords)};
  return s;
}

TEST(Z11MissingBarrierBetweenLaunches, LetsTheNextLaunchOverwriteTheDataOfThisOne) {
  Specimen s = launches();
  s.tamper = wait_at_the_end;
  expect(s, Verdict::Wrong,
         "memtile(0,1).s2mm0 `A` writes `A` while memtile(0,1).mm2s0 `A.l1` sends it");
}
TEST(Z11MissingBarrierBetweenLaunches, PassesWhenALaunchIsAwaitedBeforeTheNextStarts) {
  expect_healthy(launches());
}

/// Weights that lie in a memtile from the start, sent to a core once for each object of input.
Specimen weights(bool give_back) {
  Copy c = copy_through_core(2);
  Design& d = c.design();
  const Fifo w = add_fifo(d, "w", kCore, 1);
  d.buffers.push_back(
      {.name = "W", .tile = kMemtile, .shape = {kObject}, .initial = counting(kObject, 100)});
  const int there = add_lock(d, "W.full", kMemtile, 1);
  Descriptor send{.buffer = static_cast<int>(d.buffers.size()) - 1,
                  .length = kObject,
                  .acquire = LockUse{.lock = there},
                  .next = 0};
  if (give_back)
    send.release = LockUse{.lock = there};
  const int out = add_channel(d, "w", kMemtile, Direction::Mm2s, {send});
  add_flow(d, "w", at_channel(d, out),
           {at_channel(d, add_ring(d, "w", kCore, Direction::S2mm, w))});
  Code code(kCore);
  for (const size_t i : {0, 1})
    code.acquire(c.in.full)
        .acquire(w.full)
        .acquire(c.out.free)
        .call(KernelOp::Add, {c.in.buffers[i], w.buffers[0], c.out.buffers[i]})
        .release(c.in.free)
        .release(w.free)
        .release(c.out.full);
  d.cores = {code.end()};
  for (size_t i = 0; i < c.specimen.want->second.size(); ++i)
    c.specimen.want->second[i] += 100 + static_cast<uint32_t>(i % kObject);
  return c.specimen;
}

TEST(Z16InitialisedBufferReplayed, IsSentOnceWhenNothingGivesItsLockBack) {
  expect(weights(false), Verdict::Hangs,
         "lock 0 `W.full` of memtile(0,1) is 0 and nothing in the design releases it: the initial "
         "data of `W` is sent once only");
}
TEST(Z16InitialisedBufferReplayed, PassesWhenTheReaderGivesTheLockBack) {
  expect_healthy(weights(true));
}

/// A window of three objects that slides by one over rows of six. Each step asks for the whole
/// window, or the row for two objects and each step for one more.
Specimen window(bool whole) {
  constexpr int kSteps = 4;
  Copy c = copy_through_core(6, 3, 2);
  Code code(kCore);
  if (!whole)
    code.acquire(c.in.full, 2);
  for (size_t i = 0; i < kSteps; ++i)
    code.acquire(c.in.full, whole ? 3 : 1)
        .acquire(c.out.free)
        .copy(c.in.buffers[i % 3], c.out.buffers[i % 2])
        .release(c.in.free)
        .release(c.out.full);
  code.release(c.in.free, 2);
  c.design().cores = {code.end()};
  c.transfer(0).length = kSteps * kObject;
  c.specimen.want->second.resize(kSteps * kObject);
  c.specimen.want->second.resize(6 * kObject);
  return c.specimen;
}

TEST(Z17AcquireWindowInALoop, ExhaustsTheObjectsThatThereAre) {
  expect(window(true), Verdict::Hangs,
         "core(0,2) holds 2 of the 3 objects that lock 1 `in.full` of core(0,2) counts and asks "
         "for 3 more");
}
TEST(Z17AcquireWindowInALoop, PassesWhenARoundAsksForWhatItIsMissing) {
  expect_healthy(window(false));
}

/// A core that takes its input objects in an order of its own.
Specimen order_of_use(size_t first, size_t second) {
  Copy c = copy_through_core();
  Code code(kCore);
  for (const size_t i : {first, second})
    code.acquire(c.in.full)
        .acquire(c.out.free)
        .copy(c.in.buffers[i], c.out.buffers[i == first ? 0 : 1])
        .release(c.in.free)
        .release(c.out.full);
  c.design().cores = {code.end()};
  return c.specimen;
}

TEST(Z19RingOrderVersusProgramOrder, ReadsAnObjectThatHasNotComeYet) {
  expect(order_of_use(1, 0), Verdict::Wrong,
         "core(0,2) reads `in.1`, which nothing wrote: core(0,2).s2mm0 `in` fills `in.0`, `in.1` "
         "in this order under one lock");
}
TEST(Z19RingOrderVersusProgramOrder, PassesWhenTheProgramFollowsTheRing) {
  expect_healthy(order_of_use(0, 1));
}

/// The core takes its only output object before it computes into it, or only before it passes it
/// on. The host takes the results late.
Specimen output_lock(bool before) {
  Copy c = copy_through_core(4, 2, 1);
  Code code(kCore);
  for (const size_t i : {0, 1}) {
    code.acquire(c.in.full);
    if (before)
      code.acquire(c.out.free);
    code.copy(c.in.buffers[i], c.out.buffers[0]);
    if (!before)
      code.acquire(c.out.free);
    code.release(c.in.free).release(c.out.full);
  }
  c.design().cores = {code.end()};
  std::swap(c.design().sequence[0], c.design().sequence[1]);
  return c.specimen;
}

TEST(Z20OutputAcquiredAfterComputing, OverwritesWhatIsBeingSent) {
  expect(output_lock(false), Verdict::Wrong,
         "core(0,2) writes `out.0` while core(0,2).mm2s0 `out` sends it");
}
TEST(Z20OutputAcquiredAfterComputing, PassesWhenItIsAcquiredBefore) {
  expect_healthy(output_lock(true));
}

/// Sums two objects of input into one of output; the sum is cleared in the loop, or once.
Specimen accumulator(bool every_round) {
  Copy c = copy_through_core(4, 2, 1);
  Code code(kCore);
  const int sum = c.out.buffers[0];
  if (!every_round)
    code.call(KernelOp::Zero, {sum});
  code.loop().acquire(c.out.free);
  if (every_round)
    code.call(KernelOp::Zero, {sum});
  for (const size_t i : {0, 1})
    code.acquire(c.in.full).call(KernelOp::Add, {c.in.buffers[i], sum, sum}).release(c.in.free);
  code.release(c.out.full);
  c.design().cores = {code.end()};
  c.transfer(0).length = 2 * kObject;
  Words want(4 * kObject);
  const Words& a = c.specimen.arguments[0];
  for (size_t i = 0; i < 2 * kObject; ++i) {
    const size_t at = i / kObject * 2 * kObject + i % kObject;
    want[i] = a[at] + a[at + kObject];
  }
  c.specimen.want = {1, want};
  return c.specimen;
}

TEST(Z28AccumulatorNotCleared, AddsTheTileBefore) {
  expect(accumulator(false), Verdict::Wrong,
         "core(0,2) adds to `out.0` in every round of its loop and never clears it there");
}
TEST(Z28AccumulatorNotCleared, PassesWhenEveryRoundClearsIt) {
  expect_healthy(accumulator(true));
}

}  // namespace
}  // namespace npu::zoo
