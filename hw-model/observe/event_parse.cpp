// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <limits>

#include "hw-model/arch/device.h"
#include "hw-model/arch/error.h"
#include "hw-model/observe/event_text.h"
#include "hw-model/observe/event_words.h"

namespace npu::observe {

namespace {

/// Takes words from the front of a text.
class Words {
 public:
  Words(std::string_view text, char separator) : rest_(text), separator_(separator) {}

  bool empty() const { return rest_.empty(); }

  std::string_view next() {
    if (rest_.empty())
      throw Error("event text ends too early");
    const size_t end = rest_.find(separator_);
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return word;
  }

  void expect(std::string_view key) {
    const std::string_view word = next();
    if (word != key)
      throw Error("event text has '{}'", word).hint("'{}' belongs there", key);
  }

  template <typename T>
  T number() {
    return to_number<T>(next());
  }
  template <typename T>
  T keyed(std::string_view key) {
    expect(key);
    return number<T>();
  }
  /// A number behind a prefix, in one word: `bd3`.
  template <typename T>
  T prefixed(std::string_view prefix) {
    const std::string_view word = next();
    if (!word.starts_with(prefix))
      throw Error("event text has '{}'", word).hint("'{}' and a number belong there", prefix);
    return to_number<T>(word.substr(prefix.size()));
  }
  /// An optional last word.
  bool flag(std::string_view key) {
    if (empty())
      return false;
    expect(key);
    return true;
  }

  template <typename T>
  static T to_number(std::string_view word) {
    const bool hex = word.starts_with("0x");
    const char* first = word.data() + (hex ? 2 : 0);
    const char* last = word.data() + word.size();
    T value{};
    const auto [end, code] = std::from_chars(first, last, value, hex ? 16 : 10);
    if (code == std::errc::result_out_of_range)
      throw Error("event text has '{}', which is too large", word)
          .hint("at most {}", std::numeric_limits<T>::max());
    if (code != std::errc{} || end != last)
      throw Error("event text has '{}' where a number belongs", word);
    return value;
  }

 private:
  std::string_view rest_;
  char separator_;
};

[[noreturn]] void unknown(std::string_view what, std::string_view word) {
  throw Error("event text has the unknown {} '{}'", what, word);
}

/// `kind(col,row)`; the kind must be the row's.
Coord parse_tile(std::string_view text) {
  const size_t open = text.find('(');
  const size_t comma = text.find(',');
  if (open == std::string_view::npos || comma == std::string_view::npos || comma < open ||
      !text.ends_with(')'))
    unknown("subject", text);
  const Coord tile{Words::to_number<uint8_t>(text.substr(open + 1, comma - open - 1)),
                   Words::to_number<uint8_t>(text.substr(comma + 1, text.size() - comma - 2))};
  if (tile.col >= arch::kMaxColumns || tile.row >= arch::kRows ||
      text.substr(0, open) != to_string(tile.kind()))
    unknown("tile", text);
  return tile;
}

struct SubjectKind {
  std::string_view prefix;
  AgentKind kind;
  bool lock;
};
constexpr std::array<SubjectKind, 4> kSubjectKinds{{
    {"s2mm", AgentKind::S2mm, false},
    {"mm2s", AgentKind::Mm2s, false},
    {"stream", AgentKind::Core, false},
    {"lock", AgentKind::Host, true},
}};

/// One more than the highest number of a subject of that kind.
int limit(const SubjectKind& row, arch::TileKind kind) {
  const arch::TileFacts& facts = arch::facts(kind);
  if (row.lock)
    return facts.locks;
  if (row.kind == AgentKind::Core)
    return kind == arch::TileKind::Core ? 2 : 0;
  return row.kind == AgentKind::S2mm ? facts.s2mm_channels : facts.mm2s_channels;
}

Agent parse_agent(std::string_view text) {
  const Subject subject = parse_subject(text);
  if (subject.lock >= 0)
    unknown("agent", text);
  return subject.agent;
}

Payload parse_lock(const Subject& subject, Words& words) {
  const std::string_view verb = words.next();
  const auto what = enumerator<LockChanged::What>(kLockWords, verb);
  if (!what)
    unknown("lock event", verb);
  LockChanged e{subject.agent.tile, static_cast<uint8_t>(subject.lock), *what, {}, 0, 0};
  e.amount = words.number<int8_t>();
  words.expect("by");
  e.agent = parse_agent(words.next());
  e.value = words.keyed<uint8_t>("now");
  return e;
}

Payload parse_fault(const Agent& agent, Words& words) {
  const std::string_view name = words.next();
  const auto kind = enumerator<FaultKind>(kFaultWords, name);
  if (!kind)
    unknown("fault", name);
  return Fault{agent, *kind, words.number<uint64_t>()};
}

Payload parse_memory(const Agent& agent, bool write, Words& words) {
  MemoryAccess e{.agent = agent, .tile = parse_tile(words.next()), .write = write};
  e.address = words.number<uint32_t>();
  e.bytes = words.keyed<uint32_t>("bytes");
  e.held = words.flag("held");
  return e;
}

Payload parse_moved(const Agent& to, Words& words) {
  WordsMoved e;
  e.to = to;
  e.words = words.number<uint32_t>();
  words.expect("from");
  e.from = parse_agent(words.next());
  e.first = !words.flag("copy");
  return e;
}

Payload parse_host(std::string_view verb, Words& words) {
  const auto what = enumerator<HostChanged::What>(kHostWords, verb);
  if (!what)
    unknown("state of the host", verb);
  return HostChanged{*what, words.keyed<uint32_t>("command")};
}

Payload parse_core(const Agent& core, std::string_view verb, Words& words) {
  if (verb == "marks")
    return CoreMarked{core, words.number<uint8_t>()};
  const auto state = enumerator<CoreState>(kCoreWords, verb);
  if (!state)
    unknown("state of a core", verb);
  const auto detail = words.number<uint16_t>();
  return CoreChanged{core, *state, detail, words.keyed<uint32_t>("cycles")};
}

Payload parse_task(const Agent& channel, TaskChanged::What what, Words& words) {
  TaskChanged e{.channel = channel, .what = what};
  e.bd = words.prefixed<uint8_t>("bd");
  e.queued = words.keyed<uint8_t>("queued");
  e.repeat = words.keyed<uint16_t>("repeat");
  e.token = words.flag("token");
  return e;
}

Payload parse_channel(const Agent& channel, std::string_view verb, Words& words) {
  if (verb == "token")
    return TokenIssued{channel};
  if (verb == "ddr") {
    const auto bytes = words.number<uint32_t>();
    return DdrUsed{channel, bytes, words.keyed<Cycle>("until")};
  }
  if (const auto what = enumerator<TaskChanged::What>(kTaskWords, verb))
    return parse_task(channel, *what, words);
  const auto bd = words.prefixed<uint8_t>("bd");
  if (verb == "began" || verb == "ended") {
    DescriptorChanged e{.channel = channel, .finished = verb == "ended", .bd = bd};
    e.words = words.keyed<uint32_t>("words");
    e.address = words.keyed<uint64_t>("address");
    return e;
  }
  const auto state = enumerator<ChannelState>(kChannelWords, verb);
  if (!state)
    unknown("state of a channel", verb);
  return ChannelChanged{channel, *state, bd, words.keyed<uint8_t>("queued")};
}

/// What any agent can do, then what its kind can.
Payload parse_agent_event(const Agent& agent, Words& words) {
  const std::string_view verb = words.next();
  if (verb == "fault")
    return parse_fault(agent, words);
  if (verb == "reads" || verb == "writes")
    return parse_memory(agent, verb == "writes", words);
  if (agent.kind == AgentKind::Host)
    return parse_host(verb, words);
  if (verb == "took")
    return parse_moved(agent, words);
  if (verb == "holds")
    return RouteFill{agent, words.number<uint32_t>()};
  if (agent.kind == AgentKind::Core)
    return parse_core(agent, verb, words);
  return parse_channel(agent, verb, words);
}

Payload parse_words(const Subject& subject, Words& words) {
  const Payload payload =
      subject.lock >= 0 ? parse_lock(subject, words) : parse_agent_event(subject.agent, words);
  if (!words.empty())
    throw Error("event text goes on with '{}' after its end", words.next());
  return payload;
}

}  // namespace

Subject parse_subject(std::string_view text) {
  if (text == "host")
    return {};
  const size_t dot = text.find('.');
  const Coord tile = parse_tile(text.substr(0, dot));
  if (dot == std::string_view::npos) {
    if (tile.kind() != arch::TileKind::Core)
      unknown("subject", text);
    return {Agent{tile, AgentKind::Core, 0}};
  }
  const std::string_view part = text.substr(dot + 1);
  for (const SubjectKind& row : kSubjectKinds) {
    if (!part.starts_with(row.prefix))
      continue;
    const auto number = Words::to_number<uint8_t>(part.substr(row.prefix.size()));
    if (number >= limit(row, tile.kind()))
      unknown("subject", text);
    return row.lock ? Subject{Agent{tile}, number} : Subject{Agent{tile, row.kind, number}};
  }
  unknown("subject", text);
}

Payload parse_payload(const Subject& subject, std::string_view text, char separator) {
  Words words(text, separator);
  return parse_words(subject, words);
}

Event parse_event(std::string_view line) {
  Words words(line, ' ');
  const auto cycle = words.number<Cycle>();
  const Subject subject = parse_subject(words.next());
  return {cycle, parse_words(subject, words)};
}

}  // namespace npu::observe
