// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/vcd_reader.h"

#include <charconv>
#include <unordered_map>

#include "hw-model/arch/error.h"
#include "hw-model/observe/event_text.h"
#include "traces/file.h"

namespace npu::traces {

namespace {

uint64_t to_number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size())
    throw Error("'{}' where a number belongs", text);
  return value;
}

Coord to_tile(std::string_view text) {
  const Coord tile = observe::parse_subject(std::string(text) + ".s2mm0").agent.tile;
  return tile;
}

template <typename F>
void for_each_word(std::string_view text, F f) {
  while (!text.empty()) {
    const size_t end = text.find(' ');
    f(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

TraceFilter filter_of(const Facts& facts) {
  TraceFilter filter;
  for (const auto& [key, value] : facts.settings) {
    if (key == "trace.tiles")
      for_each_word(value, [&](std::string_view tile) { filter.tiles.push_back(to_tile(tile)); });
    else if (key == "trace.kinds")
      for_each_word(
          value, [&](std::string_view kind) { filter.kinds.push_back(signal_kind_named(kind)); });
    else if (key == "trace.from")
      filter.from = to_number(value);
    else if (key == "trace.to")
      filter.to = to_number(value);
    else if (key == "trace.ring")
      filter.ring = to_number(value);
  }
  return filter;
}

class Reader {
 public:
  Reader(const std::string& path, const ReadLimits& limits) : words_(path), limits_(limits) {}

  Recording read() {
    if (words_.start(1) != "$")
      throw Error("this is not a VCD file")
          .hint("an FST file is converted with `fst2vcd trace.fst -o trace.vcd`");
    header();
    std::string_view word;
    while (words_.next(word) && value(word)) {
    }
    recording_.facts = facts_.take();
    recording_.filter = filter_of(recording_.facts);
    return std::move(recording_);
  }
  uint64_t line() const { return words_.line(); }

 private:
  std::string_view need() {
    std::string_view word;
    if (!words_.next(word))
      throw Error("the header ends too early").hint("the file was cut before its first event");
    return word;
  }
  void skip_section() {
    while (need() != "$end") {
    }
  }

  void header() {
    std::vector<std::string> scopes;
    for (std::string_view word = need(); word != "$enddefinitions"; word = need()) {
      if (word == "$scope") {
        need();
        scopes.emplace_back(need());
      } else if (word == "$upscope") {
        if (scopes.empty())
          throw Error("$upscope outside of a scope");
        scopes.pop_back();
      } else if (word == "$var") {
        variable(scopes);
      } else if (!word.starts_with('$')) {
        throw Error("'{}' in the header", word);
      }
      skip_section();
    }
    skip_section();
    if (!has_recording_)
      throw Error("this VCD file was not written by airlock")
          .hint("only a trace that a run wrote can be read back");
  }

  void variable(const std::vector<std::string>& scopes) {
    need();
    need();
    const std::string code(need());
    const auto meaning = signal_at(scopes, need());
    if (!meaning)
      return;
    has_recording_ = has_recording_ || meaning->role == Role::Recording;
    signals_.emplace(code, *meaning);
  }

  /// One change, time or section; false when the file ends in the middle of it.
  bool value(std::string_view word) {
    switch (word.front()) {
      case '#':
        time(to_number(word.substr(1)));
        return true;
      case '$':
        return section(word);
      case 's': {
        text_.assign(word.substr(1));
        std::string_view code;
        if (!words_.next(code))
          return false;
        text(code);
        return true;
      }
      case 'b':
      case 'B':
      case 'r':
      case 'R':
        return words_.next(word);
      case '1':
        pulse(word.substr(1));
        return true;
      case '0':
      case 'x':
      case 'X':
      case 'z':
      case 'Z':
        return true;
      default:
        throw Error("'{}' is no change of a value", word);
    }
  }

  void time(Cycle cycle) {
    if (timed_ && cycle < recording_.end)
      throw Error("time goes back from {} to {}", recording_.end, cycle);
    if (!timed_)
      recording_.begin = cycle;
    timed_ = true;
    recording_.end = cycle;
  }

  /// `$dumpvars ... $end` surrounds values, which are read as such; a comment is left out.
  bool section(std::string_view word) {
    if (word != "$comment")
      return true;
    do {
      if (!words_.next(word))
        return false;
    } while (word != "$end");
    return true;
  }

  const SignalMeaning* find(std::string_view code) {
    const auto found = signals_.find(std::string(code));
    return found == signals_.end() ? nullptr : &found->second;
  }

  void text(std::string_view code) {
    const SignalMeaning* signal = find(code);
    if (!signal || text_ == kNoValue)
      return;
    if (signal->role == Role::Facts) {
      facts_.add(text_);
    } else if (signal->role == Role::Recording) {
      if (text_.starts_with(kComplete))
        recording_.complete = true;
    } else if (text_.starts_with(kBefore)) {
      const auto payload =
          parse_payload(signal->subject, std::string_view(text_).substr(kBefore.size()), '_');
      recording_.initial.push_back({recording_.end, payload});
    } else {
      add(parse_payload(signal->subject, text_, '_'));
    }
  }

  void pulse(std::string_view code) {
    const SignalMeaning* signal = find(code);
    if (signal && signal->role == Role::Token)
      add(observe::TokenIssued{signal->subject.agent});
  }

  void add(const observe::Payload& payload) {
    if (recording_.events.size() == limits_.events)
      throw Error("the trace holds more than {} events", limits_.events)
          .hint("narrow it to some tiles or to its last cycles");
    recording_.events.push_back({recording_.end, payload});
    recording_.complete = false;
  }

  WordReader words_;
  ReadLimits limits_;
  std::unordered_map<std::string, SignalMeaning> signals_;
  bool has_recording_ = false;
  bool timed_ = false;
  std::string text_;
  FactsReader facts_;
  Recording recording_;
};

}  // namespace

Recording read_vcd(const std::string& path, const ReadLimits& limits) {
  Reader reader(path, limits);
  try {
    return reader.read();
  } catch (const Error& error) {
    throw Error("{}: line {}: {}", path, reader.line(), error.what()).hint("{}", error.hint());
  }
}

}  // namespace npu::traces
