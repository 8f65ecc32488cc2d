// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compiler/design/design.h"
#include "hw-model/arch/error.h"

// Small designs, written by hand, that the tests of the Design and of its lowering share.
namespace npu::compiler::testing {

/// What the Error that `work` throws says.
template <typename Work>
std::string message(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

inline constexpr Coord kShim{0, 0};
inline constexpr Coord kMemtile{0, 1};
inline constexpr Coord kCore{0, 2};

inline int add_buffer(Design& design, const std::string& name, Coord tile, int64_t words) {
  design.buffers.push_back({.name = name, .tile = tile, .shape = {words}});
  return static_cast<int>(design.buffers.size()) - 1;
}

inline int add_lock(Design& design, const std::string& name, Coord tile, int initial) {
  design.locks.push_back({.name = name, .tile = tile, .initial = initial});
  return static_cast<int>(design.locks.size()) - 1;
}

inline int add_channel(Design& design, const std::string& name, Coord tile, Direction direction,
                       std::vector<Descriptor> descriptors = {}) {
  Channel channel{.name = name, .tile = tile, .direction = direction};
  channel.descriptors = std::move(descriptors);
  if (!channel.descriptors.empty())
    channel.tasks = {{.first = 0}};
  design.channels.push_back(channel);
  return static_cast<int>(design.channels.size()) - 1;
}

inline int add_shim(Design& design, const std::string& name, int col, Direction direction) {
  design.shim_channels.push_back({.name = name, .col = col, .direction = direction});
  return static_cast<int>(design.shim_channels.size()) - 1;
}

inline Endpoint at_channel(const Design& design, int channel) {
  return {.tile = design.channels[channel].tile, .design_channel = channel};
}
inline Endpoint at_shim(const Design& design, int channel) {
  return {.tile = {static_cast<uint8_t>(design.shim_channels[channel].col), 0},
          .shim_channel = channel};
}

inline void add_flow(Design& design, const std::string& name, Endpoint source,
                     std::vector<Endpoint> destinations, std::optional<int> packet_id = {}) {
  design.flows.push_back({.name = name,
                          .source = source,
                          .destinations = std::move(destinations),
                          .packet_id = packet_id});
}

/// Two buffers that a channel uses in turn, for ever, with a `free` and a `full` lock.
struct PingPong {
  int ping;
  int pong;
  int free;
  int full;
};

inline PingPong add_ping_pong(Design& design, const std::string& name, Coord tile, int64_t words) {
  return {add_buffer(design, name + ".ping", tile, words),
          add_buffer(design, name + ".pong", tile, words),
          add_lock(design, name + ".free", tile, 2), add_lock(design, name + ".full", tile, 0)};
}

/// The descriptors of the channel that fills (S2MM) or empties (MM2S) a ping-pong pair.
inline std::vector<Descriptor> turns(const PingPong& pair, Direction direction, uint64_t words) {
  const bool fills = direction == Direction::S2mm;
  const LockUse acquire{.lock = fills ? pair.free : pair.full};
  const LockUse release{.lock = fills ? pair.full : pair.free};
  std::vector<Descriptor> descriptors;
  for (const auto& [buffer, next] : {std::pair(pair.ping, 1), std::pair(pair.pong, 0)})
    descriptors.push_back(
        {.buffer = buffer, .length = words, .acquire = acquire, .release = release, .next = next});
  return descriptors;
}

/// The core's side of two ping-pong pairs: takes a full input and a free output, calls a kernel,
/// gives both back.
inline Core copying_core(Coord tile, const PingPong& in, const PingPong& out, int elements) {
  using arch::Op;
  Core core{.tile = tile};
  arch::KernelSpec copy;
  copy.op = arch::KernelOp::Copy;
  copy.a = copy.b = copy.c = arch::Type::I32;
  copy.m = elements;
  core.program.kernels.push_back(copy);
  auto& code = core.program.code;
  for (const auto& [from, to] : {std::pair(in.ping, out.ping), std::pair(in.pong, out.pong)}) {
    const int first = static_cast<int>(code.size());
    code.push_back({.op = Op::Acquire, .imm = -1});
    code.push_back({.op = Op::Acquire, .imm = -1});
    code.push_back({.op = Op::Const, .dst = 1});
    code.push_back({.op = Op::Const, .dst = 2});
    code.push_back({.op = Op::Call, .a = 1, .b = 2});
    code.push_back({.op = Op::Release, .imm = 1});
    code.push_back({.op = Op::Release, .imm = 1});
    core.locks.insert(
        core.locks.end(),
        {{first, in.full}, {first + 1, out.free}, {first + 5, in.free}, {first + 6, out.full}});
    core.buffers.insert(core.buffers.end(), {{first + 2, from}, {first + 3, to}});
  }
  code.push_back({.op = Op::Jump, .imm = 0});
  return core;
}

/// One core between two shim channels: `words` words in, the same out.
inline Design copy_through_core(int64_t words = 1024) {
  Design design{.name = "copy"};
  const auto length = static_cast<uint64_t>(words);
  const PingPong in = add_ping_pong(design, "in", kCore, words);
  const PingPong out = add_ping_pong(design, "out", kCore, words);
  const int fill =
      add_channel(design, "in", kCore, Direction::S2mm, turns(in, Direction::S2mm, length));
  const int drain =
      add_channel(design, "out", kCore, Direction::Mm2s, turns(out, Direction::Mm2s, length));
  const int from = add_shim(design, "in", 0, Direction::Mm2s);
  const int to = add_shim(design, "out", 0, Direction::S2mm);
  add_flow(design, "in", at_shim(design, from), {at_channel(design, fill)});
  add_flow(design, "out", at_channel(design, drain), {at_shim(design, to)});
  design.cores.push_back(copying_core(kCore, in, out, static_cast<int>(words)));
  design.arguments = {{"a", arch::Type::I32, 4 * length}, {"c", arch::Type::I32, 4 * length}};
  design.sequence = {
      Transfer{.shim_channel = to, .argument = 1, .length = 4 * length, .token = true, .id = 1},
      Transfer{.shim_channel = from, .argument = 0, .length = 4 * length, .id = 2}, Await{1}};
  return design;
}

/// The same with a memtile on the way in and on the way out.
inline Design copy_through_memtile(int64_t words = 1024) {
  Design design{.name = "staged"};
  const auto length = static_cast<uint64_t>(words);
  const PingPong in = add_ping_pong(design, "in", kCore, words);
  const PingPong out = add_ping_pong(design, "out", kCore, words);
  const PingPong down = add_ping_pong(design, "in.l2", kMemtile, words);
  const PingPong up = add_ping_pong(design, "out.l2", kMemtile, words);
  const auto channel = [&](const std::string& name, Coord tile, const PingPong& pair,
                           Direction direction) {
    return add_channel(design, name, tile, direction, turns(pair, direction, length));
  };
  const int l2_in = channel("in", kMemtile, down, Direction::S2mm);
  const int l2_out = channel("in", kMemtile, down, Direction::Mm2s);
  const int l1_in = channel("in", kCore, in, Direction::S2mm);
  const int l1_out = channel("out", kCore, out, Direction::Mm2s);
  const int back_in = channel("out", kMemtile, up, Direction::S2mm);
  const int back_out = channel("out", kMemtile, up, Direction::Mm2s);
  const int from = add_shim(design, "in", 0, Direction::Mm2s);
  const int to = add_shim(design, "out", 0, Direction::S2mm);
  add_flow(design, "in.l3", at_shim(design, from), {at_channel(design, l2_in)});
  add_flow(design, "in", at_channel(design, l2_out), {at_channel(design, l1_in)});
  add_flow(design, "out", at_channel(design, l1_out), {at_channel(design, back_in)});
  add_flow(design, "out.l3", at_channel(design, back_out), {at_shim(design, to)});
  design.cores.push_back(copying_core(kCore, in, out, static_cast<int>(words)));
  design.arguments = {{"a", arch::Type::I32, length}, {"c", arch::Type::I32, length}};
  design.sequence = {
      Transfer{.shim_channel = to, .argument = 1, .length = length, .token = true, .id = 1},
      Transfer{.shim_channel = from, .argument = 0, .length = length, .id = 2}, Await{1}};
  return design;
}

/// The flows of a matmul on a herd of `columns` x 4: A_x from memtile x to the cores of column x,
/// B_y from memtile y to the cores of row y + 2, C of every core into the memtile of its column,
/// two streams from each shim and one to it.
inline Design matmul_flows(const arch::Device& device, int columns) {
  Design design{.name = "matmul", .partition = arch::partition_of(device, columns)};
  constexpr int kCoreRows = 4;
  const auto tile = [](int col, int row) {
    return Coord{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
  };
  const auto sink = [&](const std::string& name, Coord at) {
    return at_channel(design, add_channel(design, name, at, Direction::S2mm));
  };
  const auto source = [&](const std::string& name, Coord at) {
    return at_channel(design, add_channel(design, name, at, Direction::Mm2s));
  };
  const auto load = [&](const std::string& name, int col) {
    const Endpoint from = at_shim(design, add_shim(design, name, col, Direction::Mm2s));
    add_flow(design, name + ".l3", from, {sink(name, tile(col, 1))});
  };
  for (int x = 0; x < columns; ++x) {
    const std::string a = "A" + std::to_string(x);
    load(a, x);
    std::vector<Endpoint> cores;
    for (int y = 0; y < kCoreRows; ++y)
      cores.push_back(sink(a, tile(x, y + 2)));
    add_flow(design, a, source(a, tile(x, 1)), cores);
  }
  for (int y = 0; y < kCoreRows; ++y) {
    const int home = y % columns;
    const std::string b = "B" + std::to_string(y);
    load(b, home);
    std::vector<Endpoint> cores;
    for (int x = 0; x < columns; ++x)
      cores.push_back(sink(b, tile(x, y + 2)));
    add_flow(design, b, source(b, tile(home, 1)), cores);
  }
  for (int x = 0; x < columns; ++x) {
    for (int y = 0; y < kCoreRows; ++y) {
      const std::string c = "C" + std::to_string(x) + std::to_string(y);
      add_flow(design, c, source(c, tile(x, y + 2)), {sink(c, tile(x, 1))});
    }
    const std::string c = "C" + std::to_string(x);
    const Endpoint to = at_shim(design, add_shim(design, c, x, Direction::S2mm));
    add_flow(design, c + ".l3", source(c, tile(x, 1)), {to});
  }
  return design;
}

}  // namespace npu::compiler::testing
