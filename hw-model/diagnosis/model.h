// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hw-model/arch/timing.h"
#include "hw-model/diagnosis/image.h"

namespace npu::diagnosis {

inline constexpr int kNone = -1;

/// What agents do, without time, made from an image: the fixed part of the abstract machine that
/// `explore` walks. Agents, locks and arbiters are numbered; tables lead from one to the other.
struct Model {
  /// In the place of a route: the first word of the stream decides.
  static constexpr int kSteered = -2;

  /// One descriptor of a task.
  struct Step {
    uint8_t bd = 0;
    int acquire = kNone;  ///< lock
    logic::AcquireRequest request;
    int release = kNone;  ///< lock
    int release_amount = 0;
    int64_t words = 0;
    int route = kNone;    ///< of a sender, unless it goes on with a packet
    bool header = false;  ///< a packet header goes before the words
    bool tlast = true;
    bool stops = false;  ///< the channel stops with an error when it loads it
    bool stops_at_release = false;
  };
  struct Task {
    std::vector<Step> chain;
    int again = kNone;  ///< place in the chain where an endless one goes on
    int repeat = 1;
    bool token = false;
  };
  struct Leg {
    int sink = 0;  ///< agent
    int buffer = 0;
    bool drops_header = false;
    bool operator==(const Leg&) const = default;
  };
  struct Route {
    std::vector<Leg> legs;
    std::vector<int> arbiters;  ///< in the order in which a packet asks for them
    bool packet = false;
    bool operator==(const Route&) const = default;
  };
  struct Agent {
    observe::Agent id;
    bool finishes_on_tlast = false;
    bool token_leaves = true;  ///< a token of this channel reaches the host
    int stream = kNone;        ///< route of what a core sends
    // A core.
    std::vector<arch::Instruction> code;
    std::vector<arch::KernelSpec> kernels;
    std::vector<int> lock_of;    ///< by instruction; kNone: there is no such lock
    int registers = 0;           ///< used ones
    int first_register = 0;      ///< in the state
    int cascade_target = kNone;  ///< agent
    // Neighbours, for partial orders.
    std::vector<int> sources;  ///< agents whose words may come here
  };
  struct HostOp {
    enum class What : uint8_t {
      Push,
      Sync,
      SetLock,
      Rewrite,
      WaitDone,
      WaitIdle,
      WaitStalled,
      Never
    } what;
    uint32_t command = 0;
    int subject = kNone;  ///< agent or lock
    int value = 0;        ///< task, lock value or descriptor; kNone: any descriptor
    std::vector<int> agents;
  };
  struct Shared {
    std::vector<int> takers;  ///< agents that acquire the lock, or send through the arbiter
    std::vector<int> givers;
    bool host_sets = false;
    bool contended() const { return takers.size() > 1; }
  };
  struct ArbiterId {
    Coord tile;
    uint8_t arbiter = 0;
    constexpr auto operator<=>(const ArbiterId&) const = default;
  };

  std::vector<Agent> agents;
  std::vector<Task> tasks;
  std::vector<std::vector<int>> first_tasks;  ///< by agent, pushed by the configuration
  std::vector<Route> routes;
  std::vector<LockRef> lock_ids;
  std::vector<Shared> locks;
  std::vector<int> initial;  ///< by lock
  std::vector<ArbiterId> arbiter_ids;
  std::vector<Shared> arbiters;
  std::vector<HostOp> host;
  uint32_t commands = 0;
  int registers = 0;
  int columns = 0;
  int queue_depth = 4;
  bool running_task_counts = true;
  /// What is not modelled, in the user's words; empty: the model is whole.
  std::vector<std::string> gaps;

  int host_agent() const { return static_cast<int>(agents.size()); }
};

/// Builds the model of what an image says. What it cannot express is told in `gaps`, never guessed.
Model make_model(const Image& image, const arch::Timing& timing);

}  // namespace npu::diagnosis
