// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "hw-model/observe/counters.h"
#include "hw-model/observe/hub.h"
#include "traces/facts.h"
#include "traces/file.h"
#include "traces/signals.h"

namespace npu::traces {

/// Writes events as a waveform (VCD, IEEE 1364): one tick is one cycle. Each event is one value of
/// a text signal, so that the file reads back into the same events, also after a conversion to FST,
/// which keeps neither comments nor the order of changes of different signals in one cycle; numbers
/// beside it are for the eye. The facts are values of a signal for the same reason.
///
/// Without a ring the file is written while the run goes, and what was handed to the sink is
/// readable whenever the run ends.
class VcdWriter : public observe::Observer {
 public:
  VcdWriter(Sink sink, const Facts& facts, const TraceFilter& filter = {});

  void on(const observe::Event& event) override;
  /// Marks the recording as complete up to that cycle. A further run may follow.
  void finish(Cycle cycle) override;
  /// Hands over what is written so far.
  void flush() { out_.flush(); }
  /// Closes the file; no event may follow.
  void close();

  const std::vector<Signal>& signals() const { return signals_; }
  /// The signals that changed, for a view of what matters.
  std::vector<Signal> used_signals() const;
  /// Tiles with a core or a channel that stalls in its last state.
  std::vector<Coord> stalled_tiles() const;
  Cycle end() const { return end_; }

 private:
  /// A declared signal: its code in the file and what it shows.
  struct Shown {
    char code[4];
    uint8_t code_size = 0;
    SignalType type = SignalType::Text;
    uint64_t value = 0;     ///< a number's
    bool used = false;      ///< it changed at least once
    bool seen = false;      ///< a text's: `last` is set
    observe::Payload last;  ///< a text's, while nothing is written yet
  };

  void declare(const Facts& facts);
  void begin(Cycle cycle);
  void write_facts();
  /// Takes an event into the state; writes it when the recording has begun.
  void apply(const observe::Event& event);
  void apply_numbers(const observe::Payload& payload);
  void text(Shown& signal, const observe::Payload& payload);
  void number(int signal, uint64_t value);
  void add(int signal, uint64_t amount);
  void put_number(const Shown& signal);
  void put_text(const Shown& signal, std::string_view value);
  void put_code(const Shown& signal);
  void tick(Cycle cycle);
  /// Index of a signal or -1 when it is not declared.
  int find(const observe::Subject& subject, Role role) const;

  Buffer out_;
  TraceFilter filter_;
  std::vector<Signal> signals_;
  std::vector<Shown> shown_;
  std::vector<int> by_agent_;  ///< of agent and role
  std::vector<int> by_lock_;   ///< of lock and Value, Lock
  std::vector<std::string> facts_;
  std::deque<observe::Event> ring_;
  bool begun_ = false;
  bool finished_ = false;
  Cycle now_ = 0;
  Cycle end_ = 0;
};

}  // namespace npu::traces
