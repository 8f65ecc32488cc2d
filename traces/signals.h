// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hw-model/arch/names.h"
#include "hw-model/arch/tile.h"
#include "hw-model/observe/event_text.h"

namespace npu::traces {

using arch::Coord;
using arch::Cycle;

/// Groups of signals that a trace can be narrowed to.
enum class SignalKind : uint8_t { Channel, Lock, Core, Port, Ddr, Host };
inline constexpr std::array<std::string_view, 6> kSignalKinds{"channel", "lock", "core",
                                                              "port",    "ddr",  "host"};
/// The kind of that name; throws Error with the names there are.
SignalKind signal_kind_named(std::string_view name);

/// What of a run is recorded. The default is everything.
struct TraceFilter {
  std::vector<Coord> tiles;       ///< empty: all
  std::vector<SignalKind> kinds;  ///< empty: all
  Cycle from = 0;                 ///< first cycle
  Cycle to = arch::kNever;        ///< last cycle
  Cycle ring = 0;                 ///< when not 0: only that many cycles before the end
  bool operator==(const TraceFilter&) const = default;

  bool has(Coord tile) const;
  bool has(SignalKind kind) const;
};

// Values of text signals that are no events.
inline constexpr std::string_view kNoValue = "-";  ///< nothing happened yet
inline constexpr std::string_view kBefore =
    "was_";  ///< prefix: happened before the recording begins
inline constexpr std::string_view kComplete =
    "complete_";  ///< prefix of the last cycle, of `recording`

/// What a signal shows. Up to `Fault` each change is one event, with its text as the value; the
/// others are for the eye and follow from events.
enum class Role : uint8_t {
  Recording,
  Facts,
  State,
  Task,
  Descriptor,
  Token,
  Words,
  Port,
  Ddr,
  Lock,
  Core,
  Mark,
  Host,
  Fault,
  Stalled,
  Queued,
  Bytes,
  Fill,
  Value,
  Busy,
  DdrBytes,
};
inline constexpr size_t kRoles = 21;

enum class SignalType : uint8_t { Text, Pulse, Bits, Real };

struct RoleRow {
  Role role;
  std::string_view name;
  SignalType type;
  uint8_t width;
};
/// In order of the enumeration.
inline constexpr std::array<RoleRow, kRoles> kRoleRows{{
    {Role::Recording, "recording", SignalType::Text, 1},
    {Role::Facts, "facts", SignalType::Text, 1},
    {Role::State, "state", SignalType::Text, 1},
    {Role::Task, "task", SignalType::Text, 1},
    {Role::Descriptor, "descriptor", SignalType::Text, 1},
    {Role::Token, "token", SignalType::Pulse, 1},
    {Role::Words, "words", SignalType::Text, 1},
    {Role::Port, "port", SignalType::Text, 1},
    {Role::Ddr, "ddr", SignalType::Text, 1},
    {Role::Lock, "last", SignalType::Text, 1},
    {Role::Core, "state", SignalType::Text, 1},
    {Role::Mark, "mark", SignalType::Text, 1},
    {Role::Host, "state", SignalType::Text, 1},
    {Role::Fault, "fault", SignalType::Text, 1},
    {Role::Stalled, "stalled", SignalType::Bits, 1},
    {Role::Queued, "queued", SignalType::Bits, 4},
    {Role::Bytes, "bytes", SignalType::Real, 64},
    {Role::Fill, "fill", SignalType::Bits, 32},
    {Role::Value, "value", SignalType::Bits, 8},
    {Role::Busy, "busy", SignalType::Bits, 1},
    {Role::DdrBytes, "bytes", SignalType::Real, 64},
}};
constexpr const RoleRow& row_of(Role role) {
  return kRoleRows[static_cast<size_t>(role)];
}

/// A signal of a waveform.
struct Signal {
  Role role = Role::State;
  observe::Subject subject;
  std::vector<std::string> scopes;  ///< from the outside in: `npu`, `col0`, `core_r2`, `s2mm0`

  std::string path() const;
};

/// Scope of a tile inside its column: `shim`, `memtile`, `core_r2`.
std::string tile_scope(Coord tile);

/// The signals of a partition of `columns` columns that the filter lets pass, in the order of their
/// scopes. Named locks carry their name in the scope.
std::vector<Signal> signals(int columns, const TraceFilter& filter, const arch::Names& names);

/// What the signal of that path is about; nothing when the path is not one of ours.
struct SignalMeaning {
  Role role;
  observe::Subject subject;
};
std::optional<SignalMeaning> signal_at(const std::vector<std::string>& scopes,
                                       std::string_view name);

}  // namespace npu::traces
