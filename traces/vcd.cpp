// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/vcd.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "hw-model/observe/event_text.h"

namespace npu::traces {

using observe::Agent;
using observe::AgentKind;
using observe::ChannelChanged;
using observe::ChannelState;
using observe::CoreChanged;
using observe::CoreMarked;
using observe::CoreState;
using observe::DdrUsed;
using observe::DescriptorChanged;
using observe::Event;
using observe::Fault;
using observe::HostChanged;
using observe::kChannelsPerDirection;
using observe::kLocksPerTile;
using observe::kTiles;
using observe::LockChanged;
using observe::MemoryAccess;
using observe::Payload;
using observe::RouteFill;
using observe::Subject;
using observe::TaskChanged;
using observe::TextLine;
using observe::TokenIssued;
using observe::WordsMoved;

namespace {

constexpr size_t kSlotsPerTile = 2 * kChannelsPerDirection + 2;
constexpr size_t kAgents = kTiles * kSlotsPerTile + 1;

size_t agent_slot(const Agent& agent) {
  if (agent.kind == AgentKind::Host)
    return kAgents - 1;
  const size_t first = static_cast<size_t>(agent.tile.index()) * kSlotsPerTile;
  if (agent.kind == AgentKind::Core)
    return first + 2 * kChannelsPerDirection + std::min<size_t>(agent.index, 1);
  return first + (agent.kind == AgentKind::Mm2s) * kChannelsPerDirection + agent.index;
}

size_t lock_slot(const Subject& lock, Role role) {
  const auto tile = static_cast<size_t>(lock.agent.tile.index());
  return (tile * kLocksPerTile + static_cast<size_t>(lock.lock)) * 2 + (role == Role::Value);
}

struct RoleOf {
  Role operator()(const ChannelChanged&) const { return Role::State; }
  Role operator()(const TaskChanged&) const { return Role::Task; }
  Role operator()(const DescriptorChanged&) const { return Role::Descriptor; }
  Role operator()(const LockChanged&) const { return Role::Lock; }
  Role operator()(const CoreChanged&) const { return Role::Core; }
  Role operator()(const WordsMoved&) const { return Role::Words; }
  Role operator()(const RouteFill&) const { return Role::Port; }
  Role operator()(const DdrUsed&) const { return Role::Ddr; }
  Role operator()(const TokenIssued&) const { return Role::Token; }
  Role operator()(const HostChanged&) const { return Role::Host; }
  Role operator()(const Fault&) const { return Role::Fault; }
  Role operator()(const MemoryAccess&) const { return Role::Recording; }
  Role operator()(const CoreMarked&) const { return Role::Mark; }
};

bool stalls(ChannelState state) {
  return state == ChannelState::Acquiring || state == ChannelState::Starved ||
         state == ChannelState::Backpressured || state == ChannelState::TokenStalled;
}
bool stalls(CoreState state) {
  return state == CoreState::LockStall || state == CoreState::StreamStall ||
         state == CoreState::CascadeStall;
}

std::string tiles_text(const std::vector<Coord>& tiles) {
  std::string out;
  for (const Coord tile : tiles)
    out += fmt::format("{}{}", out.empty() ? "" : " ", to_string(tile));
  return out;
}

/// The filter as settings, for who reads the trace.
std::vector<std::pair<std::string, std::string>> settings_of(const TraceFilter& filter) {
  std::vector<std::pair<std::string, std::string>> out;
  if (!filter.tiles.empty())
    out.emplace_back("trace.tiles", tiles_text(filter.tiles));
  if (!filter.kinds.empty()) {
    std::vector<std::string_view> kinds;
    for (const SignalKind kind : filter.kinds)
      kinds.push_back(kSignalKinds[static_cast<size_t>(kind)]);
    out.emplace_back("trace.kinds", fmt::format("{}", fmt::join(kinds, " ")));
  }
  if (filter.from != 0)
    out.emplace_back("trace.from", fmt::format("{}", filter.from));
  if (filter.to != arch::kNever)
    out.emplace_back("trace.to", fmt::format("{}", filter.to));
  if (filter.ring != 0)
    out.emplace_back("trace.ring", fmt::format("{}", filter.ring));
  return out;
}

}  // namespace

VcdWriter::VcdWriter(Sink sink, const Facts& facts, const TraceFilter& filter)
    : out_(std::move(sink)),
      filter_(filter),
      signals_(traces::signals(facts.columns, filter, facts.names)),
      shown_(signals_.size()),
      by_agent_(kAgents * kRoles, -1),
      by_lock_(size_t{kTiles} * kLocksPerTile * 2, -1) {
  Facts narrowed = facts;
  for (auto& setting : settings_of(filter))
    narrowed.settings.push_back(std::move(setting));
  facts_ = to_words(narrowed);
  for (size_t i = 0; i < signals_.size(); ++i) {
    const Signal& signal = signals_[i];
    Shown& shown = shown_[i];
    shown.type = row_of(signal.role).type;
    for (size_t rest = i; shown.code_size == 0 || rest > 0; rest /= 94)
      shown.code[shown.code_size++] = static_cast<char>('!' + rest % 94);
    const int index = static_cast<int>(i);
    if (signal.subject.lock >= 0)
      by_lock_[lock_slot(signal.subject, signal.role)] = index;
    else
      by_agent_[agent_slot(signal.subject.agent) * kRoles + static_cast<size_t>(signal.role)] =
          index;
  }
  declare(facts);
  if (filter_.ring == 0 && filter_.from == 0)
    begin(0);
}

int VcdWriter::find(const Subject& subject, Role role) const {
  return subject.lock >= 0
             ? by_lock_[lock_slot(subject, role)]
             : by_agent_[agent_slot(subject.agent) * kRoles + static_cast<size_t>(role)];
}

void VcdWriter::declare(const Facts& facts) {
  out_.append("$version airlock $end\n");
  out_.append(fmt::format(
      "$comment one tick is one cycle of the array clock, {} MHz; design {} on {} $end\n",
      facts.clock_mhz, facts.names.design.find('$') == std::string::npos ? facts.names.design : "",
      facts.device));
  out_.append("$timescale 1 ns $end\n");
  std::vector<std::string> open;
  const auto move_to = [&](const std::vector<std::string>& scopes) {
    const auto same = std::mismatch(open.begin(), open.end(), scopes.begin(), scopes.end()).first;
    for (auto left = open.end() - same; left > 0; --left) {
      out_.append("$upscope $end\n");
      open.pop_back();
    }
    while (open.size() < scopes.size()) {
      open.push_back(scopes[open.size()]);
      out_.append(fmt::format("$scope module {} $end\n", open.back()));
    }
  };
  constexpr std::array<std::string_view, 4> kTypes{"string", "event", "wire", "real"};
  for (size_t i = 0; i < signals_.size(); ++i) {
    const RoleRow& row = row_of(signals_[i].role);
    const std::string_view code(shown_[i].code, shown_[i].code_size);
    const std::string range =
        row.type == SignalType::Bits && row.width > 1 ? fmt::format(" [{}:0]", row.width - 1) : "";
    move_to(signals_[i].scopes);
    out_.append(fmt::format("$var {} {} {} {}{} $end\n", kTypes[static_cast<size_t>(row.type)],
                            row.width, code, row.name, range));
  }
  move_to({});
  out_.append("$enddefinitions $end\n");
}

void VcdWriter::begin(Cycle cycle) {
  begun_ = true;
  now_ = cycle;
  out_.append('#');
  out_.number(cycle);
  out_.append("\n$dumpvars\n");
  for (Shown& signal : shown_) {
    if (signal.type == SignalType::Text) {
      TextLine line('_');
      line.append(signal.seen ? kBefore : kNoValue);
      if (signal.seen)
        append(line, signal.last);
      put_text(signal, line.view());
    } else if (signal.type != SignalType::Pulse) {
      put_number(signal);
    }
  }
  out_.append("$end\n");
  write_facts();
}

void VcdWriter::write_facts() {
  const Shown& facts = shown_[static_cast<size_t>(find({}, Role::Facts))];
  for (const std::string& word : facts_) {
    put_text(facts, word);
    out_.settle();
  }
  facts_.clear();
}

void VcdWriter::on(const Event& event) {
  if (event.cycle > filter_.to)
    return;
  if (filter_.ring != 0) {
    ring_.push_back(event);
    for (; ring_.front().cycle + filter_.ring < event.cycle; ring_.pop_front())
      apply(ring_.front());
    return;
  }
  if (!begun_ && event.cycle >= filter_.from)
    begin(filter_.from);
  if (begun_)
    tick(event.cycle);
  apply(event);
}

void VcdWriter::finish(Cycle cycle) {
  end_ = std::min(cycle, filter_.to);
  if (filter_.ring != 0 || !begun_)
    return;
  tick(end_);
  put_text(shown_[static_cast<size_t>(find({}, Role::Recording))],
           fmt::format("{}{}", kComplete, end_));
  out_.flush();
}

void VcdWriter::close() {
  if (finished_)
    return;
  finished_ = true;
  if (!begun_) {
    for (; !ring_.empty() && ring_.front().cycle + filter_.ring < end_; ring_.pop_front())
      apply(ring_.front());
    begin(filter_.ring != 0 ? end_ - std::min(end_, filter_.ring) : std::min(filter_.from, end_));
    for (const Event& event : ring_) {
      tick(event.cycle);
      apply(event);
    }
    filter_.ring = 0;
    finish(end_);
  }
  out_.close();
}

void VcdWriter::tick(Cycle cycle) {
  if (cycle <= now_)
    return;
  out_.settle();
  now_ = cycle;
  out_.append('#');
  out_.number(cycle);
  out_.append('\n');
}

void VcdWriter::apply(const Event& event) {
  const Role role = std::visit(RoleOf{}, event.payload);
  if (role == Role::Recording)
    return;
  if (const int index = find(subject_of(event.payload), role); index >= 0)
    text(shown_[static_cast<size_t>(index)], event.payload);
  apply_numbers(event.payload);
}

void VcdWriter::text(Shown& signal, const Payload& payload) {
  signal.used = true;
  if (!begun_) {
    signal.seen = signal.type == SignalType::Text;
    signal.last = payload;
    return;
  }
  if (signal.type == SignalType::Pulse) {
    out_.append('1');
    put_code(signal);
    return;
  }
  TextLine line('_');
  append(line, payload);
  put_text(signal, line.view());
}

void VcdWriter::apply_numbers(const Payload& payload) {
  const Subject subject = subject_of(payload);
  if (const auto* e = std::get_if<ChannelChanged>(&payload)) {
    number(find(subject, Role::Stalled), stalls(e->state));
    number(find(subject, Role::Queued), e->queued);
  } else if (const auto* task = std::get_if<TaskChanged>(&payload)) {
    number(find(subject, Role::Queued), task->queued);
  } else if (const auto* core = std::get_if<CoreChanged>(&payload)) {
    number(find(subject, Role::Stalled), stalls(core->state));
    number(find(subject, Role::Busy), core->state == CoreState::Kernel);
  } else if (const auto* lock = std::get_if<LockChanged>(&payload)) {
    number(find(subject, Role::Value), lock->value);
  } else if (const auto* words = std::get_if<WordsMoved>(&payload)) {
    add(find(subject, Role::Bytes), 4ull * words->words);
    if (words->first)
      add(find({words->from}, Role::Bytes), 4ull * words->words);
  } else if (const auto* port = std::get_if<RouteFill>(&payload)) {
    number(find(subject, Role::Fill), port->words);
  } else if (const auto* ddr = std::get_if<DdrUsed>(&payload)) {
    add(find({}, Role::DdrBytes), ddr->bytes);
  }
}

void VcdWriter::number(int signal, uint64_t value) {
  if (signal < 0 || shown_[static_cast<size_t>(signal)].value == value)
    return;
  Shown& shown = shown_[static_cast<size_t>(signal)];
  shown.value = value;
  shown.used = true;
  if (begun_)
    put_number(shown);
}

void VcdWriter::add(int signal, uint64_t amount) {
  if (signal >= 0)
    number(signal, shown_[static_cast<size_t>(signal)].value + amount);
}

void VcdWriter::put_number(const Shown& signal) {
  if (signal.type == SignalType::Real) {
    out_.append('r');
    out_.number(signal.value);
    out_.append(' ');
  } else if (row_of(signals_[static_cast<size_t>(&signal - shown_.data())].role).width == 1) {
    out_.append(signal.value != 0 ? '1' : '0');
  } else {
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, signal.value, 2);
    out_.append('b');
    out_.append(std::string_view(digits, static_cast<size_t>(end.ptr - digits)));
    out_.append(' ');
  }
  put_code(signal);
}

void VcdWriter::put_text(const Shown& signal, std::string_view value) {
  out_.append('s');
  out_.append(value);
  out_.append(' ');
  put_code(signal);
}

void VcdWriter::put_code(const Shown& signal) {
  out_.append(std::string_view(signal.code, signal.code_size));
  out_.append('\n');
}

std::vector<Signal> VcdWriter::used_signals() const {
  std::vector<Signal> used;
  for (size_t i = 0; i < signals_.size(); ++i)
    if (shown_[i].used)
      used.push_back(signals_[i]);
  return used;
}

std::vector<Coord> VcdWriter::stalled_tiles() const {
  std::vector<Coord> tiles;
  for (size_t i = 0; i < signals_.size(); ++i) {
    const Coord tile = signals_[i].subject.agent.tile;
    if (signals_[i].role == Role::Stalled && shown_[i].value != 0 &&
        (tiles.empty() || tiles.back() != tile))
      tiles.push_back(tile);
  }
  return tiles;
}

}  // namespace npu::traces
