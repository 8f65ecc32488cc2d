// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "hw-model/observe/counters.h"
#include "hw-model/observe/hub.h"
#include "traces/file.h"

namespace npu::traces {

using arch::Coord;
using arch::Cycle;

/// Writes events as the trace of the hardware's event units, in the shape that mlir-aie's trace
/// tools write and read: a bare array of trace-viewer records, time in cycles, one process per
/// trace unit, one thread per event slot with the default choice of events. A slot is high while
/// its state lasts; a moment (a task starts) is high for one cycle.
///
/// INSTR_EVENT_0 and _1 are the marks of a core's program. A core that has set none has them where
/// a kernel begins and ends.
class AieTimeline : public observe::Observer {
 public:
  /// Traces these tiles; the order of the trace units is by kind of unit, then by tile.
  AieTimeline(Sink sink, std::vector<Coord> tiles);

  void on(const observe::Event& event) override;
  void finish(Cycle cycle) override { now_ = std::max(now_, cycle); }
  /// Ends what is still high and closes the file; no event may follow.
  void close();

  static constexpr int kSlots = 8;

 private:
  enum class Unit : uint8_t { Core, Memory, Shim, Memtile };
  /// A moment that ends.
  struct Fall {
    Cycle cycle;
    int pid;
    int tid;
  };

  void add(const observe::ChannelChanged& e);
  void add(const observe::TaskChanged& e);
  void add(const observe::CoreChanged& e);
  void add(const observe::CoreMarked& e);
  template <typename Other>
  void add(const Other&) {}

  int pid(Unit unit, Coord tile) const {
    return pids_[static_cast<size_t>(unit)][static_cast<size_t>(tile.index())];
  }
  /// Whether that event of a trace unit is high.
  uint8_t& high(int pid, int tid) { return high_[static_cast<size_t>(pid * kSlots + tid)]; }
  void level(Unit unit, Coord tile, int tid, bool now_high);
  void moment(Unit unit, Coord tile, int tid);
  /// Ends the moments that are over before `cycle` or at it.
  void settle(Cycle cycle);
  void describe(Unit unit, Coord tile);
  void record(char phase, int pid, int tid, Cycle cycle);
  void separate();

  Buffer out_;
  std::array<std::array<int, observe::kTiles>, 4> pids_;
  std::vector<Unit> units_;  ///< by pid
  std::vector<uint8_t> high_;
  std::deque<Fall> falls_;
  std::array<bool, observe::kTiles> marked_{};
  std::array<bool, observe::kTiles> in_kernel_{};
  bool first_ = true;
  bool closed_ = false;
  Cycle now_ = 0;
};

}  // namespace npu::traces
