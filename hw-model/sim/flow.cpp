// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/flow.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace npu::sim {

namespace {

/// What a port's surplus lets through before an end waits is not worth an event: it is said to wait
/// from the start.
constexpr uint64_t kSurplus = 16;
bool soon_stuck(uint64_t reached, uint64_t begin, uint64_t end) {
  return reached < end && reached - begin <= kSurplus;
}

}  // namespace

FlowFabric::FlowFabric(Context& context, logic::Network& network) : Fabric(context, network) {
  rest_.bind<&FlowFabric::rest>(*this);
}

std::unique_ptr<Fabric::Source> FlowFabric::make_source() {
  auto made = std::make_unique<FlowSource>();
  made->fabric = this;
  made->alarm.bind<&FlowSource::fire>(*made);
  return made;
}

std::unique_ptr<Fabric::Sink> FlowFabric::make_sink() {
  auto made = std::make_unique<FlowSink>();
  made->fabric = this;
  made->alarm.bind<&FlowSink::fire>(*made);
  return made;
}

void FlowFabric::launch(Source& any, Cycle start) {
  if (!any.active || !any.granted)
    return;
  FlowSource& s = mine(any);
  s.launched = std::max(s.launched, s.begin);
  const uint64_t limit = launch_limit(s);
  if (limit > s.launched) {
    s.p = std::max(s.p, tick_of(start) - static_cast<int64_t>(s.launched));
    const uint64_t from = std::exchange(s.launched, limit);
    for (LegState& leg : s.legs)
      arrive(s, leg, from, limit, s.p);
    const Cycle left = cycle_of(s.p + static_cast<int64_t>(limit));
    if (soon_stuck(limit, s.begin, s.end)) {
      rests_at_ = std::max(rests_at_, left);
      if (!std::exchange(s.stalled, true))
        s.client->moving(false);
      return;
    }
    if (std::exchange(s.stalled, false))
      s.client->moving(true);
    context_.wheel.arm(s.alarm, left);
  } else if (s.launched == s.begin && !std::exchange(s.stalled, true)) {
    s.client->moving(false);
  }
}

void FlowFabric::arrive(Source& s, LegState& leg, uint64_t from, uint64_t to, int64_t p) {
  FlowSink& receiver = mine(*leg.sink);
  const uint64_t first = s.first(leg);
  if (to <= first)
    return;
  const auto index = static_cast<uint64_t>(static_cast<int64_t>(std::max(from, first)) + leg.base);
  int64_t q = p - leg.base + static_cast<int64_t>(leg.latency);
  if (!receiver.steps.empty())
    q = std::max(q, receiver.steps.back().q);
  if (receiver.steps.empty() || q > receiver.steps.back().q)
    receiver.steps.push_back({index, q});
  const bool wants = receiver.open && receiver.arrived < receiver.end;
  receiver.arrived = static_cast<uint64_t>(static_cast<int64_t>(to) + leg.base);
  report_fill(receiver);
  if (wants)
    schedule(receiver);
}

/// Tick at which a word that has left its source arrives.
int64_t FlowFabric::arrival(const FlowSink& s, uint64_t word) {
  int64_t q = 0;
  for (const Step& step : s.steps) {
    if (step.from > word)
      break;
    q = step.q;
  }
  return static_cast<int64_t>(word) + q;
}

/// Arms the receiver for the end of its window, or for when it runs dry.
void FlowFabric::schedule(FlowSink& s) {
  const uint64_t until = std::min(s.arrived, s.end);
  const bool stuck = until <= s.begin || soon_stuck(until, s.begin, s.end);
  if (stuck && !std::exchange(s.starved, true))
    s.client->moving(false);
  if (until <= s.begin)
    return;
  const int64_t taken_at =
      std::max(s.opened_at + static_cast<int64_t>(until - s.begin), arrival(s, until - 1) + 1);
  const Cycle cycle = cycle_of(taken_at);
  if (stuck) {
    rests_at_ = std::max(rests_at_, cycle);
    return;
  }
  if (std::exchange(s.starved, false))
    s.client->moving(true);
  context_.wheel.arm(s.alarm, cycle);
}

void FlowFabric::opened(Sink& any) {
  FlowSink& s = mine(any);
  s.opened_at = tick_of(s.ready);
  s.starved = false;
  while (s.steps.size() > 1 && s.steps[1].from <= s.begin)
    s.steps.pop_front();
  report_fill(s);
  drain_port(s);
  if (s.feeding)
    resume(*s.feeding);
  if (!s.alarm.armed())
    schedule(s);
}

void FlowFabric::source_alarm(FlowSource& s) {
  if (s.launched < s.end) {
    s.stalled = true;
    return s.client->moving(false);
  }
  s.left = cycle_of(s.p + static_cast<int64_t>(s.end));
  commit(s, s.end);
  complete(s);
}

void FlowFabric::sink_alarm(FlowSink& s) {
  if (s.arrived < s.end) {
    s.starved = true;
    return s.client->moving(false);
  }
  commit_window(s);
  complete(s);
}

void FlowFabric::commit_window(FlowSink& s) {
  if (!s.feeding)
    return;
  FlowSource& from = mine(*s.feeding);
  if (!from.active)
    return;
  for (LegState& leg : from.legs) {
    if (leg.sink != &s)
      continue;
    const uint64_t to =
        std::min(from.launched, static_cast<uint64_t>(static_cast<int64_t>(s.end) - leg.base));
    // A broadcast is gathered once, for all; without data or observers nobody can tell.
    if (context_.moves_data() || !context_.hub.idle() || s.in.control)
      return commit(from, to);
    leg.written = std::max(leg.written, to);
    return;
  }
}

void FlowFabric::recall(FlowSource& s) {
  const int64_t gone = tick_of(context_.now()) - s.p;
  s.launched =
      std::min(s.launched, std::max(s.begin, static_cast<uint64_t>(std::max<int64_t>(gone, 0))));
  context_.wheel.arm(s.alarm, cycle_of(s.p + static_cast<int64_t>(s.launched)));
  for (const LegState& leg : s.legs) {
    FlowSink& to = mine(*leg.sink);
    to.arrived =
        static_cast<uint64_t>(static_cast<int64_t>(std::max(s.launched, s.first(leg))) + leg.base);
    while (!to.steps.empty() && to.steps.back().from >= to.arrived)
      to.steps.pop_back();
    report_fill(to);
    context_.wheel.cancel(to.alarm);
    if (to.open)
      schedule(to);
  }
}

void FlowFabric::closed(Source& any) {
  FlowSource& s = mine(any);
  if (s.granted) {
    recall(s);
    s.end = s.launched;
    commit(s, s.end);
  } else {
    s.end = s.begin;
  }
  context_.wheel.cancel(s.alarm);
  s.stalled = false;
}

uint64_t FlowFabric::closed(Sink& any) {
  FlowSink& s = mine(any);
  if (s.feeding && s.feeding->active && s.feeding->granted)
    recall(mine(*s.feeding));
  context_.wheel.cancel(s.alarm);
  s.end = taken_end(s);
  commit_window(s);
  return s.end - s.begin;
}

uint64_t FlowFabric::taken_end(const FlowSink& s) const {
  // Words of senders that are done are in the window already.
  uint64_t low = std::clamp(s.arrived, s.begin, s.end);
  uint64_t high = low;
  if (s.feeding && s.feeding->active)
    for (const LegState& leg : s.feeding->legs)
      if (leg.sink == &s)
        low = std::clamp(static_cast<uint64_t>(static_cast<int64_t>(leg.written) + leg.base),
                         s.begin, high);
  const int64_t now = tick_of(context_.now());
  while (low < high) {
    const uint64_t word = low + (high - low) / 2;
    if (std::max(s.opened_at + static_cast<int64_t>(word - s.begin), arrival(s, word)) <= now)
      low = word + 1;
    else
      high = word;
  }
  return low;
}

uint64_t FlowFabric::taken(int index) const {
  const auto& s = static_cast<const FlowSink&>(sink(index));
  return s.open ? taken_end(s) - s.begin : 0;
}

bool FlowFabric::await_rest() {
  if (rests_at_ <= context_.now())
    return false;
  context_.wheel.arm(rest_, rests_at_);
  return true;
}

void FlowFabric::settle() {
  for (const auto& s : sources()) {
    if (!s->active || !s->granted)
      continue;
    for (LegState& leg : s->legs) {
      const FlowSink& receiver = mine(*leg.sink);
      gathered_ = {};
      if (receiver.open)
        commit_leg(*s, leg,
                   static_cast<uint64_t>(static_cast<int64_t>(taken_end(receiver)) - leg.base),
                   &leg == &s->legs.front());
    }
  }
}

void FlowFabric::commit(Source& s, uint64_t to) {
  gathered_ = {};
  bool first = true;
  for (LegState& leg : s.legs)
    commit_leg(s, leg, to, std::exchange(first, false));
}

void FlowFabric::commit_leg(Source& s, LegState& leg, uint64_t to, bool first) {
  Sink& receiver = *leg.sink;
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
    const uint32_t* words = gathered(s, from, to, nullptr);
    mine(receiver).held.append(words, words + (to - from));
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
    s.out.plan->gather(s.out.memory, s.out.first + data, to - from, out, s.out.pad);
  else
    std::fill_n(out, to - from, 0);
}

void FlowFabric::drain_port(FlowSink& s) {
  const uint64_t count = std::min<uint64_t>(s.held.size(), s.end - s.begin);
  if (count == 0)
    return;
  if (s.in.plan && (context_.moves_data() || s.in.control))
    s.in.plan->scatter(s.in.memory, 0, count, &s.held.front());
  s.held.pop_front(count);
}

}  // namespace npu::sim
