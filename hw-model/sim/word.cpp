// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/word.h"

#include <algorithm>

namespace npu::sim {

namespace {

/// Parts are made on first use, one per endpoint.
template <typename Part, typename Fabric>
Part& part_of(std::vector<std::unique_ptr<Part>>& parts, Fabric* fabric, int index) {
  while (parts.size() <= static_cast<size_t>(index)) {
    auto made = std::make_unique<Part>();
    made->fabric = fabric;
    made->index = static_cast<int>(parts.size());
    made->alarm.template bind<&Part::fire>(*made);
    parts.push_back(std::move(made));
  }
  return *parts[static_cast<size_t>(index)];
}

}  // namespace

WordFabric::WordFabric(Context& context, logic::Network& network) : Fabric(context, network) {}

WordFabric::SourcePart& WordFabric::part(const Source& s) {
  return part_of(source_parts_, this, s.index);
}
WordFabric::SinkPart& WordFabric::part(const Sink& s) {
  return part_of(sink_parts_, this, s.index);
}

void WordFabric::launch(Source& s) {
  if (!s.active || !s.granted)
    return;
  SourcePart& mine = part(s);
  if (mine.next < s.begin) {
    mine.next = s.begin;
    mine.last_left = false;
  }
  if (!mine.alarm.armed())
    context_.wheel.arm(mine.alarm, context_.now());
}

void WordFabric::emit_words(int index) {
  Source& s = source(index);
  SourcePart& mine = part(s);
  if (mine.last_left) {
    mine.last_left = false;
    return complete(s);
  }
  bool moved = false;
  for (uint64_t beat = 0; beat < rate_ && mine.next < launch_limit(s); ++beat) {
    emit_word(s, mine.next++);
    moved = true;
  }
  if (moved && mine.stalled) {
    mine.stalled = false;
    s.client->moving(true);
  }
  mine.last_left = mine.next == s.end;
  if (moved) {
    context_.wheel.arm(mine.alarm, context_.now() + 1);
  } else if (!mine.stalled) {
    mine.stalled = true;
    s.client->moving(false);
  }
}

void WordFabric::emit_word(Source& s, uint64_t index) {
  const bool is_header = s.has_header() && index == s.begin;
  const uint32_t value = read_word(s, index);
  bool first = true;
  for (LegState& leg : s.legs) {
    if (is_header && leg.drops_header)
      continue;
    Sink& receiver = sink(leg.sink);
    receiver.arrived = static_cast<uint64_t>(static_cast<int64_t>(index) + leg.base) + 1;
    report_fill(receiver);
    part(receiver).port.push_back(
        {value, context_.now() + leg.latency / rate_, s.agent, std::exchange(first, false)});
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
  const uint64_t place = logic::address(s.out.plan->access(), k);
  return place == logic::kPadding ? s.out.pad : s.out.memory[place];
}

/// Arms the receiver for the arrival of its next word.
void WordFabric::wake(Sink& s) {
  SinkPart& mine = part(s);
  if (!s.open || mine.port.empty() || mine.alarm.armed())
    return;
  context_.wheel.arm(mine.alarm, mine.port.front().arrives);
}

void WordFabric::opened(Sink& s) {
  SinkPart& mine = part(s);
  mine.taken = 0;
  mine.starved = false;
  report_fill(s);
  if (s.feeding >= 0)
    launch(source(s.feeding));
  if (mine.port.empty()) {
    mine.starved = true;
    s.client->moving(false);
  }
  wake(s);
}

void WordFabric::take_words(int index) {
  Sink& s = sink(index);
  SinkPart& mine = part(s);
  if (mine.taken >= s.end - s.begin)
    return complete(s);
  for (uint64_t beat = 0; beat < rate_; ++beat) {
    if (mine.port.empty() || mine.port.front().arrives > context_.now() ||
        mine.taken >= s.end - s.begin)
      break;
    take_word(s, mine.port.front());
    mine.port.pop_front();
  }
  if (mine.taken >= s.end - s.begin) {
    context_.wheel.arm(mine.alarm, context_.now() + 1);
  } else if (!mine.port.empty()) {
    context_.wheel.arm(mine.alarm, std::max(mine.port.front().arrives, context_.now() + 1));
  } else if (!mine.starved && s.arrived <= s.begin + mine.taken) {
    mine.starved = true;
    s.client->moving(false);
  }
}

void WordFabric::take_word(Sink& s, const Word& word) {
  SinkPart& mine = part(s);
  if (mine.starved) {
    mine.starved = false;
    s.client->moving(true);
  }
  if (s.in.plan && (context_.moves_data() || s.in.control))
    s.in.memory[logic::address(s.in.plan->access(), mine.taken)] = word.value;
  ++mine.taken;
  context_.emit(observe::WordsMoved{word.from, s.agent, 1, word.first});
}

void WordFabric::closed(Source& s) {
  context_.wheel.cancel(part(s).alarm);
}
void WordFabric::closed(Sink& s) {
  context_.wheel.cancel(part(s).alarm);
}

uint64_t WordFabric::taken(int index) const {
  const Sink& s = sink(index);
  if (!s.open || static_cast<size_t>(index) >= sink_parts_.size())
    return 0;
  return sink_parts_[static_cast<size_t>(index)]->taken;
}

}  // namespace npu::sim
