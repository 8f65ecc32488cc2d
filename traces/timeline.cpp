// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/timeline.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace npu::traces {

using observe::AgentKind;
using observe::ChannelChanged;
using observe::ChannelState;
using observe::CoreChanged;
using observe::CoreMarked;
using observe::CoreState;
using observe::Event;
using observe::TaskChanged;

namespace {

constexpr std::array<std::string_view, 4> kUnitNames{"core_trace", "mem_trace", "shim_trace",
                                                     "memtile_trace"};

/// Default events of each unit, by slot.
constexpr std::array<std::array<std::string_view, AieTimeline::kSlots>, 4> kSlotNames{{
    {"INSTR_EVENT_0", "INSTR_EVENT_1", "INSTR_VECTOR", "MEMORY_STALL", "STREAM_STALL", "LOCK_STALL",
     "PORT_RUNNING_0", "PORT_RUNNING_1"},
    {"DMA_S2MM_0_START_TASK", "DMA_MM2S_0_START_TASK", "CONFLICT_DM_BANK_0", "CONFLICT_DM_BANK_1",
     "CONFLICT_DM_BANK_2", "CONFLICT_DM_BANK_3", "EDGE_DETECTION_EVENT_0",
     "EDGE_DETECTION_EVENT_1"},
    {"DMA_S2MM_0_START_TASK", "DMA_S2MM_1_START_TASK", "DMA_MM2S_0_START_TASK",
     "DMA_S2MM_0_FINISHED_TASK", "DMA_S2MM_1_FINISHED_TASK", "DMA_MM2S_0_FINISHED_TASK",
     "DMA_S2MM_0_STREAM_STARVATION", "DMA_S2MM_1_STREAM_STARVATION"},
    {"PORT_RUNNING_0", "PORT_RUNNING_1", "PORT_RUNNING_2", "PORT_RUNNING_3", "PORT_RUNNING_4",
     "PORT_RUNNING_5", "PORT_RUNNING_6", "PORT_RUNNING_7"},
}};

constexpr int kEvent0 = 0;
constexpr int kEvent1 = 1;
constexpr int kVector = 2;
constexpr int kStreamStall = 4;
constexpr int kLockStall = 5;
constexpr int kCorePort = 6;      // S2MM 0, then MM2S 0
constexpr int kShimFinished = 3;  // after the three starts
constexpr int kShimStarvation = 6;
constexpr int kMemtilePorts = 4;  // of each direction

}  // namespace

AieTimeline::AieTimeline(Sink sink, std::vector<Coord> tiles) : out_(std::move(sink)) {
  for (auto& unit : pids_)
    unit.fill(-1);
  std::sort(tiles.begin(), tiles.end());
  out_.append('[');
  constexpr std::array kKinds{arch::TileKind::Core, arch::TileKind::Core, arch::TileKind::Shim,
                              arch::TileKind::Memtile};
  for (size_t unit = 0; unit < kKinds.size(); ++unit)
    for (const Coord tile : tiles)
      if (tile.kind() == kKinds[unit])
        describe(static_cast<Unit>(unit), tile);
  high_.resize(units_.size() * kSlots);
}

void AieTimeline::describe(Unit unit, Coord tile) {
  const auto index = static_cast<size_t>(unit);
  const size_t pid = units_.size();
  pids_[index][static_cast<size_t>(tile.index())] = static_cast<int>(pid);
  units_.push_back(unit);
  separate();
  // The tools of this format name tiles row first.
  out_.append(fmt::format(
      R"({{"name":"process_name","ph":"M","pid":{},"args":{{"name":"{} for tile{},{}"}}}})", pid,
      kUnitNames[index], tile.row, tile.col));
  for (int tid = 0; tid < kSlots; ++tid) {
    separate();
    out_.append(
        fmt::format(R"({{"name":"thread_name","ph":"M","pid":{},"tid":{},"args":{{"name":"{}"}}}})",
                    pid, tid, kSlotNames[index][static_cast<size_t>(tid)]));
  }
}

void AieTimeline::separate() {
  if (!first_)
    out_.append(",\n");
  first_ = false;
  out_.settle();
}

void AieTimeline::record(char phase, int pid, int tid, Cycle cycle) {
  separate();
  out_.append("{\"name\":\"");
  const auto unit = static_cast<size_t>(units_[static_cast<size_t>(pid)]);
  out_.append(kSlotNames[unit][static_cast<size_t>(tid)]);
  out_.append("\",\"ts\":");
  out_.number(cycle);
  out_.append(",\"ph\":\"");
  out_.append(phase);
  out_.append("\",\"pid\":");
  out_.number(static_cast<uint64_t>(pid));
  out_.append(",\"tid\":");
  out_.number(static_cast<uint64_t>(tid));
  out_.append(",\"args\":{}}");
}

void AieTimeline::settle(Cycle cycle) {
  for (; !falls_.empty() && falls_.front().cycle <= cycle; falls_.pop_front()) {
    const Fall& fall = falls_.front();
    record('E', fall.pid, fall.tid, fall.cycle);
    high(fall.pid, fall.tid) = false;
  }
}

void AieTimeline::level(Unit unit, Coord tile, int tid, bool now_high) {
  const int process = pid(unit, tile);
  if (process < 0 || high(process, tid) == now_high)
    return;
  high(process, tid) = now_high;
  record(now_high ? 'B' : 'E', process, tid, now_);
}

void AieTimeline::moment(Unit unit, Coord tile, int tid) {
  const int process = pid(unit, tile);
  if (process < 0 || high(process, tid))
    return;
  high(process, tid) = true;
  record('B', process, tid, now_);
  falls_.push_back({now_ + 1, process, tid});
}

void AieTimeline::on(const Event& event) {
  now_ = std::max(now_, event.cycle);
  settle(now_);
  std::visit([&](const auto& payload) { add(payload); }, event.payload);
}

void AieTimeline::add(const ChannelChanged& e) {
  const Coord tile = e.channel.tile;
  const bool receives = e.channel.kind == AgentKind::S2mm;
  const bool running = e.state == ChannelState::Running;
  switch (tile.kind()) {
    case arch::TileKind::Core:
      if (e.channel.index == 0)
        level(Unit::Core, tile, kCorePort + !receives, running);
      return;
    case arch::TileKind::Memtile:
      if (e.channel.index < kMemtilePorts)
        level(Unit::Memtile, tile, e.channel.index + (receives ? 0 : kMemtilePorts), running);
      return;
    case arch::TileKind::Shim:
      if (receives)
        level(Unit::Shim, tile, kShimStarvation + e.channel.index,
              e.state == ChannelState::Starved);
      return;
  }
}

void AieTimeline::add(const TaskChanged& e) {
  const Coord tile = e.channel.tile;
  const bool started = e.what == TaskChanged::What::Started;
  const bool finished = e.what == TaskChanged::What::Finished;
  const bool receives = e.channel.kind == AgentKind::S2mm;
  if (tile.kind() == arch::TileKind::Core && e.channel.index == 0 && started)
    moment(Unit::Memory, tile, !receives);
  if (tile.kind() != arch::TileKind::Shim || (!receives && e.channel.index > 0))
    return;
  const int tid = receives ? e.channel.index : 2;
  if (started || finished)
    moment(Unit::Shim, tile, tid + (finished ? kShimFinished : 0));
}

void AieTimeline::add(const CoreChanged& e) {
  const Coord tile = e.core.tile;
  const auto index = static_cast<size_t>(tile.index());
  const bool kernel = e.state == CoreState::Kernel;
  if (in_kernel_[index] && !marked_[index])
    moment(Unit::Core, tile, kEvent1);
  if (kernel && !marked_[index])
    moment(Unit::Core, tile, kEvent0);
  in_kernel_[index] = kernel;
  level(Unit::Core, tile, kVector, kernel);
  level(Unit::Core, tile, kStreamStall, e.state == CoreState::StreamStall);
  level(Unit::Core, tile, kLockStall, e.state == CoreState::LockStall);
}

void AieTimeline::add(const CoreMarked& e) {
  marked_[static_cast<size_t>(e.core.tile.index())] = true;
  moment(Unit::Core, e.core.tile, e.number == 0 ? kEvent0 : kEvent1);
}

void AieTimeline::close() {
  if (closed_)
    return;
  closed_ = true;
  settle(now_);
  for (const Fall& fall : falls_)
    high(fall.pid, fall.tid) = false;
  for (size_t i = 0; i < high_.size(); ++i)
    if (high_[i])
      record('E', static_cast<int>(i / kSlots), static_cast<int>(i % kSlots), now_);
  settle(now_ + 1);
  out_.append("]\n");
  out_.close();
}

}  // namespace npu::traces
