// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/design/design.h"
#include "hw-model/arch/timing.h"
#include "tests/e2e/differential/random.h"

namespace npu::differential {

using arch::Coord;
using arch::Direction;
using arch::TileKind;
using compiler::Descriptor;
using compiler::Endpoint;

/// Thrown by a part of a design that finds no place; the design goes on without it.
struct NoRoom {};

/// What the host waits for at the end of its sequence: a core that is done, a channel that is idle.
struct Wait {
  Coord tile;
  int channel = -1;  ///< index into Design::channels; -1: the core
};

/// Descriptors and the tasks that run them.
struct Chain {
  std::vector<Descriptor> descriptors;
  std::vector<compiler::Channel::Task> tasks;
};

/// A program in the making: instructions whose buffers and locks are named by index.
class Code {
 public:
  explicit Code(Coord tile) { core_.tile = tile; }

  void acquire(int lock, int units = 1);
  void release(int lock, int units = 1);
  void constant(int reg, int value);
  void address(int reg, int buffer, int bytes = 0);
  void emit(const arch::Instruction& instruction) { core_.program.code.push_back(instruction); }
  void call(const arch::KernelSpec& kernel, int first_register);
  int here() const { return static_cast<int>(core_.program.code.size()); }
  const compiler::Core& done();

  /// Repeats what `body` emits; 0 rounds: nothing, negative: for ever.
  template <typename Body>
  void repeat(int rounds, int reg, Body body) {
    if (rounds == 0)
      return;
    constant(reg, rounds);
    const int start = here();
    body();
    if (rounds > 0)
      emit({.op = arch::Op::Loop, .dst = static_cast<uint8_t>(reg), .imm = start});
    else
      emit({.op = arch::Op::Jump, .imm = start});
  }

 private:
  compiler::Core core_;
};

/// A design that grows part by part and knows what its tiles still have.
class Builder {
 public:
  compiler::Design design;
  arch::Timing timing;
  int mischief = 0;              ///< percent of places where something is left out or too much
  bool data_steers = false;      ///< words decide where streams go
  bool must_be_flagged = false;  ///< two agents race for a lock or a receiver
  std::vector<compiler::Transfer> transfers = {};
  std::set<int> awaited = {};                   ///< ids of transfers
  std::vector<arch::Command> gates = {};        ///< opened by the host
  std::vector<std::vector<int>> in_turn = {};   ///< transfers: each awaited before the next starts
  std::vector<std::set<int>> ids_in_turn = {};  ///< packets that the host keeps apart
  std::vector<Wait> waits = {};

  int buffer(Coord tile, uint64_t words, Random* initial = nullptr);
  int lock(Coord tile, int initial);
  /// A lock that only the host fills, once.
  int gate(Coord tile, int units);
  int channel(Coord tile, Direction direction, Chain chain);
  int shim_channel(Random& random, Direction direction);
  /// A transfer of an argument of its own; returns its id.
  int transfer(Random& random, int shim_channel, uint64_t words, std::optional<int> packet = {});
  void flow(const Endpoint& source, std::vector<Endpoint> destinations,
            std::optional<int> packet = {}, bool keep_header = false);
  int packet_id();
  int packet_ids() const { return next_packet_; }
  void core(const compiler::Core& core);

  Endpoint at_channel(int channel) const;
  Endpoint at_shim(int channel) const;
  static Endpoint at_core(Coord tile) {
    return {.tile = tile, .bundle = arch::Bundle::Core, .channel = 0};
  }

  /// A random tile that still has these channels, and its core when that is asked for.
  Coord tile(Random& random, std::vector<TileKind> kinds, int s2mm, int mm2s, bool core = false);
  /// Two cores, the second one north of the first; both still free.
  std::pair<Coord, Coord> core_pair(Random& random);
  bool has_core(Coord tile) const { return !cores_.contains(tile); }
  /// Words that a port of that tile holds.
  int port_words(Coord tile, bool packet) const;
  /// `words`, or, where there is mischief, some more or less, mostly around what a port holds.
  uint64_t about(Random& random, uint64_t words, Coord tile, bool packet) const;
  /// Descriptors that move `words` words through buffers of their own, in random pieces.
  Chain chain(Random& random, Coord tile, Direction direction, uint64_t words,
              std::optional<int> packet = {});

 private:
  Descriptor piece(Random& random, Coord tile, Direction direction, uint64_t words);
  void walk(Random& random, Descriptor& descriptor) const;
  bool pad(Random& random, Descriptor& descriptor) const;
  int used(Coord tile, Direction direction) const;

  std::map<Coord, int> descriptors_;
  std::map<Coord, int> locks_;
  std::set<Coord> cores_;
  std::set<std::pair<Coord, Direction>> reserved_;
  std::map<Coord, std::set<int>> given_locks_;
  int next_packet_ = 0;
};

}  // namespace npu::differential
