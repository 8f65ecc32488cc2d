// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "hw-model/observe/hub.h"
#include "traces/facts.h"
#include "traces/file.h"

namespace npu::traces {

using arch::Coord;
using arch::Cycle;

/// Writes events as a timeline for ui.perfetto.dev: a process per tile, a thread per activity so
/// that slices never overlap, counters (lock values, queues, ports) and an arrow from each release
/// of a lock to the acquire that it allowed. Time is in microseconds of the array clock; everything
/// carries its cycle.
class ExtendedTimeline : public observe::Observer {
 public:
  ExtendedTimeline(Sink sink, const Facts& facts);

  void on(const observe::Event& event) override;
  void finish(Cycle cycle) override { now_ = std::max(now_, cycle); }
  /// Ends what still lasts and closes the file; no event may follow.
  void close();

 private:
  /// What a thread shows of an agent.
  enum class Activity : uint8_t { State, Task, Descriptor };
  struct Thread {
    int pid = 0;
    int tid = 0;
    bool open = false;  ///< a slice lasts
  };

  void add(const observe::ChannelChanged& e);
  void add(const observe::TaskChanged& e);
  void add(const observe::DescriptorChanged& e);
  void add(const observe::LockChanged& e);
  void add(const observe::CoreChanged& e);
  void add(const observe::RouteFill& e);
  void add(const observe::HostChanged& e);
  void add(const observe::Fault& e);
  template <typename Other>
  void add(const Other&) {}

  Thread& thread(const observe::Agent& agent, Activity activity);
  void describe(const observe::Agent& agent, Activity activity, const Thread& thread);
  void begin(Thread& thread, std::string_view name, std::string_view args);
  void end(Thread& thread);
  void counter(Coord tile, std::string_view name, uint64_t value);
  void arrow(char phase, const Thread& thread, uint64_t id);
  /// The common start of a record, up to the thread.
  void open_record(std::string_view name, char phase, int pid, int tid);
  std::string lock_label(Coord tile, int lock) const;

  Buffer out_;
  const arch::Names names_;
  uint64_t clock_mhz_;
  std::map<uint32_t, Thread> threads_;
  std::map<std::pair<Coord, int>, std::string> lock_labels_;
  std::map<std::pair<Coord, int>, uint64_t> released_;  ///< the arrow that waits for its acquire
  uint64_t arrows_ = 0;
  bool first_ = true;
  bool closed_ = false;
  Cycle now_ = 0;
};

}  // namespace npu::traces
