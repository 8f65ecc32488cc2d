// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/event.h"

#include "hw-model/observe/event_text.h"
#include "hw-model/observe/event_words.h"

namespace npu::observe {

std::string_view to_string(ChannelState state) {
  return word(kChannelWords, state);
}
std::string_view to_string(CoreState state) {
  return word(kCoreWords, state);
}
std::string_view to_string(FaultKind kind) {
  return word(kFaultWords, kind);
}

std::string to_string(const Agent& agent) {
  TextLine line;
  append(line, Subject{agent});
  return std::string(line.view());
}

std::string to_string(const Event& event) {
  TextLine line;
  append(line, event);
  return std::string(line.view());
}

namespace {

void append_tile(TextLine& line, Coord tile) {
  line.append(to_string(tile.kind()));
  line.append('(');
  line.number(tile.col);
  line.append(',');
  line.number(tile.row);
  line.append(')');
}

/// Appends the separator, a word of the format, and a number right behind it or after another
/// separator.
struct Writer {
  TextLine& line;

  void words(std::string_view text) {
    line.space();
    line.append(text);
  }
  void prefixed(std::string_view prefix, uint64_t value) {
    words(prefix);
    line.number(value);
  }
  void keyed(std::string_view key, uint64_t value) {
    words(key);
    line.space();
    line.number(value);
  }
  void hex(std::string_view key, uint64_t value) {
    words(key);
    line.space();
    line.append("0x");
    line.number(value, 16);
  }
  void agent(std::string_view key, const Agent& who) {
    words(key);
    line.space();
    append(line, Subject{who});
  }

  void operator()(const ChannelChanged& e) {
    line.append(to_string(e.state));
    prefixed("bd", e.bd);
    keyed("queued", e.queued);
  }
  void operator()(const TaskChanged& e) {
    line.append(word(kTaskWords, e.what));
    prefixed("bd", e.bd);
    keyed("queued", e.queued);
    keyed("repeat", e.repeat);
    if (e.token)
      words("token");
  }
  void operator()(const DescriptorChanged& e) {
    line.append(e.finished ? "ended" : "began");
    prefixed("bd", e.bd);
    keyed("words", e.words);
    hex("address", e.address);
  }
  void operator()(const LockChanged& e) {
    line.append(word(kLockWords, e.what));
    line.space();
    if (e.amount < 0)
      line.append('-');
    line.number(static_cast<uint64_t>(e.amount < 0 ? -int{e.amount} : int{e.amount}));
    agent("by", e.agent);
    keyed("now", e.value);
  }
  void operator()(const CoreChanged& e) {
    line.append(to_string(e.state));
    line.space();
    line.number(e.detail);
    keyed("cycles", e.cycles);
  }
  void operator()(const WordsMoved& e) {
    line.append("took");
    line.space();
    line.number(e.words);
    agent("from", e.from);
    if (!e.first)
      words("copy");
  }
  void operator()(const RouteFill& e) {
    line.append("holds");
    line.space();
    line.number(e.words);
  }
  void operator()(const DdrUsed& e) {
    line.append("ddr");
    line.space();
    line.number(e.bytes);
    keyed("until", e.busy_until);
  }
  void operator()(const TokenIssued&) { line.append("token"); }
  void operator()(const HostChanged& e) {
    line.append(word(kHostWords, e.what));
    keyed("command", e.command);
  }
  void operator()(const Fault& e) {
    line.append("fault");
    hex(to_string(e.kind), e.value);
  }
  void operator()(const MemoryAccess& e) {
    line.append(e.write ? "writes" : "reads");
    line.space();
    append_tile(line, e.tile);
    line.space();
    line.append("0x");
    line.number(e.address, 16);
    keyed("bytes", e.bytes);
    if (e.held)
      words("held");
  }
  void operator()(const CoreMarked& e) {
    line.append("marks");
    line.space();
    line.number(e.number);
  }
};

struct SubjectOf {
  Subject operator()(const ChannelChanged& e) const { return {e.channel}; }
  Subject operator()(const TaskChanged& e) const { return {e.channel}; }
  Subject operator()(const DescriptorChanged& e) const { return {e.channel}; }
  Subject operator()(const LockChanged& e) const { return {Agent{e.tile}, e.lock}; }
  Subject operator()(const CoreChanged& e) const { return {e.core}; }
  Subject operator()(const WordsMoved& e) const { return {e.to}; }
  Subject operator()(const RouteFill& e) const { return {e.to}; }
  Subject operator()(const DdrUsed& e) const { return {e.channel}; }
  Subject operator()(const TokenIssued& e) const { return {e.channel}; }
  Subject operator()(const HostChanged&) const { return {}; }
  Subject operator()(const Fault& e) const { return {e.agent}; }
  Subject operator()(const MemoryAccess& e) const { return {e.agent}; }
  Subject operator()(const CoreMarked& e) const { return {e.core}; }
};

}  // namespace

Subject subject_of(const Payload& payload) {
  return std::visit(SubjectOf{}, payload);
}

void append(TextLine& line, const Subject& subject) {
  const Agent& agent = subject.agent;
  if (subject.lock < 0 && agent.kind == AgentKind::Host) {
    line.append("host");
    return;
  }
  append_tile(line, agent.tile);
  if (subject.lock >= 0) {
    line.append(".lock");
    line.number(static_cast<uint64_t>(subject.lock));
  } else if (agent.kind != AgentKind::Core) {
    line.append(agent.kind == AgentKind::S2mm ? ".s2mm" : ".mm2s");
    line.number(agent.index);
  } else if (agent.index > 0) {
    line.append(".stream");
    line.number(agent.index);
  }
}

void append(TextLine& line, const Payload& payload) {
  std::visit(Writer{line}, payload);
}

void append(TextLine& line, const Event& event) {
  line.number(event.cycle);
  line.space();
  append(line, subject_of(event.payload));
  line.space();
  append(line, event.payload);
}

}  // namespace npu::observe
