// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "hw-model/arch/command.h"
#include "hw-model/arch/tile.h"
#include "hw-model/arch/types.h"

namespace npu::observe {

using arch::Coord;
using arch::Cycle;

// What happened, as plain values: ids and numbers, no pointers into the model, no text.

/// Who did it: a DMA channel, a core, or the host's controller.
enum class AgentKind : uint8_t { S2mm, Mm2s, Core, Host };
struct Agent {
  Coord tile;
  AgentKind kind = AgentKind::Host;
  uint8_t index = 0;
  constexpr auto operator<=>(const Agent&) const = default;
};
/// `core(0,2).s2mm1`, `core(0,2)`, `host`
std::string to_string(const Agent& agent);

enum class ChannelState : uint8_t {
  Idle,
  Starting,
  Acquiring,
  Running,
  Starved,
  Backpressured,
  Releasing,
  TokenStalled,
  Stopped
};
std::string_view to_string(ChannelState state);

/// A channel changed state. `queued` counts the tasks in its queue, the running one included.
struct ChannelChanged {
  Agent channel;
  ChannelState state = ChannelState::Idle;
  uint8_t bd = 0;
  uint8_t queued = 0;
  bool operator==(const ChannelChanged&) const = default;
};

/// A task of a start queue. Dropped: the queue was full. Reset: the channel was, and the task,
/// under way or queued, is gone.
struct TaskChanged {
  enum class What : uint8_t { Pushed, Started, Finished, Dropped, Reset };
  Agent channel;
  What what = What::Pushed;
  uint8_t bd = 0;
  uint8_t queued = 0;
  uint16_t repeat = 1;
  bool token = false;
  bool operator==(const TaskChanged&) const = default;
};

/// One execution of a descriptor began (its words are wanted or offered) or ended. `address`,
/// `lock` as programmed.
struct DescriptorChanged {
  Agent channel;
  bool finished = false;
  uint8_t bd = 0;
  uint32_t words = 0;    ///< wanted at the start, moved at the end
  uint64_t address = 0;  ///< first byte: tile offset, or bus address in a shim
  bool operator==(const DescriptorChanged&) const = default;
};

/// A lock. `value` is the value afterwards; `amount` what the agent asked for:
/// acquire-greater-equal n is -n.
struct LockChanged {
  enum class What : uint8_t { Set, Waiting, Acquired, Released, Overflow, Underflow };
  Coord tile;
  uint8_t lock = 0;
  What what = What::Set;
  Agent agent;
  int8_t amount = 0;
  uint8_t value = 0;
  bool operator==(const LockChanged&) const = default;
};

enum class CoreState : uint8_t {
  Disabled,
  Running,
  Kernel,
  LockStall,
  StreamStall,
  CascadeStall,
  Done,
  Halted
};
std::string_view to_string(CoreState state);

/// A core changed state. `detail`: kernel number, lock number or stream; `cycles`: of a kernel that
/// begins.
struct CoreChanged {
  Agent core;
  CoreState state = CoreState::Disabled;
  uint16_t detail = 0;
  uint32_t cycles = 0;
  bool operator==(const CoreChanged&) const = default;
};

/// Words of a stream are a receiver's, in its descriptor or in its port; told before their sender
/// goes on, once per receiver. `first` is set for one receiver of a broadcast only, so that words
/// sent can be told from words received.
struct WordsMoved {
  Agent from;
  Agent to;
  uint32_t words = 0;
  bool first = true;
  bool operator==(const WordsMoved&) const = default;
};

/// Words that wait in the port of a receiver, beyond what its descriptor has taken.
struct RouteFill {
  Agent to;
  uint32_t words = 0;
  bool operator==(const RouteFill&) const = default;
};

/// A shim moved bytes from or to DDR; `busy_until`: the cycle at which DDR will have served them.
struct DdrUsed {
  Agent channel;
  uint32_t bytes = 0;
  Cycle busy_until = 0;
  bool operator==(const DdrUsed&) const = default;
};

struct TokenIssued {
  Agent channel;
  bool operator==(const TokenIssued&) const = default;
};

/// What the host's controller does: command number of its list, and why it waits.
struct HostChanged {
  enum class What : uint8_t { Running, Syncing, Polling, Done };
  What what = What::Running;
  uint32_t command = 0;
  bool operator==(const HostChanged&) const = default;
};

/// Something that silicon reports in a status bit, or that a user should know.
enum class FaultKind : uint8_t {
  BdInvalid,          ///< value: descriptor
  BdUnavailable,      ///< wrong half, or out-of-order id; value: descriptor
  QueueOverflow,      ///< value: descriptor of the dropped task
  LockUnavailable,    ///< neighbour missing; value: lock
  MemoryUnavailable,  ///< neighbour missing; value: address
  LockOverflow,
  LockUnderflow,
  FotLengthExceeded,
  NoRoute,            ///< a stream leads nowhere; value: packet id or ~0
  HeaderUnmatched,    ///< no slot matches; value: header
  UnknownProgram,     ///< core enabled on code that is not ours; value: first word
  UnknownKernel,      ///< value: kernel number
  AddressOutOfRange,  ///< value: address
  NotModelled,        ///< a register write without effect; value: address
  OutsidePartition,   ///< value: address
  Unsupported,        ///< a feature the model refuses; value: descriptor or register
  BdInUse,            ///< rewritten while a task of the agent has it; silicon does not tell; value:
                      ///< descriptor
};
std::string_view to_string(FaultKind kind);
struct Fault {
  Agent agent;
  FaultKind kind = FaultKind::NotModelled;
  uint64_t value = 0;
  bool operator==(const Fault&) const = default;
};

/// Bytes of a tile's memory that an agent uses; emitted only when somebody asks for it
/// (`Hub::wants_memory`). Held: in use until the channel's descriptor or the core's kernel ends,
/// and emitted after the event that began it, in stream order. Not held: at this cycle only (a
/// load, a store, a write of the host, zeroing).
struct MemoryAccess {
  Agent agent;
  Coord tile;
  uint32_t address = 0;  ///< host offset in the tile
  uint32_t bytes = 0;
  bool write = false;
  bool held = false;
  bool operator==(const MemoryAccess&) const = default;
};

/// A core executed INSTR_EVENT_0 or INSTR_EVENT_1.
struct CoreMarked {
  Agent core;
  uint8_t number = 0;
  bool operator==(const CoreMarked&) const = default;
};

using Payload = std::variant<ChannelChanged, TaskChanged, DescriptorChanged, LockChanged,
                             CoreChanged, WordsMoved, RouteFill, DdrUsed, TokenIssued, HostChanged,
                             Fault, MemoryAccess, CoreMarked>;

struct Event {
  Cycle cycle = 0;
  Payload payload;
  bool operator==(const Event&) const = default;
};

/// One line, the format of the text log: `18432 core(0,2).s2mm0 acquiring bd0 queued 1`.
/// event_text.h reads it back.
std::string to_string(const Event& event);

}  // namespace npu::observe
