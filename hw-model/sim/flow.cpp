// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/flow.h"

#include <algorithm>
#include <cstring>

namespace npu::sim {

FlowFabric::FlowFabric(Context& context, logic::Network& network) : Fabric(context, network) {}

FlowFabric::SourcePart& FlowFabric::part(const Source& s) {
  const auto index = static_cast<size_t>(s.index);
  while (source_parts_.size() <= index) {
    auto made = std::make_unique<SourcePart>();
    made->fabric = this;
    made->index = static_cast<int>(source_parts_.size());
    made->alarm.bind<&SourcePart::fire>(*made);
    source_parts_.push_back(std::move(made));
  }
  return *source_parts_[index];
}

FlowFabric::SinkPart& FlowFabric::part(const Sink& s) {
  const auto index = static_cast<size_t>(s.index);
  while (sink_parts_.size() <= index) {
    auto made = std::make_unique<SinkPart>();
    made->fabric = this;
    made->index = static_cast<int>(sink_parts_.size());
    made->alarm.bind<&SinkPart::fire>(*made);
    sink_parts_.push_back(std::move(made));
  }
  return *sink_parts_[index];
}

void FlowFabric::launch(Source& s) {
  if (!s.active || !s.granted)
    return;
  SourcePart& mine = part(s);
  mine.launched = std::max(mine.launched, s.begin);
  const uint64_t limit = launch_limit(s);
  if (limit > mine.launched) {
    mine.p = std::max(mine.p, tick() - static_cast<int64_t>(mine.launched));
    const uint64_t from = std::exchange(mine.launched, limit);
    for (LegState& leg : s.legs)
      arrive(s, leg, from, limit, mine.p);
    if (mine.stalled) {
      mine.stalled = false;
      s.client->moving(true);
    }
    context_.wheel.arm(mine.alarm, cycle_of(mine.p + static_cast<int64_t>(limit)));
  } else if (mine.launched == s.begin && !mine.stalled) {
    mine.stalled = true;
    s.client->moving(false);
  }
}

void FlowFabric::arrive(Source& s, LegState& leg, uint64_t from, uint64_t to, int64_t p) {
  Sink& receiver = sink(leg.sink);
  const uint64_t first = s.begin + (leg.drops_header && s.has_header() ? 1 : 0);
  if (to <= first)
    return;
  SinkPart& theirs = part(receiver);
  const auto index = static_cast<uint64_t>(static_cast<int64_t>(std::max(from, first)) + leg.base);
  int64_t q = p - leg.base + static_cast<int64_t>(leg.latency);
  if (!theirs.steps.empty())
    q = std::max(q, theirs.steps.back().q);
  if (theirs.steps.empty() || q > theirs.steps.back().q)
    theirs.steps.push_back({index, q});
  receiver.arrived = static_cast<uint64_t>(static_cast<int64_t>(to) + leg.base);
  report_fill(receiver);
  if (receiver.open)
    schedule(receiver);
}

/// Tick at which a word that has left its source arrives.
int64_t FlowFabric::arrival(const SinkPart& theirs, uint64_t word) const {
  int64_t q = 0;
  for (const Step& step : theirs.steps) {
    if (step.from > word)
      break;
    q = step.q;
  }
  return static_cast<int64_t>(word) + q;
}

/// Arms the receiver for the end of its window, or for when it runs dry.
void FlowFabric::schedule(Sink& s) {
  SinkPart& mine = part(s);
  const uint64_t until = std::min(s.arrived, s.end);
  if (until <= s.begin) {
    if (!mine.starved) {
      mine.starved = true;
      s.client->moving(false);
    }
    return;
  }
  if (mine.starved) {
    mine.starved = false;
    s.client->moving(true);
  }
  const int64_t taken_at = std::max(mine.opened_at + static_cast<int64_t>(until - s.begin),
                                    arrival(mine, until - 1) + 1);
  context_.wheel.arm(mine.alarm, cycle_of(taken_at));
}

void FlowFabric::opened(Sink& s) {
  SinkPart& mine = part(s);
  mine.opened_at = tick();
  mine.starved = false;
  while (mine.steps.size() > 1 && mine.steps[1].from <= s.begin)
    mine.steps.pop_front();
  report_fill(s);
  drain_port(s);
  if (s.feeding >= 0)
    launch(source(s.feeding));
  schedule(s);
}

void FlowFabric::source_alarm(int index) {
  Source& s = source(index);
  SourcePart& mine = part(s);
  if (mine.launched < s.end) {
    mine.stalled = true;
    return s.client->moving(false);
  }
  commit(s, s.end);
  complete(s);
}

void FlowFabric::sink_alarm(int index) {
  Sink& s = sink(index);
  if (s.arrived < s.end) {
    part(s).starved = true;
    return s.client->moving(false);
  }
  if (s.feeding >= 0) {
    Source& from = source(s.feeding);
    if (from.active)
      for (const LegState& leg : from.legs)
        if (leg.sink == index)
          commit(from, std::min(part(from).launched,
                                static_cast<uint64_t>(static_cast<int64_t>(s.end) - leg.base)));
  }
  complete(s);
}

void FlowFabric::closed(Source& s) {
  context_.wheel.cancel(part(s).alarm);
}
void FlowFabric::closed(Sink& s) {
  context_.wheel.cancel(part(s).alarm);
}

uint64_t FlowFabric::taken(int index) const {
  const Sink& s = sink(index);
  return s.open ? std::clamp(s.arrived, s.begin, s.end) - s.begin : 0;
}

void FlowFabric::settle() {
  for (const auto& s : sources())
    if (s->active && s->granted)
      commit(*s, part(*s).launched);
}

void FlowFabric::commit(Source& s, uint64_t to) {
  gathered_ = {};
  bool first = true;
  for (LegState& leg : s.legs)
    commit_leg(s, leg, to, std::exchange(first, false));
}

void FlowFabric::commit_leg(Source& s, LegState& leg, uint64_t to, bool first) {
  Sink& receiver = sink(leg.sink);
  const int64_t window_end = receiver.open ? static_cast<int64_t>(receiver.end) - leg.base : 0;
  const uint64_t into_window =
      std::min(to, static_cast<uint64_t>(std::max<int64_t>(window_end, 0)));
  if (into_window > leg.written) {
    const uint64_t from = std::exchange(leg.written, into_window);
    const uint64_t count = into_window - from;
    const logic::Plan* plan = receiver.in.plan;
    if (plan && (context_.moves_data() || receiver.in.control)) {
      const uint64_t offset =
          static_cast<uint64_t>(static_cast<int64_t>(from) + leg.base) - receiver.begin;
      if (plan->linear()) {
        uint32_t* place = receiver.in.memory + plan->access().base + offset;
        const uint32_t* words = gathered(s, from, into_window, place);
        if (words != place)
          std::memcpy(place, words, count * 4);
      } else {
        plan->scatter(receiver.in.memory, offset, count, gathered(s, from, into_window, nullptr));
      }
    }
    context_.emit(
        observe::WordsMoved{s.agent, receiver.agent, static_cast<uint32_t>(count), first});
  }
  if (to == s.end && to > leg.written) {
    // The source gives its buffer up: what no window wants yet waits in the port.
    const uint64_t from = std::exchange(leg.written, to);
    SinkPart& theirs = part(receiver);
    const uint32_t* words = gathered(s, from, to, nullptr);
    theirs.held.insert(theirs.held.end(), words, words + (to - from));
    context_.emit(
        observe::WordsMoved{s.agent, receiver.agent, static_cast<uint32_t>(to - from), first});
  }
}

/// Words [from, to) of the source, in `preferred` when they had to be gathered anew.
const uint32_t* FlowFabric::gathered(Source& s, uint64_t from, uint64_t to, uint32_t* preferred) {
  if (gathered_.words && gathered_.from == from && gathered_.to == to)
    return gathered_.words;
  uint32_t* place = preferred;
  if (!place) {
    scratch_.resize(std::max<size_t>(scratch_.size(), to - from));
    place = scratch_.data();
  }
  fetch(s, from, to, place);
  gathered_ = {from, to, place};
  return place;
}

void FlowFabric::fetch(const Source& s, uint64_t from, uint64_t to, uint32_t* out) const {
  uint64_t data = from - s.begin;
  if (s.has_header()) {
    if (data == 0) {
      *out++ = *s.out.header;
      ++from;
    } else {
      --data;
    }
  }
  if (to == from)
    return;
  if (context_.moves_data())
    s.out.plan->gather(s.out.memory, data, to - from, out, s.out.pad);
  else
    std::fill_n(out, to - from, 0);
}

void FlowFabric::drain_port(Sink& s) {
  SinkPart& mine = part(s);
  const uint64_t count = std::min<uint64_t>(mine.held.size(), s.end - s.begin);
  if (count == 0)
    return;
  if (s.in.plan && (context_.moves_data() || s.in.control)) {
    const std::vector<uint32_t> words(mine.held.begin(),
                                      mine.held.begin() + static_cast<ptrdiff_t>(count));
    s.in.plan->scatter(s.in.memory, 0, count, words.data());
  }
  mine.held.erase(mine.held.begin(), mine.held.begin() + static_cast<ptrdiff_t>(count));
}

}  // namespace npu::sim
