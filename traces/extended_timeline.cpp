// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/extended_timeline.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "hw-model/observe/event_words.h"

namespace npu::traces {

using observe::Agent;
using observe::AgentKind;
using observe::ChannelChanged;
using observe::ChannelState;
using observe::CoreChanged;
using observe::CoreState;
using observe::DescriptorChanged;
using observe::Event;
using observe::Fault;
using observe::HostChanged;
using observe::LockChanged;
using observe::RouteFill;
using observe::TaskChanged;

namespace {

constexpr std::array<std::string_view, 3> kActivities{"", " tasks", " descriptors"};

/// Text as a JSON string holds it.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out.push_back('\\');
    if (static_cast<unsigned char>(c) < ' ')
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      out.push_back(c);
  }
  return out;
}

int process_of(const Agent& agent) {
  return agent.kind == AgentKind::Host ? 0 : agent.tile.index() + 1;
}

arch::Direction direction_of(const Agent& channel) {
  return channel.kind == AgentKind::Mm2s ? arch::Direction::Mm2s : arch::Direction::S2mm;
}

}  // namespace

ExtendedTimeline::ExtendedTimeline(Sink sink, const Facts& facts)
    : out_(std::move(sink)), names_(facts.names), clock_mhz_(std::max(1u, facts.clock_mhz)) {
  for (const arch::LockName& lock : names_.locks)
    lock_labels_[{lock.tile, lock.lock}] = escaped(fmt::format("lock{} {}", lock.lock, lock.name));
  out_.append(fmt::format(
      R"({{"displayTimeUnit":"ns","otherData":{{"clock_mhz":"{}","device":"{}","design":"{}")",
      clock_mhz_, escaped(facts.device), escaped(names_.design)));
  for (const auto& [key, value] : facts.settings)
    out_.append(fmt::format(R"(,"{}":"{}")", escaped(key), escaped(value)));
  out_.append("},\"traceEvents\":[");
}

void ExtendedTimeline::open_record(std::string_view name, char phase, int pid, int tid) {
  out_.append(first_ ? "\n" : ",\n");
  first_ = false;
  out_.settle();
  out_.append("{\"name\":\"");
  out_.append(name);
  out_.append("\",\"ph\":\"");
  out_.append(phase);
  out_.append("\",\"pid\":");
  out_.number(static_cast<uint64_t>(pid));
  out_.append(",\"tid\":");
  out_.number(static_cast<uint64_t>(tid));
  if (phase == 'M')
    return;
  // Picoseconds, so that six digits behind the point of a microsecond are exact for every clock of
  // whole MHz that divides them, and monotone for the others.
  const uint64_t picoseconds = now_ * 1'000'000 / clock_mhz_;
  out_.append(fmt::format(",\"ts\":{}.{:06}", picoseconds / 1'000'000, picoseconds % 1'000'000));
}

ExtendedTimeline::Thread& ExtendedTimeline::thread(const Agent& agent, Activity activity) {
  const uint32_t key = static_cast<uint32_t>(process_of(agent)) << 16 |
                       static_cast<uint32_t>(agent.kind) << 12 | uint32_t{agent.index} << 4 |
                       static_cast<uint32_t>(activity);
  const auto [found, is_new] = threads_.try_emplace(key);
  Thread& thread = found->second;
  if (is_new) {
    thread.pid = process_of(agent);
    thread.tid = static_cast<int>(key & 0xFFFF) + 1;
    describe(agent, activity, thread);
  }
  return thread;
}

void ExtendedTimeline::describe(const Agent& agent, Activity activity, const Thread& thread) {
  const std::string process = agent.kind == AgentKind::Host ? "host" : to_string(agent.tile);
  open_record("process_name", 'M', thread.pid, 0);
  out_.append(fmt::format(R"(,"args":{{"name":"{}"}}}})", process));
  std::string name = to_string(agent);
  if (const size_t dot = name.find('.'); dot != std::string::npos)
    name.erase(0, dot + 1);
  else if (agent.kind == AgentKind::Core)
    name = "core";
  name += kActivities[static_cast<size_t>(activity)];
  const bool channel = agent.kind == AgentKind::S2mm || agent.kind == AgentKind::Mm2s;
  if (const auto* flow =
          channel ? names_.flow(agent.tile, direction_of(agent), agent.index) : nullptr)
    name += " " + flow->name;
  open_record("thread_name", 'M', thread.pid, thread.tid);
  out_.append(fmt::format(R"(,"args":{{"name":"{}"}}}})", escaped(name)));
}

void ExtendedTimeline::begin(Thread& thread, std::string_view name, std::string_view args) {
  end(thread);
  open_record(name, 'B', thread.pid, thread.tid);
  out_.append(fmt::format(R"(,"args":{{"cycle":{}{}{}}}}})", now_, args.empty() ? "" : ",", args));
  thread.open = true;
}

void ExtendedTimeline::end(Thread& thread) {
  if (!thread.open)
    return;
  open_record("", 'E', thread.pid, thread.tid);
  out_.append("}");
  thread.open = false;
}

void ExtendedTimeline::counter(Coord tile, std::string_view name, uint64_t value) {
  open_record(name, 'C', tile.index() + 1, 0);
  out_.append(",\"args\":{\"value\":");
  out_.number(value);
  out_.append("}}");
}

void ExtendedTimeline::arrow(char phase, const Thread& thread, uint64_t id) {
  open_record("lock", phase, thread.pid, thread.tid);
  out_.append(fmt::format(R"(,"cat":"lock","id":{}{}}})", id, phase == 'f' ? R"(,"bp":"e")" : ""));
}

std::string ExtendedTimeline::lock_label(Coord tile, int lock) const {
  const auto named = lock_labels_.find({tile, lock});
  return named != lock_labels_.end() ? named->second : fmt::format("lock{}", lock);
}

void ExtendedTimeline::on(const Event& event) {
  now_ = std::max(now_, event.cycle);
  std::visit([&](const auto& payload) { add(payload); }, event.payload);
}

void ExtendedTimeline::add(const ChannelChanged& e) {
  Thread& line = thread(e.channel, Activity::State);
  if (e.state == ChannelState::Idle)
    end(line);
  else
    begin(line, to_string(e.state), fmt::format(R"("bd":{},"queued":{})", e.bd, e.queued));
  counter(e.channel.tile, fmt::format("{} queue", to_string(e.channel)), e.queued);
}

void ExtendedTimeline::add(const TaskChanged& e) {
  Thread& line = thread(e.channel, Activity::Task);
  if (e.what == TaskChanged::What::Started)
    begin(line, "task", fmt::format(R"("bd":{},"repeat":{},"token":{})", e.bd, e.repeat, e.token));
  else if (e.what == TaskChanged::What::Finished || e.what == TaskChanged::What::Reset)
    end(line);
}

void ExtendedTimeline::add(const DescriptorChanged& e) {
  Thread& line = thread(e.channel, Activity::Descriptor);
  if (e.finished) {
    end(line);
    return;
  }
  const bool shim = e.channel.tile.kind() == arch::TileKind::Shim;
  const auto* buffer =
      shim ? nullptr : names_.buffer_at(e.channel.tile, static_cast<uint32_t>(e.address));
  begin(line, buffer ? escaped(buffer->name) : fmt::format("bd{}", e.bd),
        fmt::format(R"("bd":{},"words":{},"address":"{:#x}")", e.bd, e.words, e.address));
}

void ExtendedTimeline::add(const LockChanged& e) {
  counter(e.tile, lock_label(e.tile, e.lock), e.value);
  if (e.agent.kind == AgentKind::Host)
    return;
  const std::pair key(e.tile, int{e.lock});
  if (e.what == LockChanged::What::Released) {
    released_[key] = ++arrows_;
    arrow('s', thread(e.agent, Activity::State), arrows_);
  } else if (e.what == LockChanged::What::Acquired) {
    const auto waiting = released_.find(key);
    if (waiting == released_.end())
      return;
    arrow('f', thread(e.agent, Activity::State), waiting->second);
    released_.erase(waiting);
  }
}

void ExtendedTimeline::add(const CoreChanged& e) {
  Thread& line = thread(e.core, Activity::State);
  if (e.state == CoreState::Disabled || e.state == CoreState::Done)
    end(line);
  else if (e.state == CoreState::Kernel)
    begin(line, fmt::format("kernel {}", e.detail), fmt::format(R"("cycles":{})", e.cycles));
  else
    begin(line, to_string(e.state), fmt::format(R"("detail":{})", e.detail));
}

void ExtendedTimeline::add(const RouteFill& e) {
  counter(e.to.tile, fmt::format("{} port", to_string(e.to)), e.words);
}

void ExtendedTimeline::add(const HostChanged& e) {
  Thread& line = thread(Agent{}, Activity::State);
  if (e.what == HostChanged::What::Done)
    end(line);
  else
    begin(line, word(observe::kHostWords, e.what), fmt::format(R"("command":{})", e.command));
}

void ExtendedTimeline::add(const Fault& e) {
  const Thread& line = thread(e.agent, Activity::State);
  open_record(to_string(e.kind), 'i', line.pid, line.tid);
  out_.append(fmt::format(R"(,"s":"p","args":{{"cycle":{},"value":"{:#x}"}}}})", now_, e.value));
}

void ExtendedTimeline::close() {
  if (closed_)
    return;
  closed_ = true;
  for (auto& [key, line] : threads_)
    end(line);
  out_.append("\n]}\n");
  out_.close();
}

}  // namespace npu::traces
