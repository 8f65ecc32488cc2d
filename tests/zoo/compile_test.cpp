// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/compile.h"

#include <cstring>

#include "tests/zoo/parts.h"

// What a compiler gets wrong, or refuses with the reason.
namespace npu::zoo {
namespace {

/// A matmul on a herd of 4x2 whose rows of C are split by `how`. Whole numbers, exact in any order.
Specimen matmul(compiler::matmul::SplitL2 how, compiler::matmul::L2Locks locks) {
  compiler::matmul::Problem p;
  p.a = p.b = p.c = arch::Type::F32;
  p.m = 256;
  p.k = 256;
  p.n = 320;
  compiler::matmul::Options options;
  options.strategy = "pad-pack-2024-04-24";
  options.split_l2 = how;
  options.l2_locks = locks;
  Specimen s;
  s.design = compiler::build(p, arch::partition_of(arch::kNpu1, 4), s.timing, options);
  const auto value = [](int64_t i) { return static_cast<float>(i * 7 % 5 - 2); };
  const auto bits = [](float f) {
    uint32_t word = 0;
    std::memcpy(&word, &f, 4);
    return word;
  };
  Words a(static_cast<size_t>(p.m * p.k));
  Words b(static_cast<size_t>(p.k * p.n));
  Words c(static_cast<size_t>(p.m * p.n));
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = bits(value(static_cast<int64_t>(i)));
  for (size_t i = 0; i < b.size(); ++i)
    b[i] = bits(value(static_cast<int64_t>(i)));
  for (int64_t i = 0; i < p.m; ++i)
    for (int64_t j = 0; j < p.n; ++j) {
      float sum = 0;
      for (int64_t k = 0; k < p.k; ++k)
        sum += value(i * p.k + k) * value(k * p.n + j);
      c[static_cast<size_t>(i * p.n + j)] = bits(sum);
    }
  s.want = {2, c};
  s.arguments = {a, b, Words(c.size())};
  return s;
}

using compiler::matmul::L2Locks;
using compiler::matmul::SplitL2;

TEST(Z01OrphanPieceOfC, HangsBeforeTheSecondOutputTile) {
  expect(matmul(SplitL2::Legacy, L2Locks::Shared), Verdict::Hangs,
         "lock 4 `C@32.write` of memtile(1,1) is 0 and nothing in the design releases it");
}
TEST(Z01OrphanPieceOfC, IsAPieceWithTwoWritersAndNoReader) {
  const std::string text = examine(matmul(SplitL2::Legacy, L2Locks::Shared)).text;
  EXPECT_NE(text.find("buffer `C@32` [32x64xf32] of memtile(1,1) has 2 writers and 0 readers"),
            std::string::npos)
      << text;
}
TEST(Z01OrphanPieceOfC, PassesWhenCIsSplitByTheColumnsOfTheHerd) {
  expect_healthy(matmul(SplitL2::Fixed, L2Locks::PerWriter));
}

/// Through a buffer in a memtile that is written piece by piece.
Specimen in_pieces(int pieces) {
  Copy c = copy_through_core(4);
  Design& d = c.design();
  const uint64_t words = 4 * kObject;
  const int l2 = add_buffer(d, "L2", kMemtile, static_cast<int64_t>(words));
  const LockUse free{.lock = add_lock(d, "L2.free", kMemtile, 1)};
  const LockUse full{.lock = add_lock(d, "L2.full", kMemtile, 0)};
  std::vector<Descriptor> writes;
  const uint64_t piece = words / static_cast<uint64_t>(pieces);
  for (int i = 0; i < pieces; ++i)
    writes.push_back({.buffer = l2,
                      .offset = static_cast<uint64_t>(i) * piece,
                      .length = i + 1 == pieces ? words - static_cast<uint64_t>(i) * piece : piece,
                      .next = (i + 1) % pieces});
  writes.front().acquire = free;
  writes.back().release = full;
  const int in = add_channel(d, "L2", kMemtile, Direction::S2mm, writes);
  const int out =
      add_channel(d, "in", kMemtile, Direction::Mm2s,
                  {{.buffer = l2, .length = words, .acquire = full, .release = free, .next = 0}});
  const std::vector<compiler::Endpoint> sinks = d.flows[0].destinations;
  d.flows[0].destinations = {at_channel(d, in)};
  add_flow(d, "in.l1", at_channel(d, out), sinks);
  return c.specimen;
}

TEST(Z10TooFewDescriptors, IsRefusedWithTheNumberThatAChannelReaches) {
  expect(in_pieces(26), Verdict::Refused,
         "memtile(0,1).s2mm0 (L2): channel 0 needs 26 descriptors, 24 reachable");
}
TEST(Z10TooFewDescriptors, PassesWithAsManyAsThereAre) {
  expect_healthy(in_pieces(24));
}

/// An input object of the core at a given address.
Specimen placed(uint32_t address, int stack) {
  Copy c = copy_through_core();
  c.design().buffers[static_cast<size_t>(c.in.buffers[0])].address = address;
  c.core().stack_bytes = stack;
  return c.specimen;
}

TEST(Z22StackOverlapsABuffer, IsRefusedWithTheStackThatTheCoreNeeds) {
  expect(
      placed(1024, 1216), Verdict::Refused,
      "core(0,2): buffer `in.0` at 0x400..0x800 overlaps the stack at 0x0..0x4c0 [buffers-apart]");
}
TEST(Z22StackOverlapsABuffer, IsFoundInADesignThatCameWithoutACheck) {
  Specimen s = placed(1024, 1024);
  s.tamper = [](Lowered& lowered) {
    lowered.names.buffers.push_back(
        {.tile = kCore, .offset = 0, .bytes = 1216, .name = "stack", .shape = "1216xi8"});
  };
  expect(s, Verdict::Suspect, "the stack of core(0,2) overlaps buffer in.0, at core(0,2) 0x400");
}
TEST(Z22StackOverlapsABuffer, PassesBehindTheStack) {
  expect_healthy(placed(1216, 1216));
}

/// All of a memtile's memory in one buffer, sent by some descriptors.
Specimen long_transfer(int descriptors) {
  constexpr uint64_t kWords = 512 * 1024 / 4;
  Specimen s;
  Design& d = s.design;
  const int l2 = add_buffer(d, "L2", kMemtile, kWords);
  const LockUse free{.lock = add_lock(d, "L2.free", kMemtile, 1)};
  const LockUse full{.lock = add_lock(d, "L2.full", kMemtile, 0)};
  const auto walk = [&](const LockUse& first, const LockUse& last) {
    std::vector<Descriptor> out;
    for (int i = 0; i < descriptors; ++i)
      out.push_back(
          {.buffer = l2,
           .offset = static_cast<uint64_t>(i) * kWords / static_cast<uint64_t>(descriptors),
           .length = kWords / static_cast<uint64_t>(descriptors),
           .next = (i + 1) % descriptors});
    out.front().acquire = first;
    out.back().release = last;
    return out;
  };
  const int in = add_channel(d, "in", kMemtile, Direction::S2mm, walk(free, full));
  const int out = add_channel(d, "out", kMemtile, Direction::Mm2s, walk(full, free));
  const int from = add_shim(d, "in", 0, Direction::Mm2s);
  const int to = add_shim(d, "out", 0, Direction::S2mm);
  add_flow(d, "in", at_shim(d, from), {at_channel(d, in)});
  add_flow(d, "out", at_channel(d, out), {at_shim(d, to)});
  d.arguments = {{"a", arch::Type::I32, kWords}, {"c", arch::Type::I32, kWords}};
  d.sequence = fill_and_drain(from, to, kWords);
  s.arguments = {counting(kWords), Words(kWords)};
  s.want = {1, counting(kWords)};
  return s;
}

TEST(Z23TruncatedField, IsRefusedWithTheWidthOfTheField) {
  expect(long_transfer(1), Verdict::Refused,
         "memtile(0,1).s2mm0 (in): descriptor 0: length 131072 words, at most 131071; and 1 "
         "more [descriptor-fields]");
}
TEST(Z23TruncatedField, PassesInTwoDescriptors) {
  expect_healthy(long_transfer(2));
}

Specimen from_byte(uint64_t byte) {
  Copy c = copy_through_core();
  const uint64_t words = c.transfer(1).length;
  c.design().arguments[0].elements += 1;
  c.specimen.arguments[0] = counting(words + 1, 0);
  c.transfer(1).offset = byte;
  return c.specimen;
}

TEST(Z24SubWordOffset, IsRefusedInsteadOfRounded) {
  expect(from_byte(2), Verdict::Refused,
         "shim(0,0).mm2s (in): transfer 2 starts at byte 2 [transfers-in-argument]");
}
TEST(Z24SubWordOffset, PassesInWholeWords) {
  expect_healthy(from_byte(4));
}

/// The first, the middle and the last object of a stream have movers of their own after peeling: as
/// channels, or as descriptors of one channel.
Specimen peeled(bool share) {
  Specimen s = copy_through_core(3).specimen;
  Design& d = s.design;
  d.buffers.clear();
  d.locks.clear();
  d.channels.clear();
  d.flows.clear();
  const int from = 0;
  const int to = 1;
  const Fifo out = add_fifo(d, "out", kCore, 1);
  add_flow(d, "out", at_channel(d, add_ring(d, "out", kCore, Direction::Mm2s, out)),
           {at_shim(d, to)});
  std::vector<Descriptor> all;
  Code code(kCore);
  for (const std::string n : {"first", "middle", "last"}) {
    const Fifo in = add_fifo(d, n, kCore, 1);
    code.acquire(in.full)
        .acquire(out.free)
        .copy(in.buffers[0], out.buffers[0])
        .release(in.free)
        .release(out.full);
    all.push_back(ring(in, Direction::S2mm)[0]);
    all.back().next = static_cast<int>(all.size()) % 3;
    if (!share)
      add_flow(d, n, at_shim(d, from), {at_channel(d, add_ring(d, n, kCore, Direction::S2mm, in))});
  }
  if (share)
    add_flow(d, "in", at_shim(d, from),
             {at_channel(d, add_channel(d, "in", kCore, Direction::S2mm, all))});
  d.cores = {code.end()};
  return s;
}

TEST(Z29PeelingDuplicatesMovers, IsRefusedWithTheChannelsThatThereAre) {
  expect(peeled(false), Verdict::Refused,
         "core(0,2): needs 3 s2mm channels, has 2: first, middle, last");
}
TEST(Z29PeelingDuplicatesMovers, PassesWhenTheCopiesShareAChannel) {
  expect_healthy(peeled(true));
}

}  // namespace
}  // namespace npu::zoo
