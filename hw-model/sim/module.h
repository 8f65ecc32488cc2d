// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <memory>
#include <systemc>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "hw-model/sim/controller.h"

namespace npu::sim {

/// A tile in the SystemC hierarchy: `npu.col1.row2`. Its behaviour is plain objects inside the
/// array; the module gives it its name and place.
class TileModule : public sc_core::sc_module {
 public:
  TileModule(const sc_core::sc_module_name& name, Tile& tile) : sc_module(name), tile_(tile) {}
  const Tile& tile() const { return tile_; }
  const char* kind() const override { return "npu_tile"; }

 private:
  Tile& tile_;
};

/// A column of tiles.
class ColumnModule : public sc_core::sc_module {
 public:
  ColumnModule(const sc_core::sc_module_name& name, Array& array, int column);

 private:
  std::vector<std::unique_ptr<TileModule>> tiles_;
};

/// The NPU as a SystemC module with TLM-2.0 sockets on its two borders, ready for a virtual
/// platform: `host` takes register and memory accesses at partition-relative addresses (words;
/// multiples of four bytes), `ddr` reads and writes host memory at device addresses, through DMI.
/// One process runs the array's own scheduler to the next event.
class NpuModule : public sc_core::sc_module, private HostMemory {
 public:
  NpuModule(const sc_core::sc_module_name& name, const arch::Partition& partition,
            const arch::Timing& timing, const Options& options,
            std::shared_ptr<Server> memory = nullptr);

  tlm_utils::simple_target_socket<NpuModule> host;
  tlm_utils::simple_initiator_socket<NpuModule> ddr;

  Context& context() { return context_; }
  Array& array() { return array_; }
  Controller& controller() { return controller_; }

  /// Cycles that the array may run ahead of SystemC's time; 0 keeps them together (default).
  void set_quantum(arch::Cycle cycles) { quantum_ = cycles; }

  /// Lets the controller execute a host sequence inside the model; `sc_start` returns when it has
  /// ended, one way or another.
  void start_sequence(std::span<const arch::Command> sequence, std::span<const uint64_t> addresses);
  /// The same at a later cycle, and before it a configuration. The commands must outlive the run.
  void start_sequence_at(arch::Cycle cycle, std::span<const arch::Command> configuration,
                         std::span<const arch::Command> sequence,
                         std::span<const uint64_t> addresses);
  /// Called, inside the model, when a sequence has ended.
  void on_end(std::function<void()> action) { on_end_ = std::move(action); }
  arch::Cycle sequence_start() const { return sequence_start_; }
  /// How the sequence ended. Throws what a process of the model has thrown.
  RunResult finish_sequence();

  /// Throws what a process of the model has thrown.
  void rethrow();

  /// Forgets what it knows of host memory.
  void forget_host_memory();

  const char* kind() const override { return "npu"; }

 private:
  void run();
  void run_events();
  void begin_sequence();
  void advance();
  bool ended();
  bool report_progress(arch::Cycle now);
  void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned int debug_access(tlm::tlm_generic_payload& payload);
  void invalidate(sc_dt::uint64 start, sc_dt::uint64 end);
  void transfer(tlm::tlm_generic_payload& payload);
  void catch_up();
  std::optional<HostRegion> region(uint64_t address) override;
  sc_core::sc_time time_of(arch::Cycle cycle) const;
  /// SystemC's time.
  arch::Cycle current_cycle() const;

  Context context_;
  Array array_;
  Controller controller_;
  std::vector<std::unique_ptr<ColumnModule>> columns_;
  std::vector<HostRegion> regions_;
  arch::Cycle quantum_ = 0;
  double period_ps_;
  sc_core::sc_event poked_;
  std::exception_ptr failure_;

  /// A sequence that begins later.
  struct Waiting {
    std::span<const arch::Command> configuration;
    std::span<const arch::Command> sequence;
    std::vector<uint64_t> addresses;
  };
  Waiting waiting_;
  Alarm begin_;
  std::function<void()> on_end_;

  // The sequence under way.
  bool in_sequence_ = false;
  bool sequence_over_ = false;  ///< ended, and nothing of the array moves until the next one
  arch::Cycle sequence_start_ = 0;
  uint64_t events_before_ = 0;
  uint64_t next_report_ = 0;
  End end_ = End::Finished;
};

}  // namespace npu::sim
