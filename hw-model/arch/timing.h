// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hw-model/arch/kernel.h"
#include "hw-model/arch/tile.h"
#include "hw-model/arch/types.h"

namespace npu::arch {

/// Where a number comes from.
enum class Origin : uint8_t { Assumed, Manual, Measured };

/// A timing number with its origin. Cycles of the array clock unless the field says otherwise.
struct Parameter {
  double value = 0;
  Origin origin = Origin::Assumed;
  std::string source = {};

  Cycle cycles() const { return static_cast<Cycle>(static_cast<int64_t>(value + 0.5)); }
  /// Of a parameter that is a yes (1) or a no (0).
  explicit operator bool() const { return value != 0; }
};

/// Words a stream holds beyond what its receiving descriptor has taken (hardware reference 5.6.1),
/// by kind of receiver.
struct Buffering {
  Parameter core;
  Parameter memtile;
  Parameter shim;
  const Parameter& of(TileKind kind) const {
    return kind == TileKind::Core ? core : kind == TileKind::Memtile ? memtile : shim;
  }
};

/// Cycles of a kernel: setup + MACs / rate + blocks * per_block, blocks of C counted in instruction
/// blocks. Elementwise kernels: setup + elements / rate.
struct KernelCost {
  KernelOp op = KernelOp::Matmul;
  Type a = Type::Bf16;
  Type c = Type::F32;
  Parameter rate;       ///< MACs (or elements) a cycle
  Parameter per_block;  ///< cycles per block of C: load, store, convert
  Parameter setup;
};

/// What driver and firmware let a program have.
struct DriverLimits {
  Parameter contexts{6};         ///< hardware contexts at a time
  Parameter aligned_columns{0};  ///< 1: partitions start at multiples of a power of two
  Parameter buffers{16};         ///< of one kernel call
  /// Buffers whose addresses firmware translates; later ones need the offset of DDR in the stream.
  Parameter translated_buffers{5};
  Parameter lockable_bytes{0};  ///< memory that the host can lock; 0: all of it
};

/// Every timing number of a device, and the limits that go with it. `configs/devices/*.yaml` fills
/// it; the defaults make `Timing{}` run.
struct Timing {
  Parameter clock_mhz{1000};

  struct {
    Parameter words_per_cycle{1};  ///< of a port
    Parameter hop{4};              ///< external to external, one switch
    Parameter local_slave{4};      ///< DMA or core into the first switch and out of it to the next
    Parameter local_master{3};     ///< last switch to DMA or core
    Parameter local{3};            ///< local slave to local master of the same switch
    Parameter fifo{16};            ///< words in the FIFO port
    Buffering circuit{{8}, {8}, {8}};
    Buffering packet{{8}, {8}, {8}};
  } stream;

  struct {
    Parameter start{4};  ///< idle channel: queue to first word
    Parameter chain{1};  ///< between chained descriptors, an acquire that succeeds included
    Parameter queue_depth{4};
    Parameter running_task_counts{
        1};  ///< 1: the running task takes a place in the queue (4.8); 0: it does not
  } dma;

  struct {
    Parameter wake{1};  ///< release to the waiter's progress
  } lock;

  struct {
    Parameter lock_operation{1};
    Parameter instruction{1};
    Parameter call{10};
    Parameter cascade{1};
  } core;

  struct {
    Parameter mm2s_cold{750};  ///< first data of a task on an idle channel
    Parameter mm2s_warm{250};  ///< of a task that follows another
    Parameter s2mm_completion{170};
    Parameter bytes_per_cycle{8};  ///< of one shim tile, each direction
  } shim;

  struct {
    Parameter bytes_per_cycle{60};  ///< shared by all columns
    Parameter burst_bytes{64};      ///< a contiguous run costs whole bursts
  } ddr;

  struct {
    Parameter write{100};
    Parameter block_write{100};
    Parameter block_write_word{13};
    Parameter mask_write{210};
    Parameter address_patch{100};
    Parameter queue_push{2500};  ///< extra cost of a write to a shim start queue
    Parameter sync{8000};        ///< token to the controller's notice
    Parameter load{0};           ///< loading a configuration
    Parameter dispatch{0};       ///< from the end of a command to the start of the next in a list
  } controller;

  DriverLimits driver;

  std::vector<KernelCost> kernels;

  /// Cycles of a kernel by the cost function; kernels without a row use `core.instruction` per
  /// element or MAC, assumed.
  Cycle kernel_cycles(const KernelSpec& spec) const;
  /// The row that decides a kernel's cycles, or nullptr when there is none.
  const KernelCost* row_of(const KernelSpec& spec) const;
};

}  // namespace npu::arch
