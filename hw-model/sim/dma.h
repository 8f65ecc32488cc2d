// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <forward_list>
#include <optional>

#include "hw-model/logic/bd.h"
#include "hw-model/sim/fabric.h"
#include "hw-model/sim/locks.h"

namespace npu::sim {

class Array;
struct Tile;

/// What a descriptor's registers say, made ready for one channel. It stays as it was loaded while
/// the channel works at it, whatever is written to the registers. What every execution needs comes
/// first.
struct LoadedBd {
  int user = -1;                 ///< the channel for which it was made ready: reach depends on it
  uint32_t version = 0;          ///< of the registers it was made from
  LockUnit* acquired = nullptr;  ///< tile of the lock to acquire; null when there is none
  LockUnit* released = nullptr;
  uint32_t* memory = nullptr;  ///< own, neighbour's or host memory
  uint64_t memory_words = 0;
  uint64_t end = 0;        ///< one past the last word of the memory that is touched; 0: none is
  bool reachable = false;  ///< the address leads somewhere
  arch::Coord owner;       ///< tile whose memory it is
  logic::Bd bd;
  logic::Plan plan;  ///< addresses counted from `memory`
};

/// A descriptor's registers, and what was made of them for the channels that have loaded it.
struct BdSlot {
  std::array<uint32_t, 8> words{};
  uint32_t version = 1;  ///< goes up when the registers, or what they lead to, change
  std::forward_list<LoadedBd> loaded = {};  ///< one each; they stay in place

  LoadedBd& loaded_by(int user);
};

/// A DMA channel: takes tasks from its queue and performs their descriptors step by step: load,
/// acquire, move, release, next.
class DmaChannel final : public SourceClient, public SinkClient, public LockClient {
 public:
  DmaChannel(Context& context, Array& array, Tile& owner, arch::Direction direction, int index);

  const observe::Agent& agent() const { return agent_; }

  /// A write to the start queue. Full: the task is dropped and the sticky bit set.
  void push(uint32_t word);
  void write_control(uint32_t word);
  uint32_t control() const { return control_; }
  uint32_t status() const;
  /// True when the running task or one in the queue comes to that descriptor.
  bool has_task_with(int bd) const;
  /// Write-1-to-clear bits of the status register.
  void clear_status(uint32_t mask) { sticky_ &= ~mask; }
  /// Tells how a run has left the channel.
  void tell_last() const;
  uint64_t write_count() const;
  /// Pops the finish-on-TLAST count FIFO.
  uint32_t pop_count();
  /// Stream switches were written: a token that had no way may have one now.
  void retry_token();

  void pad_with(uint32_t value) { pad_value_ = value; }
  /// The host's buffers are gone: a transfer under way ends with a decode error.
  void lose_host_memory();

  void sent() override;
  void received(uint64_t words, bool tlast) override;
  void moving(bool moving) override;
  void locked(Cycle from) override;

 private:
  struct Task {
    uint8_t bd = 0;
    uint16_t repeat = 1;
    bool token = false;
  };
  using State = observe::ChannelState;
  using What = observe::TaskChanged::What;

  bool reads() const { return agent_.kind == observe::AgentKind::Mm2s; }
  bool is_shim() const { return agent_.tile.row == 0; }
  bool out_of_order() const;
  int finish_mode() const;
  void set_state(State state);
  observe::ChannelChanged standing() const;
  [[gnu::cold]] void stop(observe::FaultKind fault, uint64_t value, arch::Bits sticky);
  size_t queued() const;
  void after(arch::Cycle cycles, void (DmaChannel::*step)());
  void take_step() { (this->*step_)(); }

  void next_task();
  void start_execution();
  void want_header();
  void load(int bd);
  void acquire();
  void offer();
  void ask_for_piece(uint64_t from);
  void send_piece(Cycle latency);
  void move();
  void report(bool finished) const;
  void release();
  void advance_iteration();
  void finish_task();
  void tell(What what, const Task& task, size_t queued);
  void withdraw();
  void reset();

  bool prepare(int bd);
  [[gnu::cold]] void make_ready(LoadedBd& loaded);
  bool usable(int bd) const;
  LockUnit* lock_of(int id) const;
  int number_in_tile(int lock) const;

  Context& context_;
  Array& array_;
  observe::Agent agent_;
  int endpoint_ = -1;  ///< handle in the fabric
  BdSlot* slots_;      ///< the tile's descriptors

  Fifo<Task> queue_;
  std::optional<Task> task_;
  int executions_left_ = 0;
  int bd_ = 0;
  BdSlot* slot_ = nullptr;
  LoadedBd* loaded_ = nullptr;
  uint64_t offset_ = 0;  ///< iteration offset of this execution, words
  uint64_t words_ = 0;
  uint64_t sent_ = 0;   ///< of them
  uint64_t piece_ = 0;  ///< of them, that leave together
  uint64_t asked_ = 0;  ///< of a read: the newest piece that DDR was asked for
  Cycle served_ = 0;    ///< when DDR has given it
  double wanted_ = 0;   ///< of DDR's bandwidth, bytes a cycle
  Cycle bubble_ = 0;    ///< before the first word of this descriptor
  bool warm_ = false;   ///< the task followed another
  bool first_of_task_ = false;
  bool token_blocked_ = false;
  uint32_t pad_value_ = 0;
  bool header_phase_ = false;
  uint32_t header_word_ = 0;

  State state_ = State::Idle;
  Cycle since_ = 0;
  bool stopped_ = false;
  uint32_t control_ = 0;
  uint32_t sticky_ = 0;
  struct Count {
    uint32_t words;
    uint8_t bd;
    bool last;
  };
  Fifo<Count> counts_;

  Alarm alarm_;
  void (DmaChannel::*step_)() = nullptr;
  bool paused_ = false;
};

}  // namespace npu::sim
