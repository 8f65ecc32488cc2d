// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/signals.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "hw-model/arch/device.h"
#include "hw-model/arch/error.h"

namespace npu::traces {

using observe::Agent;
using observe::AgentKind;
using observe::Subject;

namespace {

struct KindOf {
  Role role;
  SignalKind kind;
};

constexpr std::array kReceiver{KindOf{Role::Words, SignalKind::Port},
                               KindOf{Role::Port, SignalKind::Port},
                               KindOf{Role::Fill, SignalKind::Port}};
constexpr std::array kChannel{
    KindOf{Role::State, SignalKind::Channel},      KindOf{Role::Stalled, SignalKind::Channel},
    KindOf{Role::Queued, SignalKind::Channel},     KindOf{Role::Task, SignalKind::Channel},
    KindOf{Role::Descriptor, SignalKind::Channel}, KindOf{Role::Token, SignalKind::Channel},
    KindOf{Role::Fault, SignalKind::Channel},      KindOf{Role::Bytes, SignalKind::Port}};
constexpr std::array kShimChannel{KindOf{Role::Ddr, SignalKind::Ddr}};
constexpr std::array kCore{
    KindOf{Role::Core, SignalKind::Core}, KindOf{Role::Stalled, SignalKind::Core},
    KindOf{Role::Busy, SignalKind::Core}, KindOf{Role::Mark, SignalKind::Core},
    KindOf{Role::Fault, SignalKind::Core}};
constexpr std::array kLock{KindOf{Role::Value, SignalKind::Lock},
                           KindOf{Role::Lock, SignalKind::Lock}};
constexpr std::array kHost{KindOf{Role::Host, SignalKind::Host},
                           KindOf{Role::Fault, SignalKind::Host}};
constexpr std::array kDdr{KindOf{Role::DdrBytes, SignalKind::Ddr}};

/// Adds what the filter lets pass.
class Layout {
 public:
  explicit Layout(const TraceFilter& filter) : filter_(filter) {}

  void add(const std::vector<std::string>& scopes, const Subject& subject,
           std::span<const KindOf> rows) {
    for (const KindOf& row : rows)
      if (filter_.has(row.kind))
        signals_.push_back({row.role, subject, scopes});
  }
  void add_always(Role role) { signals_.push_back({role, {}, {"npu"}}); }
  std::vector<Signal> take() { return std::move(signals_); }

 private:
  const TraceFilter& filter_;
  std::vector<Signal> signals_;
};

std::vector<std::string> inside(std::vector<std::string> scopes, std::string name) {
  scopes.push_back(std::move(name));
  return scopes;
}

/// A name as identifiers of waveforms allow it.
std::string identifier(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
      c = '_';
  return out;
}

std::string lock_scope(Coord tile, int lock, const arch::Names& names) {
  const arch::LockName* name = names.lock(tile, lock);
  return name && !name->name.empty() ? fmt::format("lock{}_{}", lock, identifier(name->name))
                                     : fmt::format("lock{}", lock);
}

void add_channels(Layout& layout, const std::vector<std::string>& scopes, Coord tile,
                  AgentKind kind) {
  const arch::TileFacts& facts = arch::facts(tile.kind());
  const bool receives = kind == AgentKind::S2mm;
  const int count = receives ? facts.s2mm_channels : facts.mm2s_channels;
  for (int i = 0; i < count; ++i) {
    const Subject channel{Agent{tile, kind, static_cast<uint8_t>(i)}};
    const auto scope = inside(scopes, fmt::format("{}{}", receives ? "s2mm" : "mm2s", i));
    layout.add(scope, channel, kChannel);
    if (receives)
      layout.add(scope, channel, kReceiver);
    if (tile.kind() == arch::TileKind::Shim)
      layout.add(scope, channel, kShimChannel);
  }
}

void add_tile(Layout& layout, Coord tile, const arch::Names& names) {
  const std::vector<std::string> scopes{"npu", fmt::format("col{}", tile.col), tile_scope(tile)};
  if (tile.kind() == arch::TileKind::Core) {
    for (uint8_t stream = 0; stream < 2; ++stream) {
      const Subject core{Agent{tile, AgentKind::Core, stream}};
      const auto scope = inside(scopes, stream == 0 ? "core" : "stream1");
      if (stream == 0)
        layout.add(scope, core, kCore);
      layout.add(scope, core, kReceiver);
    }
  }
  add_channels(layout, scopes, tile, AgentKind::S2mm);
  add_channels(layout, scopes, tile, AgentKind::Mm2s);
  for (int lock = 0; lock < arch::facts(tile.kind()).locks; ++lock)
    layout.add(inside(scopes, lock_scope(tile, lock, names)), {Agent{tile}, lock}, kLock);
}

/// The number behind a prefix; nothing when the text is something else. Whatever follows `_` is a
/// name.
std::optional<int> numbered(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return std::nullopt;
  text.remove_prefix(prefix.size());
  text = text.substr(0, text.find('_'));
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

std::optional<Coord> tile_at(std::string_view column, std::string_view tile) {
  const auto col = numbered(column, "col");
  if (!col || *col >= arch::kMaxColumns)
    return std::nullopt;
  for (uint8_t row = 0; row < arch::kRows; ++row)
    if (const Coord at{static_cast<uint8_t>(*col), row}; tile_scope(at) == tile)
      return at;
  return std::nullopt;
}

std::optional<Subject> subject_at(Coord tile, std::string_view scope) {
  const arch::TileFacts& facts = arch::facts(tile.kind());
  const bool core = tile.kind() == arch::TileKind::Core;
  if (core && scope == "core")
    return Subject{Agent{tile, AgentKind::Core, 0}};
  if (core && scope == "stream1")
    return Subject{Agent{tile, AgentKind::Core, 1}};
  if (const auto i = numbered(scope, "s2mm"); i && *i < facts.s2mm_channels)
    return Subject{Agent{tile, AgentKind::S2mm, static_cast<uint8_t>(*i)}};
  if (const auto i = numbered(scope, "mm2s"); i && *i < facts.mm2s_channels)
    return Subject{Agent{tile, AgentKind::Mm2s, static_cast<uint8_t>(*i)}};
  if (const auto i = numbered(scope, "lock"); i && *i < facts.locks)
    return Subject{Agent{tile}, *i};
  return std::nullopt;
}

std::optional<SignalMeaning> named_in(std::span<const KindOf> rows, const Subject& subject,
                                      std::string_view name) {
  for (const KindOf& row : rows)
    if (row_of(row.role).name == name)
      return SignalMeaning{row.role, subject};
  return std::nullopt;
}

}  // namespace

SignalKind signal_kind_named(std::string_view name) {
  const auto found = std::find(kSignalKinds.begin(), kSignalKinds.end(), name);
  if (found == kSignalKinds.end())
    throw Error("unknown kind of signal '{}'", name)
        .hint("one of {}", fmt::join(kSignalKinds, ", "));
  return static_cast<SignalKind>(found - kSignalKinds.begin());
}

bool TraceFilter::has(Coord tile) const {
  return tiles.empty() || std::find(tiles.begin(), tiles.end(), tile) != tiles.end();
}

bool TraceFilter::has(SignalKind kind) const {
  return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string Signal::path() const {
  return fmt::format("{}.{}", fmt::join(scopes, "."), row_of(role).name);
}

std::string tile_scope(Coord tile) {
  return tile.kind() == arch::TileKind::Core ? fmt::format("core_r{}", tile.row)
                                             : std::string(to_string(tile.kind()));
}

std::vector<Signal> signals(int columns, const TraceFilter& filter, const arch::Names& names) {
  Layout layout(filter);
  layout.add_always(Role::Recording);
  layout.add_always(Role::Facts);
  layout.add({"npu", "host"}, {}, kHost);
  layout.add({"npu", "ddr"}, {}, kDdr);
  for (uint8_t col = 0; col < columns; ++col)
    for (uint8_t row = 0; row < arch::kRows; ++row)
      if (filter.has(Coord{col, row}))
        add_tile(layout, {col, row}, names);
  return layout.take();
}

std::optional<SignalMeaning> signal_at(const std::vector<std::string>& scopes,
                                       std::string_view name) {
  if (scopes.empty() || scopes[0] != "npu")
    return std::nullopt;
  if (scopes.size() == 1)
    return named_in(std::array{KindOf{Role::Recording, {}}, KindOf{Role::Facts, {}}}, {}, name);
  if (scopes.size() == 2)
    return scopes[1] == "host" ? named_in(kHost, {}, name) : named_in(kDdr, {}, name);
  const auto tile = tile_at(scopes[1], scopes[2]);
  const auto subject = tile && scopes.size() == 4 ? subject_at(*tile, scopes[3]) : std::nullopt;
  if (!subject)
    return std::nullopt;
  if (subject->lock >= 0)
    return named_in(kLock, *subject, name);
  const auto own = subject->agent.kind == AgentKind::Core ? named_in(kCore, *subject, name)
                                                          : named_in(kChannel, *subject, name);
  if (own)
    return own;
  const auto received = named_in(kReceiver, *subject, name);
  return received ? received : named_in(kShimChannel, *subject, name);
}

}  // namespace npu::traces
