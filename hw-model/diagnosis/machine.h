// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "hw-model/diagnosis/model.h"
#include "hw-model/diagnosis/model_builder.h"
#include "hw-model/diagnosis/schedule.h"

namespace npu::diagnosis {

/// Where the abstract machine stands. Plain numbers, so that states can be kept and compared.
struct MachineState {
  enum class Phase : int32_t {
    Idle,     ///< a channel without a task
    Acquire,  ///< wants a lock
    Move,     ///< words are wanted or offered
    TokenStalled,
    Run,  ///< a core that goes on
    Put,
    Get,
    CascadeGet,
    CascadePut,
    Done,
    Stopped,  ///< with an error
  };
  struct Agent {
    Phase phase = Phase::Idle;
    int32_t task = kNone;
    int32_t executions = 0;  ///< of the task still to begin, this one included
    int32_t at = 0;          ///< place in the chain, or instruction
    int64_t left = 0;        ///< words on offer that have not left
    int64_t credit = 0;      ///< words the receiver's window wants; 0 or less: words its port holds
    int32_t route = kNone;
    int32_t held = 0;        ///< arbiters
    int32_t feeder = kNone;  ///< the sender whose words come now
    int32_t queued = 0;
    int32_t tokens = 0;
    int32_t finished = 0;  ///< tasks
    int32_t dropped = 0;   ///< tasks
    int32_t cascade = 0;   ///< words in the core's input
    std::array<int32_t, kMostQueued> queue{};
    uint8_t granted = 0;  ///< the sender has its way
    uint8_t in_packet = 0;
    uint8_t leads = 0;  ///< the first word on offer is still to leave, and heads a packet
    uint8_t tlast = 0;
    uint8_t open = 0;  ///< the receiver has a window
    std::array<uint8_t, 3> unused{};
  };

  std::vector<Agent> agents;
  std::vector<int64_t> registers;
  std::vector<uint8_t> known;  ///< registers that do not depend on data
  std::vector<int32_t> locks;
  std::vector<int32_t> holders;                    ///< of arbiters
  std::vector<std::pair<int32_t, int64_t>> marks;  ///< receiver, words until an end of packet
  int64_t delivered = 0;                           ///< words that a shim has received
  uint32_t host = 0;                               ///< operation that is next

  /// A number that tells states apart with near certainty.
  std::pair<uint64_t, uint64_t> digest() const;
  size_t bytes() const;
};

/// The model in motion, without time: everything that no other order could change happens at once
/// (`settle`); what is left are choices: who gets a lock or an arbiter that several may ask for.
class Machine {
 public:
  /// One grant that is possible now.
  struct Choice {
    bool arbiter = false;
    int object = 0;  ///< lock or arbiter
    int agent = 0;
    bool operator==(const Choice&) const = default;
  };

  explicit Machine(const Model& model);

  /// Lets all happen that needs no choice, until nothing does, the host is done, or something comes
  /// up that has no place in the model.
  void settle();
  /// Grants that are possible now, none of which is decided by the model.
  std::vector<Choice> choices() const;
  void grant(const Choice& choice);

  bool host_done() const { return state_.host >= model_.host.size(); }
  /// Why the machine cannot go on; empty: nothing.
  const std::string& problem() const { return problem_; }
  uint64_t steps() const { return steps_; }
  void limit_steps(uint64_t steps) { limit_ = steps; }

  /// What keeps an agent from moving, for partial orders: the agents of which one must move first.
  /// An agent that waits for a choice names all who may ask for the same.
  void blockers(int agent, std::vector<int>& out) const;

  GrantStep step_of(const Choice& choice) const;
  /// The state as events, so that it is diagnosed as a run is.
  std::vector<observe::Event> events() const;

  const MachineState& state() const { return state_; }
  /// Goes on from a state in which all had settled.
  void restore(MachineState state);

 private:
  using Phase = MachineState::Phase;
  using Agent = MachineState::Agent;

  Agent& at(int agent) { return state_.agents[static_cast<size_t>(agent)]; }
  const Agent& at(int agent) const { return state_.agents[static_cast<size_t>(agent)]; }
  const Model::Agent& fixed(int agent) const { return model_.agents[static_cast<size_t>(agent)]; }
  const Model::Step& descriptor(int agent) const {
    const Agent& a = at(agent);
    return model_.tasks[static_cast<size_t>(a.task)].chain[static_cast<size_t>(a.at)];
  }
  bool is_core(int agent) const { return fixed(agent).id.kind == observe::AgentKind::Core; }
  bool receives(int agent) const { return fixed(agent).id.kind == observe::AgentKind::S2mm; }

  void wake(int agent);
  void step(int agent);
  void trouble(std::string text);

  // Channels.
  void step_channel(int agent);
  bool start_task(int agent);
  bool acquire(int agent);
  void begin_move(int agent);
  void end_descriptor(int agent);
  void end_task(int agent);

  // Locks.
  bool take(int lock, int amount);
  void take_now(int lock, int amount);
  void give(int agent, int lock, int amount);

  // Streams.
  void offer(int agent, int route, int64_t words, bool tlast);
  bool request_arbiters(int agent);
  void begin_offer(int agent);
  bool move(int agent);
  int64_t room(const Agent& sender, const Model::Leg& leg) const;
  void deliver(const Agent& sender, const Model::Leg& leg, int64_t words);
  void open(int agent, int64_t words);
  void mark(int sink, int64_t words);
  void clip(int sink, int64_t mark);

  // Cores.
  void step_core(int agent);
  bool execute(int agent, const arch::Instruction& in);
  bool stream(int agent, const arch::Instruction& in);
  bool cascade(int agent, const arch::Instruction& in);
  bool memory(int agent, int64_t address, bool known, uint32_t bytes);
  bool call(int agent, const arch::Instruction& in);
  void compute(int agent, const arch::Instruction& in);
  int64_t& reg(int agent, int index);
  uint8_t& known(int agent, int index);
  void forget(int agent, int index);

  // The host.
  void step_host();
  bool execute(const Model::HostOp& op);
  bool push(const Model::HostOp& op);
  bool sync(const Model::HostOp& op);
  bool set_lock(const Model::HostOp& op);
  bool stalled(const Model::HostOp& op);
  bool rewrite(const Model::HostOp& op);
  bool busy(int agent) const;

  void channel_events(int agent, std::vector<observe::Event>& out) const;
  void core_events(int agent, std::vector<observe::Event>& out) const;

  const Model& model_;
  MachineState state_;
  std::deque<int> work_;
  std::vector<uint8_t> queued_;
  bool host_ready_ = true;
  bool host_full_ = false;  ///< waits for room in a queue: what happens decides
  bool nothing_else_ = false;
  std::string problem_;
  uint64_t steps_ = 0;
  uint64_t limit_ = ~uint64_t{0};
};

}  // namespace npu::diagnosis
