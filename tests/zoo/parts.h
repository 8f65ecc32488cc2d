// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/register.h"
#include "tests/compiler/designs.h"
#include "tests/zoo/zoo.h"

// What the specimens are built of.
namespace npu::zoo {

using arch::Coord;
using arch::KernelOp;
using arch::Op;
using compiler::Await;
using compiler::Core;
using compiler::Descriptor;
using compiler::Dim;
using compiler::Direction;
using compiler::LockUse;
using compiler::Packet;
using compiler::Transfer;
using compiler::testing::add_buffer;
using compiler::testing::add_channel;
using compiler::testing::add_flow;
using compiler::testing::add_lock;
using compiler::testing::add_shim;
using compiler::testing::at_channel;
using compiler::testing::at_shim;

inline constexpr Coord kMemtile{0, 1};
inline constexpr Coord kCore{0, 2};
inline constexpr Coord kNorth{0, 3};     ///< of kCore
inline constexpr Coord kTop{0, 4};       ///< of kNorth
inline constexpr int64_t kObject = 256;  ///< words of an object, where nothing else is said

/// `count` words that tell where they come from.
inline Words counting(size_t count, uint32_t first = 1) {
  Words words(count);
  for (size_t i = 0; i < count; ++i)
    words[i] = first + static_cast<uint32_t>(i);
  return words;
}

/// Objects in the memory of a tile, used in turn, with a lock that counts the free and one that
/// counts the full ones.
struct Fifo {
  std::vector<int> buffers;
  int free = 0;
  int full = 0;
  uint64_t words = 0;
};

inline Fifo add_fifo(Design& design, const std::string& name, Coord tile, int depth = 2,
                     int64_t words = kObject) {
  Fifo fifo{.words = static_cast<uint64_t>(words)};
  for (int i = 0; i < depth; ++i)
    fifo.buffers.push_back(add_buffer(design, name + "." + std::to_string(i), tile, words));
  fifo.free = add_lock(design, name + ".free", tile, depth);
  fifo.full = add_lock(design, name + ".full", tile, 0);
  return fifo;
}

/// The ring of descriptors that fills (S2MM) or empties (MM2S) a fifo, for ever.
inline std::vector<Descriptor> ring(const Fifo& fifo, Direction direction) {
  const bool fills = direction == Direction::S2mm;
  std::vector<Descriptor> out;
  const int depth = static_cast<int>(fifo.buffers.size());
  for (int i = 0; i < depth; ++i)
    out.push_back({.buffer = fifo.buffers[static_cast<size_t>(i)],
                   .length = fifo.words,
                   .acquire = LockUse{.lock = fills ? fifo.free : fifo.full},
                   .release = LockUse{.lock = fills ? fifo.full : fifo.free},
                   .next = (i + 1) % depth});
  return out;
}

inline int add_ring(Design& design, const std::string& name, Coord tile, Direction direction,
                    const Fifo& fifo) {
  return add_channel(design, name, tile, direction, ring(fifo, direction));
}

/// A core's program, instruction by instruction.
class Code {
 public:
  explicit Code(Coord tile) : core_{.tile = tile} {}

  Code& acquire(int lock, int count = 1) { return lock_use(Op::Acquire, lock, -count); }
  Code& release(int lock, int count = 1) { return lock_use(Op::Release, lock, count); }

  /// Calls an i32 kernel on buffers.
  Code& call(KernelOp op, const std::vector<int>& buffers, int64_t elements = kObject) {
    arch::KernelSpec kernel;
    kernel.op = op;
    kernel.a = kernel.b = kernel.c = arch::Type::I32;
    kernel.m = static_cast<int>(elements);
    uint8_t reg = 1;
    for (const int buffer : buffers) {
      core_.buffers.push_back({here(), buffer});
      core_.program.code.push_back({.op = Op::Const, .dst = reg++});
    }
    core_.program.code.push_back({.op = Op::Call,
                                  .a = 1,
                                  .b = static_cast<uint8_t>(buffers.size()),
                                  .imm = static_cast<int32_t>(core_.program.kernels.size())});
    core_.program.kernels.push_back(kernel);
    return *this;
  }
  Code& copy(int from, int to, int64_t elements = kObject) {
    return call(KernelOp::Copy, {from, to}, elements);
  }

  int here() const { return static_cast<int>(core_.program.code.size()); }
  /// What comes before it is done once; what comes after it until `end`, for ever.
  Code& loop() {
    loop_ = here();
    return *this;
  }
  Core end() {
    core_.program.code.push_back({.op = Op::Jump, .imm = loop_});
    return core_;
  }
  Core done() {
    core_.program.code.push_back({.op = Op::Done});
    return core_;
  }

 private:
  Code& lock_use(Op op, int lock, int value) {
    core_.locks.push_back({here(), lock});
    core_.program.code.push_back({.op = op, .imm = value});
    return *this;
  }

  Core core_;
  int loop_ = 0;
};

/// Takes an object and gives an object, in turn through both fifos (of the same depth), for ever.
inline Code copying(Coord tile, const Fifo& in, const Fifo& out) {
  Code code(tile);
  const size_t turns = std::max(in.buffers.size(), out.buffers.size());
  for (size_t i = 0; i < turns; ++i)
    code.acquire(in.full)
        .acquire(out.free)
        .copy(in.buffers[i % in.buffers.size()], out.buffers[i % out.buffers.size()],
              static_cast<int64_t>(in.words))
        .release(in.free)
        .release(out.full);
  return code;
}

inline std::vector<compiler::HostOp> fill_and_drain(int from, int to, uint64_t words) {
  return {Transfer{.shim_channel = to, .argument = 1, .length = words, .token = true, .id = 1},
          Transfer{.shim_channel = from, .argument = 0, .length = words, .id = 2}, Await{1}};
}

/// From the host through a core and back: what most specimens differ from in one thing. Argument 0
/// is `a`, argument 1 is `c`, which should become the same.
struct Copy {
  Specimen specimen;
  Fifo in;
  Fifo out;
  int fill = 0;   ///< channel of the core
  int drain = 0;  ///< channel of the core
  int from = 0;   ///< shim channel
  int to = 0;     ///< shim channel

  Design& design() { return specimen.design; }
  Core& core() { return specimen.design.cores.front(); }
  Transfer& transfer(int i) {
    return std::get<Transfer>(specimen.design.sequence[static_cast<size_t>(i)]);
  }
};

inline Copy copy_through_core(int objects = 4, int depth_in = 2, int depth_out = 2) {
  Copy c;
  Design& d = c.design();
  d.name = "copy";
  const auto words = static_cast<uint64_t>(objects * kObject);
  c.in = add_fifo(d, "in", kCore, depth_in);
  c.out = add_fifo(d, "out", kCore, depth_out);
  c.fill = add_ring(d, "in", kCore, Direction::S2mm, c.in);
  c.drain = add_ring(d, "out", kCore, Direction::Mm2s, c.out);
  c.from = add_shim(d, "in", 0, Direction::Mm2s);
  c.to = add_shim(d, "out", 0, Direction::S2mm);
  add_flow(d, "in", at_shim(d, c.from), {at_channel(d, c.fill)});
  add_flow(d, "out", at_channel(d, c.drain), {at_shim(d, c.to)});
  d.cores = {copying(kCore, c.in, c.out).end()};
  d.arguments = {{"a", arch::Type::I32, words}, {"c", arch::Type::I32, words}};
  d.sequence = fill_and_drain(c.from, c.to, words);
  c.specimen.arguments = {counting(words), Words(words)};
  c.specimen.want = {1, counting(words)};
  return c;
}

/// Starts a descriptor from the host sequence, some executions of it.
inline arch::Command start(Coord tile, Direction direction, int channel, int descriptor,
                           int executions = 1) {
  const auto queue =
      direction == Direction::S2mm ? arch::RegisterId::S2mmQueue : arch::RegisterId::Mm2sQueue;
  uint32_t word = 0;
  arch::put({&word, 1}, arch::queue::kStartBd, descriptor, "descriptor");
  arch::put({&word, 1}, arch::queue::kRepeat, executions, "executions");
  return arch::Write{arch::address_of(tile, arch::channel_register(tile.kind(), queue, channel)),
                     word};
}

/// A tool chain that waits only when everything has been started.
inline void wait_at_the_end(Lowered& lowered) {
  std::stable_partition(lowered.sequence.begin(), lowered.sequence.end(), [](const auto& command) {
    return !std::holds_alternative<arch::Sync>(command);
  });
}

}  // namespace npu::zoo
