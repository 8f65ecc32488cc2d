// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/word.h"

#include <algorithm>
#include <utility>

namespace npu::sim {

WordFabric::WordFabric(Context& context, logic::Network& network) : Fabric(context, network) {}

std::unique_ptr<Fabric::Source> WordFabric::make_source() {
  auto made = std::make_unique<WordSource>();
  made->fabric = this;
  made->alarm.bind<&WordSource::fire>(*made);
  return made;
}

std::unique_ptr<Fabric::Sink> WordFabric::make_sink() {
  auto made = std::make_unique<WordSink>();
  made->fabric = this;
  made->alarm.bind<&WordSink::fire>(*made);
  return made;
}

void WordFabric::launch(Source& any, Cycle start) {
  if (!any.active || !any.granted)
    return;
  WordSource& s = mine(any);
  if (s.next < s.begin) {
    s.next = s.begin;
    s.last_left = false;
  }
  if (s.alarm.armed())
    return;
  s.beat = start;
  context_.wheel.arm(s.alarm, start);
}

/// Sends what is due, and completes when the last word has left.
void WordFabric::send_words(WordSource& s) {
  while (s.beat <= context_.now()) {
    if (s.last_left) {
      s.last_left = false;
      s.left = s.beat;
      return complete(s);
    }
    if (!emit_beat(s))
      return;
    ++s.beat;
  }
  context_.wheel.arm(s.alarm, s.beat);
}

/// The words of a cycle; false when there is no room for one.
bool WordFabric::emit_beat(WordSource& s) {
  bool moved = false;
  for (uint64_t word = 0; word < rate_ && s.next < launch_limit(s); ++word) {
    emit_word(s, s.next++);
    moved = true;
  }
  s.last_left = s.next == s.end;
  if (s.stalled == moved) {
    s.stalled = !moved;
    s.client->moving(moved);
  }
  return moved;
}

void WordFabric::emit_word(WordSource& s, uint64_t index) {
  const uint32_t value = read_word(s, index);
  bool first = true;
  for (LegState& leg : s.legs) {
    if (index < s.first(leg))
      continue;
    WordSink& receiver = mine(*leg.sink);
    receiver.arrived = static_cast<uint64_t>(static_cast<int64_t>(index) + leg.base) + 1;
    report_fill(receiver);
    receiver.port.push_back({value, s.beat + leg.latency / rate_});
    context_.emit(observe::WordsMoved{s.agent, receiver.agent, 1, std::exchange(first, false)});
    wake(receiver);
  }
}

uint32_t WordFabric::read_word(const Source& s, uint64_t index) const {
  uint64_t k = index - s.begin;
  if (s.has_header()) {
    if (k == 0)
      return *s.out.header;
    --k;
  }
  if (!context_.moves_data() || !s.out.plan)
    return 0;
  const uint64_t place = logic::address(s.out.plan->access(), s.out.first + k);
  return place == logic::kPadding ? s.out.pad : s.out.memory[place];
}

/// Arms the receiver for the arrival of its next word.
void WordFabric::wake(WordSink& s) {
  if (!s.open || s.port.empty() || s.alarm.armed())
    return;
  context_.wheel.arm(s.alarm, std::max(s.port.front().arrives, s.ready));
}

void WordFabric::opened(Sink& any) {
  WordSink& s = mine(any);
  s.taken = 0;
  s.starved = false;
  report_fill(s);
  if (s.feeding)
    resume(*s.feeding);
  if (s.port.empty()) {
    s.starved = true;
    s.client->moving(false);
  }
  wake(s);
}

void WordFabric::take_words(WordSink& s) {
  if (s.taken >= s.end - s.begin)
    return complete(s);
  for (uint64_t beat = 0; beat < rate_; ++beat) {
    if (s.port.empty() || s.port.front().arrives > context_.now() || s.taken >= s.end - s.begin)
      break;
    take_word(s, s.port.front());
    s.port.pop_front();
  }
  if (s.taken >= s.end - s.begin) {
    context_.wheel.arm(s.alarm, context_.now() + 1);
  } else if (!s.port.empty()) {
    context_.wheel.arm(s.alarm, std::max(s.port.front().arrives, context_.now() + 1));
  } else if (!s.starved && s.arrived <= s.begin + s.taken) {
    s.starved = true;
    s.client->moving(false);
  }
}

void WordFabric::take_word(WordSink& s, const Word& word) {
  if (s.starved) {
    s.starved = false;
    s.client->moving(true);
  }
  if (s.in.plan && (context_.moves_data() || s.in.control))
    s.in.memory[logic::address(s.in.plan->access(), s.taken)] = word.value;
  ++s.taken;
}

void WordFabric::closed(Source& any) {
  WordSource& s = mine(any);
  context_.wheel.cancel(s.alarm);
  s.last_left = s.stalled = false;
  s.end = std::max(s.begin, s.next);
}

uint64_t WordFabric::closed(Sink& any) {
  WordSink& s = mine(any);
  context_.wheel.cancel(s.alarm);
  return s.taken;
}

uint64_t WordFabric::taken(int index) const {
  const Sink& s = sink(index);
  return s.open ? static_cast<const WordSink&>(s).taken : 0;
}

}  // namespace npu::sim
