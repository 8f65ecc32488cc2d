// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/register.h"
#include "hw-model/logic/kernel_registry.h"
#include "hw-model/sim/control_port.h"
#include "hw-model/sim/core.h"
#include "hw-model/sim/ddr.h"
#include "hw-model/sim/dma.h"
#include "hw-model/sim/host.h"
#include "hw-model/sim/locks.h"

namespace npu::sim {

/// One tile: memories, locks, descriptors, channels, and in a compute tile the core.
struct Tile {
  Tile(Context& context, Array& array, arch::Coord at);

  arch::Coord coord;
  std::vector<uint32_t> memory;   ///< words
  std::vector<uint32_t> program;  ///< words
  LockUnit locks;
  std::vector<BdSlot> descriptors;
  std::vector<std::unique_ptr<DmaChannel>> s2mm;
  std::vector<std::unique_ptr<DmaChannel>> mm2s;
  std::unique_ptr<CoreUnit> core;
  std::unique_ptr<ControlPort> control;
  std::map<uint32_t, uint32_t> storage;  ///< registers that keep their value and do nothing
};

/// All tiles of a partition, their streams, and the register plane through which everything is
/// configured.
class Array {
 public:
  /// `memory`: what serves DDR to all partitions; null: to this one alone.
  Array(Context& context, HostMemory& host, std::shared_ptr<Server> memory = nullptr);

  /// The register plane: one 32-bit access at a partition-relative address.
  void write(uint32_t address, uint32_t value);
  void write_block(uint32_t address, std::span<const uint32_t> words);
  void write_masked(uint32_t address, uint32_t mask, uint32_t value);
  uint32_t read(uint32_t address);
  /// True when a read does something: a lock request, a pop of a FIFO.
  bool reading_acts(uint32_t address) const;

  /// Releases the reset of cores that were enabled while held in it, as the firmware does at a
  /// launch.
  void launch_cores();

  /// Who gets task-complete tokens.
  void on_token(std::function<void(const observe::Agent&)> receiver) {
    token_receiver_ = std::move(receiver);
  }
  /// The run is over: partial transfers reach memory, and whoever did not follow the states is told
  /// the last ones.
  void settle();
  /// Host buffers have moved: shim descriptors look them up again.
  void forget_host_memory();

  // What the parts of tiles ask for.
  Tile& tile(arch::Coord at) { return *tiles_[static_cast<size_t>(at.index())]; }
  Fabric& fabric() { return *fabric_; }
  Ddr& ddr() { return ddr_; }
  /// The tile of a core's neighbour window; null when there is no compute tile.
  Tile* core_neighbour(arch::Coord at);
  /// The memtile behind a window of a memtile channel: 0 west, 1 own, 2 east; null when it is out
  /// of reach.
  Tile* memtile_window(const observe::Agent& channel, uint64_t window);
  /// The walk of a single word that is not in a tile's memory.
  const logic::Plan& one_word() const { return one_word_; }
  /// Finds the memory that a descriptor addresses and compiles its walk.
  void place(const observe::Agent& channel, LoadedBd& loaded);
  /// Sends a task-complete token; false when its stream leads nowhere.
  bool issue_token(const observe::Agent& channel, int64_t controller_id);
  /// The agent waits for no lock any more.
  void withdraw(const LockClient& client, const observe::Agent& agent);
  /// Reports memory that a core uses, for observers that ask.
  void touch(const observe::Agent& core, uint64_t address, const logic::KernelArgument& use,
             bool held);

 private:
  /// Memory of a memtile next to the partition, where the device has one: nothing keeps a channel
  /// from it. Null elsewhere.
  std::vector<uint32_t>* beyond_partition(const observe::Agent& channel, uint64_t window);
  void write_register(Tile& tile, const arch::Location& at, uint32_t address, uint32_t value);
  void write_switch(Tile& tile, const arch::Location& at, uint32_t value);
  void tell_in_use(const Tile& tile, int bd);
  void write_channel(Tile& tile, const arch::Location& at, uint32_t value);
  uint32_t read_register(Tile& tile, const arch::Location& at, uint32_t offset);
  uint32_t read_channel(const Tile& tile, const arch::Location& at);
  uint32_t request_lock(Tile& tile, uint32_t offset);
  void program_merge(const Tile& tile, int arbiter);
  void zero_memory(Tile& tile);
  void not_modelled(uint32_t address);
  std::optional<arch::Location> locate(uint32_t address);

  Context& context_;
  HostMemory& host_;
  logic::Network network_;
  std::unique_ptr<Fabric> fabric_;
  Ddr ddr_;
  logic::Plan one_word_{logic::Access{.base = 0, .length = 1, .dims = {}, .pads = {}}};
  std::vector<std::unique_ptr<Tile>> tiles_;
  std::map<int, std::vector<uint32_t>> beyond_;  ///< by physical column
  std::function<void(const observe::Agent&)> token_receiver_;
  std::set<uint32_t> reported_;
};

}  // namespace npu::sim
