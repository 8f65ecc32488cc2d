// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compiler/import/import_state.h"

namespace npu::compiler::import {

/// Memory of an argument from some byte on, as a value of the sequence.
struct HostMemory {
  int argument = 0;
  uint64_t offset = 0;  ///< bytes
  uint32_t element_bytes = 4;
};

/// The runtime sequence, executed when it is imported: loops are counted, branches taken, and what
/// stays are the commands of the instruction stream.
class Sequence {
 public:
  explicit Sequence(State& state) : state_(state) {}
  /// With its arguments from outside. Without one the host does no more than its part of the shims'
  /// DMA programs.
  void run(const Op* sequence);

 private:
  struct Task {
    Coord tile = {};
    Direction direction = Direction::Mm2s;
    int channel = 0;
    int first = 0;  ///< descriptor
    int repeat = 1;
    bool token = false;
    std::vector<int> descriptors = {};
    std::optional<Packet> packet = {};  ///< of descriptors that do not say
  };
  struct ShimEnd {
    Coord tile;
    Direction direction;
    int channel;
    std::optional<Packet> packet = {};
  };

  void arguments(const Op& sequence);
  void block(const mlir::Block& block);
  void execute(const Op& op);
  bool control(const Op& op);
  bool arithmetic(const Op& op);
  bool memory(const Op& op);
  bool command(const Op& op);
  bool transfers(const Op& op);
  bool tasks(const Op& op);       ///< sequence_tasks.cpp
  bool scratchpad(const Op& op);  ///< parameters.cpp

  void for_loop(const Op& op);
  void assign_results(const Op& op, const mlir::Region& region);

  // Other devices of the file (sequence_devices.cpp).
  bool devices(const Op& op);
  uint32_t configuration(const Op& op, const std::string& name);
  void configure_device(const Op& op);
  void run_sequence(const Op& op);
  void call(const Op& sequence, const Op& caller, const Sequence& outer);

  // Commands (sequence_commands.cpp).
  void memcpy_nd(const Op& op);
  void wait(const Op& op);
  void sync(const Op& op);
  void write32(const Op& op, bool masked);
  void block_write(const Op& op);
  void address_patch(const Op& op);
  void push_queue(const Op& op);
  void rtp_write(const Op& op);
  void writebd(const Op& op);
  void set_lock(const Op& op);
  bool reset(const Op& op);
  void pulse(Coord tile, uint32_t offset, arch::Bits field);
  /// Of `links` count the locks and, where it is there, the next descriptor's number.
  void transfer(const Op& op, Transfer transfer, Coord shim, int descriptor,
                const Descriptor& links = {});
  void check_transfer(const Op& op, const Transfer& transfer, int descriptor) const;
  int64_t lock_number(const LockUse& use) const;
  void name_controller(Coord tile, Direction direction, int channel, int id);
  void push(Coord tile, Direction direction, int channel, int descriptor, int repeat, bool token);

  // Tasks (sequence_tasks.cpp).
  void configure(const Op& op);
  Task configured(const Op& op, const mlir::Region& region, ShimEnd end);
  Task chain(const Op& op);
  void task_descriptor(const Task& task, const std::vector<const Op*>& ops, int id,
                       std::optional<int> next);
  Task& task(const Op& op);
  int free_descriptor(const Op& op, Coord tile, int channel);
  void give_back(const Task& task);

  // DMA programs of shims (sequence_shims.cpp).
  void external_buffers();
  void number_shims();
  std::map<Coord, std::set<int>> named_descriptors() const;
  void around_shims(const Op* sequence);
  int lock_at_start(int index) const;
  void set_shim_locks();
  void refuse_stuck() const;
  void start(const ShimTask& written, bool token);
  void shim_descriptor(const ShimTask& written, const Task& task, size_t number);
  std::optional<arch::Command> wait_for(const ShimTask& task) const;
  bool only_host_releases(int lock) const;
  bool is_awaited(const ShimTask& task, const std::vector<HostOp>& commands) const;
  bool is_written(int lock, const std::vector<HostOp>& commands) const;
  std::optional<int> turns(const ShimTask& task, const std::vector<HostOp>& commands) const;
  void end_loops(const std::vector<HostOp>& commands);
  const ShimChannel& channel_of(const ShimTask& task) const {
    return state_.design.shim_channels[static_cast<size_t>(task.channel)];
  }
  Coord tile_of(const ShimTask& task) const {
    return {static_cast<uint8_t>(channel_of(task).col), 0};
  }

  // The host's scratchpad (parameters.cpp).
  void update_from_scratchpad(const Op& op);
  uint64_t before(const Op& op, uint32_t address) const;
  /// Elements that the host adds to the offset of a transfer.
  int64_t host_offset(const Op& op) const;

  // Values.
  int64_t number(const Op& op, const mlir::Value& value) const;
  /// A list of numbers with operands in it, from `next` on.
  std::vector<int64_t> numbers(const Op& op, std::string_view name, size_t& next) const;
  HostMemory host_memory(const Op& op, const mlir::Value& value) const;
  /// So many elements on from where the memory begins, in bytes; throws Error before the argument.
  uint64_t offset_in(const Op& op, const HostMemory& memory, int64_t elements) const;
  ShimEnd shim_end(const Op& op, const std::string& symbol) const;
  /// The attribute or, without one, the operand.
  int64_t attribute_or_operand(const Op& op, std::string_view name, size_t operand) const;
  uint32_t address(const Op& op, int64_t offset);
  uint32_t buffer_address(const Op& op, const std::string& name, int64_t word);
  void fix_addresses();
  void add(arch::Command command) { state_.design.sequence.emplace_back(std::move(command)); }

  State& state_;
  std::map<int, int64_t> numbers_;              ///< by value id
  std::map<int, HostMemory> memories_;          ///< by value id
  std::map<int, std::vector<uint32_t>> words_;  ///< constants, by value id
  std::map<int, Task> tasks_;                   ///< by value id
  std::map<Coord, std::set<int>> used_;         ///< descriptors, by tile
  std::vector<mlir::Value> yielded_;
  size_t executed_ = 0;
  bool fixed_ = false;
  std::map<std::string, uint32_t, std::less<>> loads_;  ///< devices, by name
  std::vector<std::unique_ptr<State>> others_;          ///< in the order of their numbers
  State* configured_ = nullptr;  ///< whose sequences are run; null: this device's
  bool inner_ = false;           ///< called by another sequence
};

}  // namespace npu::compiler::import
