// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/fabric.h"

#include <algorithm>
#include <deque>

#include "hw-model/sim/flow.h"
#include "hw-model/sim/word.h"

namespace npu::sim {

using logic::Route;
using observe::FaultKind;

std::unique_ptr<Fabric> make_fabric(Context& context, logic::Network& network) {
  if (context.options.fidelity == Fidelity::Word)
    return std::make_unique<WordFabric>(context, network);
  return std::make_unique<FlowFabric>(context, network);
}

Fabric::Fabric(Context& context, logic::Network& network)
    : context_(context), rate_(context.timing.stream.words_per_cycle.cycles()), network_(network) {}

int Fabric::add_source(const logic::SourceId& id, const observe::Agent& agent,
                       SourceClient& client) {
  std::unique_ptr<Source> source = make_source();
  source->index = static_cast<int>(sources_.size());
  source->id = id;
  source->agent = agent;
  source->client = &client;
  source->owner = this;
  source->at_switch.bind<&Source::ask>(*source);
  sources_.push_back(std::move(source));
  return sources_.back()->index;
}

int Fabric::add_sink(const logic::SinkId& id, const observe::Agent& agent, SinkClient& client) {
  std::unique_ptr<Sink> sink = make_sink();
  sink->index = static_cast<int>(sinks_.size());
  sink->id = id;
  sink->agent = agent;
  sink->client = &client;
  sink_of_[id] = sink->index;
  sinks_.push_back(std::move(sink));
  return sinks_.back()->index;
}

void Fabric::send(int index, const Outgoing& out) {
  Source& s = source(index);
  s.active = true;
  s.out = out;
  s.ready = context_.now() + out.delay;
  s.leads = s.reported = false;
  s.begin = s.end;
  s.end = s.begin + out.words + (out.header ? 1 : 0);
  if (s.begin == s.end)
    return complete(s);
  if (s.in_packet)
    return begin_offer(s);
  s.granted = false;
  if (route(s))
    request_arbiters(s);
  else
    s.client->moving(false);
}

bool Fabric::route(Source& s) {
  const auto usable = [&] { return s.route->problem == Route::Problem::None && !s.legs.empty(); };
  const bool current = s.route && s.route_version == version_;
  if (current && !s.route->packet && usable())
    return true;

  std::optional<uint32_t> header = s.out.header;
  if (!header && s.out.memory && s.out.words > 0) {
    uint32_t first = 0;
    s.out.plan->gather(s.out.memory, s.out.first, 1, &first, s.out.pad);
    header = first;
  }
  if (current && s.route_header == header && usable())
    return true;
  s.route = network_.resolve(s.id, header);
  s.route_header = header;
  s.route_version = version_;
  s.legs.clear();
  for (const logic::Leg& leg : s.route->legs) {
    const auto found = sink_of_.find(leg.sink);
    if (found != sink_of_.end())
      s.legs.push_back(
          {&sink(found->second), leg.buffer, leg.latency * rate_, leg.drops_header, 0, 0});
  }
  if (!usable() && !std::exchange(s.reported, true)) {
    const bool unmatched = s.route->problem == Route::Problem::HeaderUnmatched;
    context_.fault(s.agent, unmatched ? FaultKind::HeaderUnmatched : FaultKind::NoRoute,
                   unmatched ? header.value_or(~0u) : ~uint64_t{0});
  }
  return usable();
}

Fabric::Crossing& Fabric::crossing(arch::Coord tile, int number) {
  const auto [at, added] = crossings_.try_emplace({tile, number});
  if (!added)
    return at->second;
  std::deque<int> order;
  for (const observe::GrantStep& step : context_.options.grants)
    if (step.arbiter && step.tile == tile && step.number == number)
      for (const auto& s : sources_)
        if (s->agent == step.agent)
          order.push_back(s->index);
  at->second.arbiter.schedule(std::move(order));
  return at->second;
}

void Fabric::request_arbiters(Source& s) {
  if (s.route->packet)
    s.in_packet = true;
  while (s.arbiters_held < s.route->arbiters.size()) {
    const logic::ArbiterUse& use = s.route->arbiters[s.arbiters_held];
    // Who else might come first is known when the header is there.
    if (use.contended && s.ready + use.latency > context_.now())
      return context_.wheel.arm(s.at_switch, s.ready + use.latency);
    if (!crossing(use.tile, use.arbiter).arbiter.request(use.slave, s.index))
      return s.client->moving(false);
    take_arbiter(s, use);
  }
  s.granted = true;
  s.leads = s.route->packet;
  s.client->moving(true);
  begin_offer(s);
}

/// The header passes once the packet before it has: as if it had left later.
void Fabric::take_arbiter(Source& s, const logic::ArbiterUse& use) {
  const Cycle passes =
      std::max({s.ready + use.latency, crossing(use.tile, use.arbiter).free, context_.now()});
  s.ready = passes - use.latency;
  ++s.arbiters_held;
}

void Fabric::continue_with(std::optional<int> index) {
  if (!index)
    return;
  Source& s = source(*index);
  take_arbiter(s, s.route->arbiters[s.arbiters_held]);
  request_arbiters(s);
}

void Fabric::release_arbiters(Source& s) {
  const size_t held = std::exchange(s.arbiters_held, 0);
  const std::vector<logic::ArbiterUse> uses = s.route->arbiters;
  const bool waiting = s.in_packet && !s.granted && held < uses.size();
  s.in_packet = false;
  s.granted = false;
  context_.wheel.cancel(s.at_switch);
  for (size_t i = 0; i < held + (waiting ? 1 : 0); ++i) {
    Crossing& crossed = crossing(uses[i].tile, uses[i].arbiter);
    if (i < held)
      crossed.free = std::max(crossed.free, s.left + uses[i].latency);
    continue_with(crossed.arbiter.withdraw(s.index));
  }
}

void Fabric::begin_offer(Source& s) {
  for (LegState& leg : s.legs) {
    Sink& to = *leg.sink;
    leg.written = s.first(leg);
    leg.base = static_cast<int64_t>(to.arrived) - static_cast<int64_t>(leg.written);
    to.feeding = &s;
    if (s.out.tlast) {
      to.tlasts.push_back(static_cast<uint64_t>(static_cast<int64_t>(s.end) + leg.base));
      clip_window(to);
    }
  }
  launch(s, s.ready);
}

uint64_t Fabric::launch_limit(const Source& s) const {
  uint64_t limit = s.end;
  for (const LegState& leg : s.legs) {
    const int64_t allowed = static_cast<int64_t>(leg.sink->granted + leg.buffer) - leg.base;
    limit = std::min(limit, static_cast<uint64_t>(std::max<int64_t>(allowed, 0)));
  }
  return limit;
}

void Fabric::complete(Source& s) {
  s.active = false;
  if (s.in_packet && s.out.tlast)
    release_arbiters(s);
  s.client->sent();
}

void Fabric::receive(int index, const Incoming& in) {
  Sink& s = sink(index);
  s.open = true;
  s.in = in;
  s.ready = context_.now() + in.delay;
  s.begin = s.granted;
  s.end = s.begin + in.words;
  while (!s.tlasts.empty() && s.tlasts.front() <= s.begin)
    s.tlasts.pop_front();
  s.granted = s.end;
  clip_window(s);
  opened(s);
}

void Fabric::clip_window(Sink& s) {
  if (!s.open || !s.in.finish_on_tlast)
    return;
  for (const uint64_t mark : s.tlasts) {
    if (mark <= s.begin || mark >= s.end)
      continue;
    s.end = mark;
    s.granted = mark;
    return;
  }
}

void Fabric::complete(Sink& s) {
  s.open = false;
  const bool tlast = std::find(s.tlasts.begin(), s.tlasts.end(), s.end) != s.tlasts.end();
  s.client->received(s.end - s.begin, tlast);
}

void Fabric::report_fill(Sink& s) {
  const auto fill = static_cast<uint32_t>(s.arrived > s.granted ? s.arrived - s.granted : 0);
  if (fill == s.fill)
    return;
  s.fill = fill;
  context_.emit(observe::RouteFill{s.agent, fill});
}

void Fabric::tell_last() const {
  for (const auto& s : sinks_)
    context_.hub.tell_last(context_.now(), observe::RouteFill{s->agent, s->fill});
}

void Fabric::abort_source(int index) {
  Source& s = source(index);
  if (std::exchange(s.active, false)) {
    closed(s);
    s.left = context_.now();
    if (s.granted)
      for (const LegState& leg : s.legs) {
        Sink& to = *leg.sink;
        while (!to.tlasts.empty() && to.tlasts.back() > to.arrived)
          to.tlasts.pop_back();
      }
  }
  if (s.route)
    release_arbiters(s);
}

void Fabric::abort_sink(int index) {
  Sink& s = sink(index);
  if (!s.open)
    return;
  s.granted = s.begin + closed(s);
  s.open = false;
  report_fill(s);
  if (s.feeding)
    resume(*s.feeding);
}

void Fabric::reroute() {
  ++version_;
  for (const auto& s : sources_)
    if (s->active && !s->in_packet && !s->granted && route(*s)) {
      s->ready = std::max(s->ready, context_.now());
      request_arbiters(*s);
    }
}

void Fabric::program_merge(arch::Coord tile, int arbiter, std::vector<logic::MergeStep> merge) {
  continue_with(crossing(tile, arbiter).arbiter.program(std::move(merge)));
}

}  // namespace npu::sim
