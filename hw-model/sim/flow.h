// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <memory>
#include <vector>

#include "hw-model/sim/fabric.h"

namespace npu::sim {

/// Streams in closed form: no event per word. The words of a source leave one a tick; word w leaves
/// at tick w + p, where p only grows, and only when the source had to wait. A receiver takes word k
/// at tick k + q, likewise. So the end of any offer or window is known as soon as its last word may
/// leave (max-plus algebra over the steps of p and q).
class FlowFabric final : public Fabric {
 public:
  FlowFabric(Context& context, logic::Network& network);

  uint64_t taken(int sink) const override;
  void settle() override;
  bool await_rest() override;

 private:
  /// A step of q: words from `from` on arrive at tick word + q.
  struct Step {
    uint64_t from;
    int64_t q;
  };
  struct FlowSource final : Source {
    FlowFabric* fabric = nullptr;
    Alarm alarm;
    uint64_t launched = 0;
    int64_t p = 0;
    bool stalled = false;
    void fire() { fabric->source_alarm(*this); }
  };
  struct FlowSink final : Sink {
    FlowFabric* fabric = nullptr;
    Alarm alarm;
    int64_t opened_at = 0;  ///< tick
    Fifo<Step> steps;
    Fifo<uint32_t> held;  ///< words in the port whose source is done with them
    bool starved = false;
    void fire() { fabric->sink_alarm(*this); }
  };
  static FlowSource& mine(Source& source) { return static_cast<FlowSource&>(source); }
  static FlowSink& mine(Sink& sink) { return static_cast<FlowSink&>(sink); }

  std::unique_ptr<Source> make_source() override;
  std::unique_ptr<Sink> make_sink() override;
  void launch(Source& source, Cycle start) override;
  void opened(Sink& sink) override;
  void closed(Source& source) override;
  uint64_t closed(Sink& sink) override;

  void source_alarm(FlowSource& source);
  void sink_alarm(FlowSink& sink);
  void arrive(Source& source, LegState& leg, uint64_t from, uint64_t to, int64_t p);
  void schedule(FlowSink& sink);
  /// One past the last word of the open window that has been taken by now.
  uint64_t taken_end(const FlowSink& sink) const;
  /// Takes back the words that were to leave from now on.
  void recall(FlowSource& source);
  /// Commits what the source of the receiver's open window has for it.
  void commit_window(FlowSink& sink);
  static int64_t arrival(const FlowSink& sink, uint64_t word);

  /// Hands the receivers the source's words up to `to`: into their open windows, and, when the
  /// source is done, into their ports.
  void commit(Source& source, uint64_t to);
  void commit_leg(Source& source, LegState& leg, uint64_t to, bool first);
  void fetch(const Source& source, uint64_t from, uint64_t to, uint32_t* out) const;
  const uint32_t* gathered(Source& source, uint64_t from, uint64_t to, uint32_t* preferred);
  void drain_port(FlowSink& sink);

  int64_t tick_of(Cycle cycle) const { return static_cast<int64_t>(cycle * rate_); }
  Cycle cycle_of(int64_t tick) const {
    return static_cast<Cycle>((tick + static_cast<int64_t>(rate_) - 1) /
                              static_cast<int64_t>(rate_));
  }

  void rest() {}
  Alarm rest_;
  Cycle rests_at_ = 0;  ///< when the last of the words that no event waits for has arrived

  // The last gather, so that a broadcast reads its source once.
  struct Gathered {
    uint64_t from = 0;
    uint64_t to = 0;
    const uint32_t* words = nullptr;
  } gathered_;
  std::vector<uint32_t> scratch_;
};

}  // namespace npu::sim
