// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/e2e/differential/parts.h"

namespace npu::differential {

using arch::Op;

namespace {

constexpr int kShared = 8;  // words of a shared buffer

/// Changes every word of a buffer, in a way that keeps the order of changes visible.
void stir(Code& code, int buffer, int by) {
  code.address(10, buffer);
  code.constant(11, by | 1);
  for (int i = 0; i < kShared; ++i) {
    code.emit({.op = Op::Load, .dst = 12, .a = 10, .imm = 4 * i});
    code.emit({.op = Op::Mul, .dst = 12, .a = 12, .b = 11});
    code.emit({.op = Op::AddImm, .dst = 12, .a = 12, .imm = by});
    code.emit({.op = Op::Store, .dst = 12, .a = 10, .imm = 4 * i});
  }
}

/// Time that passes before the next instruction.
void idle(Code& code, Random& r) {
  for (int i = r.between(0, 6); i > 0; --i)
    code.emit({.op = Op::Nop});
}

}  // namespace

/// Two neighbours take turns at one buffer: producer and consumer, with a lock for each direction.
void add_shared_memory(Builder& b, Random& r) {
  const auto [south, north] = b.core_pair(r);
  const Coord owner = r.chance(50) ? south : north;
  const int buffer = b.buffer(owner, kShared, &r);
  const int free = b.lock(owner, r.chance(b.mischief) ? 0 : 1);
  const int full = b.lock(owner, 0);
  const int rounds = r.between(1, 8);
  for (const bool produces : {true, false}) {
    Code code(produces ? south : north);
    code.repeat(static_cast<int>(b.about(r, static_cast<uint64_t>(rounds), owner, false)), 0, [&] {
      idle(code, r);
      code.acquire(produces ? free : full);
      stir(code, buffer, produces ? 5 : 9);
      if (!r.chance(b.mischief / 4))
        code.release(produces ? full : free);
    });
    b.core(code.done());
    b.waits.push_back({produces ? south : north});
  }
}

/// Both cores take the same lock, and two more locks say whose turn it is.
void add_baton(Builder& b, Random& r) {
  const auto [south, north] = b.core_pair(r);
  const int buffer = b.buffer(south, kShared, &r);
  const int shared = b.lock(south, 1);
  const int turns[] = {b.lock(south, r.chance(b.mischief / 2) ? 0 : 1), b.lock(north, 0)};
  const int rounds = r.between(1, 6);
  for (const int side : {0, 1}) {
    Code code(side == 0 ? south : north);
    code.repeat(rounds, 0, [&] {
      idle(code, r);
      code.acquire(turns[side]);
      code.acquire(shared);
      stir(code, buffer, 3 + 4 * side);
      code.release(shared);
      code.release(turns[1 - side]);
    });
    b.core(code.done());
    b.waits.push_back({side == 0 ? south : north});
  }
}

/// Words of 512 bits from the core in the north, in the direction that reset selects.
void add_cascade(Builder& b, Random& r) {
  const auto [south, north] = b.core_pair(r);
  const int words = r.between(1, 12);
  for (const bool puts : {true, false}) {
    const Coord tile = puts ? north : south;
    const int buffer = b.buffer(tile, 16, &r);
    const int more = r.chance(b.mischief) ? r.between(-6, 6) : 0;
    Code code(tile);
    code.repeat(std::max(words + more, 0), 0, [&] {
      idle(code, r);
      code.address(10, buffer);
      if (puts) {
        code.emit({.op = Op::Load, .dst = 12, .a = 10});
        code.emit({.op = Op::AddImm, .dst = 12, .a = 12, .imm = 7});
        code.emit({.op = Op::Store, .dst = 12, .a = 10});
      }
      code.emit({.op = puts ? Op::CascadePut : Op::CascadeGet, .a = 10});
    });
    b.core(code.done());
    if (r.chance(80))
      b.waits.push_back({tile});
  }
}

/// A core's stream ports: words put, words got, or both ends of one stream.
void add_core_stream(Builder& b, Random& r) {
  const auto words = static_cast<uint64_t>(r.between(1, 40));
  const int kind = r.between(0, 2);  // core to core, core to memory, memory to core
  Endpoint source;
  if (kind < 2) {
    const Coord tile = b.tile(r, {TileKind::Core}, 0, 0, true);
    Code code(tile);
    code.repeat(static_cast<int>(b.about(r, words, tile, false)), 0, [&] {
      idle(code, r);
      code.emit({.op = Op::AddImm, .dst = 1, .a = 1, .imm = 3});
      code.emit({.op = Op::StreamPut, .a = 1});
    });
    b.core(code.done());
    b.waits.push_back({tile});
    source = Builder::at_core(tile);
  } else {
    const Coord tile = b.tile(r, {TileKind::Memtile, TileKind::Core}, 0, 1);
    source = b.at_channel(b.channel(
        tile, Direction::Mm2s, b.chain(r, tile, Direction::Mm2s, b.about(r, words, tile, false))));
  }
  if (kind == 1) {
    const Coord tile = b.tile(r, {TileKind::Memtile, TileKind::Core}, 1, 0);
    const int channel = b.channel(tile, Direction::S2mm, b.chain(r, tile, Direction::S2mm, words));
    b.waits.push_back({tile, channel});
    return b.flow(source, {b.at_channel(channel)});
  }
  const Coord tile = b.tile(r, {TileKind::Core}, 0, 0, true);
  const int sum = b.buffer(tile, 1, &r);
  Code code(tile);
  code.repeat(static_cast<int>(words), 0, [&] {
    idle(code, r);
    code.emit({.op = Op::StreamGet, .dst = 2});
    code.emit({.op = Op::Mul, .dst = 1, .a = 1, .b = 2});
    code.emit({.op = Op::Add, .dst = 1, .a = 1, .b = 2});
  });
  code.address(10, sum);
  code.emit({.op = Op::Store, .dst = 1, .a = 10});
  b.core(code.done());
  b.waits.push_back({tile});
  b.flow(source, {Builder::at_core(tile)});
}

/// Both cores take one lock whenever they get it.
void add_race_for_lock(Builder& b, Random& r) {
  const auto [south, north] = b.core_pair(r);
  const int buffer = b.buffer(south, kShared, &r);
  const int shared = b.lock(south, 1);
  for (const Coord tile : {south, north}) {
    Code code(tile);
    code.repeat(r.between(2, 5), 0, [&] {
      idle(code, r);
      code.acquire(shared);
      stir(code, buffer, 3 + 4 * tile.row);
      code.release(shared);
    });
    b.core(code.done());
    b.waits.push_back({tile});
  }
  b.must_be_flagged = true;
}

/// Two channels take from one credit, which lasts for one of them.
void add_race_for_credit(Builder& b, Random& r) {
  const Coord tile = b.tile(r, {TileKind::Memtile}, 2, 0);
  const int words = r.between(1, 40);
  const int credit = b.lock(tile, 1);
  for (int i = 0; i < 2; ++i) {
    Chain chain = b.chain(r, tile, Direction::S2mm, static_cast<uint64_t>(words));
    chain.descriptors[0].acquire = {.lock = credit};
    const int channel = b.channel(tile, Direction::S2mm, chain);
    b.waits.push_back({tile, channel});
    const Coord from = b.tile(r, {TileKind::Memtile, TileKind::Core}, 0, 1);
    const int sends = b.channel(from, Direction::Mm2s,
                                b.chain(r, from, Direction::Mm2s, static_cast<uint64_t>(words)));
    b.flow(b.at_channel(sends), {b.at_channel(channel)});
  }
  b.must_be_flagged = true;
}

}  // namespace npu::differential
