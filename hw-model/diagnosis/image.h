// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/device.h"
#include "hw-model/arch/names.h"
#include "hw-model/arch/program.h"
#include "hw-model/arch/timing.h"
#include "hw-model/logic/bd.h"
#include "hw-model/logic/route.h"
#include "hw-model/observe/event.h"

namespace npu::diagnosis {

using arch::Coord;
using arch::Cycle;
using observe::Agent;

/// A lock, wherever it is named from.
struct LockRef {
  Coord tile;
  uint8_t lock = 0;
  constexpr auto operator<=>(const LockRef&) const = default;

  // Dense numbers, for tables of all locks.
  static constexpr size_t kPerTile = 64;
  static constexpr size_t kAll = arch::kMaxColumns * arch::kRows * kPerTile;
  constexpr size_t index() const { return static_cast<size_t>(tile.index()) * kPerTile + lock; }
  static constexpr LockRef at(size_t index) {
    const size_t tile = index / kPerTile;
    return {{static_cast<uint8_t>(tile / arch::kRows), static_cast<uint8_t>(tile % arch::kRows)},
            static_cast<uint8_t>(index % kPerTile)};
  }
};

/// One descriptor of a task, as its registers were when the task was pushed.
struct TaskBd {
  uint8_t id = 0;
  logic::Bd bd;
  std::optional<LockRef> acquire;
  std::optional<LockRef> release;
  Coord memory;          ///< tile whose memory it touches (a shim touches DDR)
  uint32_t address = 0;  ///< first byte in that tile
  /// Of a shim: the argument of the host that its address was patched to, from byte `offset` on.
  struct Host {
    uint32_t argument = 0;
    uint64_t offset = 0;
  };
  std::optional<Host> host = {};
};

/// A task that the commands push to a start queue.
struct Task {
  Agent channel;
  std::vector<TaskBd> chain;
  bool endless = false;  ///< the chain comes back to itself
  uint16_t repeat = 1;
  bool token = false;
  std::optional<size_t> command;  ///< of the host sequence; missing: of the configuration

  /// Words that the task moves over its whole life; nothing when it has no end.
  std::optional<uint64_t> words() const;
};

/// What a core's program does with locks and streams.
struct CoreFacts {
  Coord tile;
  std::optional<arch::Program> program;  ///< missing: machine code that is not ours
  struct LockUse {
    LockRef lock;
    int value = 0;  ///< as in the instruction
    bool acquires = false;
    size_t instruction = 0;
  };
  std::vector<LockUse> locks;
  bool endless = false;  ///< its end is never reached
};

/// Who takes from or gives to a lock, and how much each time.
struct LockUser {
  Agent agent;
  int amount = 0;
  uint8_t bd = 0;
};

/// What commands say, without time: locks, tasks, routes and programs. A diagnosis joins it with
/// what happened.
class Image {
 public:
  Image(const arch::Partition& partition, const arch::Timing& timing);

  /// What `Load{id}` of the sequence loads; given before it.
  void add_loads(const std::map<uint32_t, arch::Commands>& loads) { loads_ = loads; }
  /// Replays a configuration, then a host sequence. A load is a configuration on top of what was
  /// there: channels and cores that it resets do no more of what they did.
  void configure(std::span<const arch::Command> commands);
  void sequence(std::span<const arch::Command> commands);

  /// What holds while the host is at a command: of a sequence with loads, what was loaded last.
  const Image& at(size_t command) const;
  /// One after another, what holds until the next load; without loads, this alone.
  std::vector<const Image*> stages() const;
  /// The commands of the sequence in which this image holds, one past the last; a load is in none.
  std::pair<size_t, size_t> range() const { return {begin_, end_}; }
  /// The load that this is what is left of; missing: none came before.
  std::optional<uint32_t> loaded() const { return loaded_; }

  const arch::Partition& partition() const { return partition_; }
  /// Tasks that a start queue holds.
  uint64_t queue_depth() const { return queue_depth_; }
  const std::vector<Task>& tasks() const { return tasks_; }
  const std::map<Coord, CoreFacts>& cores() const { return cores_; }
  std::span<const arch::Command> host() const {
    return host_ ? std::span<const arch::Command>(*host_) : std::span<const arch::Command>();
  }
  /// The lock's value when the configuration is loaded.
  int initial(LockRef lock) const;
  /// The last value that the commands write there; nothing when they do not.
  std::optional<uint32_t> written(uint32_t address) const;
  /// Whether the commands write that word of a tile's memory.
  bool initialised(Coord tile, uint32_t offset) const {
    return words_.contains(arch::address_of(tile, offset));
  }

  std::vector<LockUser> givers(LockRef lock) const;
  std::vector<LockUser> takers(LockRef lock) const;

  /// The ways of a source's streams: of words without a header, then of each of its packets.
  std::vector<logic::Route> routes(const Agent& source) const;
  /// Receivers of a source's streams, all of its packets together.
  std::vector<logic::Leg> legs(const Agent& source) const;
  /// Sources whose streams reach a receiver.
  std::vector<Agent> sources(const Agent& sink) const;
  /// Sources whose packets need an arbiter that this source's packets need too.
  std::vector<Agent> rivals(const Agent& source) const;
  /// The first arbiter that packets of both sources need.
  std::optional<logic::ArbiterUse> contested(const Agent& source, const Agent& rival) const;
  /// Tasks of a channel since its last reset, in order of pushing.
  std::vector<const Task*> tasks_of(const Agent& channel) const;
  /// The switches as the commands leave them.
  const logic::Network& network() const { return network_; }

 private:
  void apply(const arch::Command& command, std::optional<size_t> host_command);
  void load(uint32_t id, size_t host_command);
  void reset(const Agent& channel);
  void write(uint32_t address, uint32_t value, std::optional<size_t> host_command);
  void push(Coord tile, arch::Direction direction, int channel, uint32_t word,
            std::optional<size_t> host_command);
  TaskBd describe(const Agent& channel, int id) const;
  std::optional<LockRef> lock_ref(const Agent& channel, int id) const;
  void read_program(Coord tile);
  std::vector<LockUser> users(LockRef lock, bool giving) const;
  std::vector<Agent> all_sources() const;

  arch::Partition partition_;
  uint64_t queue_depth_;
  logic::Network network_;
  std::map<uint32_t, uint32_t> words_;        ///< last value written, by address
  std::map<uint32_t, TaskBd::Host> patches_;  ///< since the last write, by address
  std::map<LockRef, int> initial_;            ///< values written by the configuration
  std::vector<Task> tasks_;
  std::map<Coord, CoreFacts> cores_;
  std::shared_ptr<const arch::Commands> host_;
  std::map<uint32_t, arch::Commands> loads_;
  std::optional<uint32_t> loaded_;
  size_t begin_ = 0;
  size_t end_ = 0;
  std::vector<std::shared_ptr<const Image>> past_;  ///< before each load
};

/// What things are called while an image holds: of what was loaded, or 0 before any load, where it
/// has names of its own, else `all`.
const arch::Names& names_of(const Image& image, const arch::Names& all,
                            const std::map<uint32_t, arch::Names>& of_loads);

}  // namespace npu::diagnosis
