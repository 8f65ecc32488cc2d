// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "hw-model/logic/access.h"
#include "hw-model/logic/arbiter.h"
#include "hw-model/logic/route.h"
#include "hw-model/sim/context.h"
#include "hw-model/sim/fifo.h"

namespace npu::sim {

/// Words that a source offers: one execution of a descriptor, or one word of a core.
struct Outgoing {
  const logic::Plan* plan = nullptr;
  const uint32_t* memory =
      nullptr;         ///< base of the plan's addresses; may be null in timing-only runs
  uint64_t first = 0;  ///< word of the plan's walk that comes first
  uint64_t words = 0;  ///< of data
  std::optional<uint32_t> header;  ///< inserted before the data
  bool tlast = true;               ///< the last word closes the packet
  uint32_t pad = 0;
  Cycle delay = 0;  ///< before the first word may leave
};

/// Words that a receiver wants.
struct Incoming {
  const logic::Plan* plan = nullptr;
  uint32_t* memory = nullptr;
  uint64_t words = 0;
  bool finish_on_tlast = false;
  bool control = false;  ///< the words steer the model: moved in timing-only runs too
  Cycle delay = 0;       ///< before the first word may be taken
};

/// Told by the fabric what becomes of its words. `moving(false)`: offered or wanted words wait for
/// the other side.
class SourceClient {
 public:
  virtual void sent() = 0;
  virtual void moving(bool moving) = 0;

 protected:
  ~SourceClient() = default;
};
class SinkClient {
 public:
  virtual void received(uint64_t words, bool tlast) = 0;
  virtual void moving(bool moving) = 0;

 protected:
  ~SinkClient() = default;
};

/// The streams of the partition. A source offers words, a receiver opens a window for them; the
/// fabric finds the way that the switch registers make, lets packets hold their arbiters, and moves
/// words as far as every receiver's window and port buffer allow. How words move in time is the
/// subclass: in closed form (FlowFabric) or one by one (WordFabric).
///
/// What both keep, exactly: word k of a receiver may leave its source when k < (words of all
/// windows opened so far) + (words its port holds); a source goes as far as the least advanced of
/// its receivers allows.
class Fabric {
 public:
  Fabric(Context& context, logic::Network& network);
  virtual ~Fabric() = default;
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;

  /// Registers an endpoint; returns its handle.
  int add_source(const logic::SourceId& id, const observe::Agent& agent, SourceClient& client);
  int add_sink(const logic::SinkId& id, const observe::Agent& agent, SinkClient& client);

  /// Offers words; `sent` is called when the last one has left. One offer at a time.
  void send(int source, const Outgoing& out);
  /// Opens a window; `received` is called when it is full, or at TLAST when it asks for that. One
  /// window at a time.
  void receive(int sink, const Incoming& in);

  /// Withdraws an offer or window (channel reset).
  void abort_source(int source);
  void abort_sink(int sink);

  /// A switch register was written.
  void reroute();
  /// The deterministic merge of an arbiter was written.
  void program_merge(arch::Coord tile, int arbiter, std::vector<logic::MergeStep> merge);

  /// Words of the open window that have been taken.
  virtual uint64_t taken(int sink) const = 0;
  /// Arms an event for when the last word on its way rests; false when all do.
  virtual bool await_rest() { return false; }
  /// Tells how a run has left the ports.
  void tell_last() const;
  /// The run is over: words that have reached a window are written to memory.
  virtual void settle() {}

 protected:
  struct Sink;
  struct LegState {
    Sink* sink = nullptr;
    uint32_t buffer = 0;
    uint64_t latency = 0;  ///< ticks
    bool drops_header = false;
    int64_t base = 0;      ///< word k of the source is word k + base of the receiver
    uint64_t written = 0;  ///< source words handed to the receiver
  };
  /// What is known of an endpoint; a fidelity adds its own part.
  struct Source {
    virtual ~Source() = default;
    int index = 0;
    logic::SourceId id;
    observe::Agent agent;
    SourceClient* client = nullptr;
    bool active = false;     ///< has words on offer
    bool granted = false;    ///< has a way, and all arbiters on it
    bool in_packet = false;  ///< TLAST of the current packet is still to come
    bool leads = false;      ///< the first word on offer is the header of a packet
    bool reported = false;   ///< what keeps the offer from moving has been told
    Outgoing out;
    Cycle ready = 0;     ///< when the first word leaves, or may leave
    Cycle left = 0;      ///< when the last word of the offer has left
    uint64_t begin = 0;  ///< words of this offer: [begin, end), counted over the source's life
    uint64_t end = 0;
    std::vector<LegState> legs;
    std::optional<logic::Route> route;
    std::optional<uint32_t> route_header;
    uint64_t route_version = 0;
    size_t arbiters_held = 0;
    Fabric* owner = nullptr;
    Alarm at_switch;  ///< the header reaches the next arbiter
    void ask() { owner->request_arbiters(*this); }
    bool has_header() const { return out.header.has_value(); }
    /// The first word on offer that a receiver sees.
    uint64_t first(const LegState& leg) const {
      return begin + (leads && leg.drops_header ? 1 : 0);
    }
  };
  struct Sink {
    virtual ~Sink() = default;
    int index = 0;
    logic::SinkId id;
    observe::Agent agent;
    SinkClient* client = nullptr;
    bool open = false;
    Incoming in;
    Cycle ready = 0;
    uint64_t begin = 0;  ///< the window: [begin, end), counted over the receiver's life
    uint64_t end = 0;
    uint64_t granted = 0;       ///< end of the newest window
    uint64_t arrived = 0;       ///< words that have left a source for here
    Source* feeding = nullptr;  ///< whose words come now
    Fifo<uint64_t> tlasts;      ///< ends of packets, not yet passed by a window
    uint32_t fill = 0;          ///< last reported
  };

  virtual std::unique_ptr<Source> make_source() = 0;
  virtual std::unique_ptr<Sink> make_sink() = 0;
  /// The source has a way and its arbiters: move what can be moved, from `start` on, which is past
  /// when the header has found its arbiters free.
  virtual void launch(Source& source, Cycle start) = 0;
  /// Move what can be moved now.
  void resume(Source& source) { launch(source, std::max(context_.now(), source.ready)); }
  /// A window was opened.
  virtual void opened(Sink& sink) = 0;
  /// An offer is withdrawn: words that have left stay on their way, and the offer ends with them.
  virtual void closed(Source& source) = 0;
  /// A window is withdrawn: it keeps what it has taken. Returns that number of words.
  virtual uint64_t closed(Sink& sink) = 0;

  /// How far the source may go, in words of its life: the rule both fidelities keep.
  uint64_t launch_limit(const Source& source) const;
  /// The last word of the offer has left.
  void complete(Source& source);
  /// The window is full, or ended by TLAST.
  void complete(Sink& sink);
  void report_fill(Sink& sink);

  Source& source(int index) { return *sources_[static_cast<size_t>(index)]; }
  const Source& source(int index) const { return *sources_[static_cast<size_t>(index)]; }
  Sink& sink(int index) { return *sinks_[static_cast<size_t>(index)]; }
  const Sink& sink(int index) const { return *sinks_[static_cast<size_t>(index)]; }
  const std::vector<std::unique_ptr<Source>>& sources() const { return sources_; }

  Context& context_;
  const uint64_t rate_;  ///< ticks (words) a cycle

 private:
  bool route(Source& source);
  void begin_offer(Source& source);
  /// Asks for the arbiters on the way, each when the header reaches it.
  void request_arbiters(Source& source);
  void take_arbiter(Source& source, const logic::ArbiterUse& use);
  void release_arbiters(Source& source);
  void continue_with(std::optional<int> source);
  /// An arbiter, and when the last word of the newest packet has passed it.
  struct Crossing {
    logic::Arbiter arbiter;
    Cycle free = 0;
  };
  Crossing& crossing(arch::Coord tile, int arbiter);
  void clip_window(Sink& sink);

  logic::Network& network_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<std::unique_ptr<Sink>> sinks_;
  std::map<logic::SinkId, int> sink_of_;
  std::map<std::pair<arch::Coord, int>, Crossing> crossings_;
  uint64_t version_ = 1;
};

/// The fabric of a fidelity.
std::unique_ptr<Fabric> make_fabric(Context& context, logic::Network& network);

}  // namespace npu::sim
