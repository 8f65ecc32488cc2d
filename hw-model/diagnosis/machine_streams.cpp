// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Streams of the abstract machine: the credit rule of sim/fabric.h, in numbers relative to the
// words that have left.
#include <algorithm>

#include <fmt/format.h>

#include "hw-model/diagnosis/machine.h"

namespace npu::diagnosis {

void Machine::offer(int agent, int route, int64_t words, bool tlast) {
  Agent& a = at(agent);
  a.left = words;
  a.tlast = tlast;
  a.leads = 0;
  if (a.in_packet)
    return begin_offer(agent);
  a.route = route;
  a.granted = 0;
  if (route == Model::kSteered)
    trouble(fmt::format("the first word that {} sends decides where its stream goes",
                        observe::to_string(fixed(agent).id)));
  if (route < 0)
    return;
  const bool packet = model_.routes[static_cast<size_t>(route)].packet;
  a.in_packet = packet;
  a.held = 0;
  request_arbiters(agent);
}

/// True when the sender has its way.
bool Machine::request_arbiters(int agent) {
  Agent& a = at(agent);
  const Model::Route& route = model_.routes[static_cast<size_t>(a.route)];
  for (; static_cast<size_t>(a.held) < route.arbiters.size(); ++a.held) {
    const auto arbiter = static_cast<size_t>(route.arbiters[static_cast<size_t>(a.held)]);
    if (model_.arbiters[arbiter].contended() || state_.holders[arbiter] != kNone)
      return false;
    state_.holders[arbiter] = agent;
  }
  a.granted = 1;
  a.leads = route.packet;
  begin_offer(agent);
  return true;
}

void Machine::begin_offer(int agent) {
  const Agent& a = at(agent);
  for (const Model::Leg& leg : model_.routes[static_cast<size_t>(a.route)].legs) {
    at(leg.sink).feeder = agent;
    if (a.tlast && fixed(leg.sink).finishes_on_tlast)
      mark(leg.sink, a.left - (a.leads && leg.drops_header ? 1 : 0));
  }
}

int64_t Machine::room(const Agent& sender, const Model::Leg& leg) const {
  const int64_t words = std::max<int64_t>(at(leg.sink).credit + leg.buffer, 0);
  return words + (sender.leads && leg.drops_header ? 1 : 0);
}

/// Moves what every receiver has room for; true when the offer's last word has left.
bool Machine::move(int agent) {
  Agent& a = at(agent);
  if (a.route < 0)
    return false;
  if (!a.granted && !request_arbiters(agent))
    return false;
  const Model::Route& route = model_.routes[static_cast<size_t>(a.route)];
  int64_t words = a.left;
  for (const Model::Leg& leg : route.legs)
    words = std::min(words, room(a, leg));
  if (words > 0) {
    for (const Model::Leg& leg : route.legs)
      deliver(a, leg, words);
    a.left -= words;
    a.leads = 0;
  }
  if (a.left > 0)
    return false;
  for (const Model::Leg& leg : route.legs)
    at(leg.sink).feeder = kNone;
  if (a.in_packet && a.tlast) {
    for (const int arbiter : route.arbiters)
      state_.holders[static_cast<size_t>(arbiter)] = kNone;
    a.in_packet = a.granted = 0;
    a.held = 0;
  }
  return true;
}

void Machine::deliver(const Agent& sender, const Model::Leg& leg, int64_t words) {
  words -= sender.leads && leg.drops_header ? 1 : 0;
  Agent& sink = at(leg.sink);
  sink.credit -= words;
  for (auto& [receiver, left] : state_.marks)
    if (receiver == leg.sink)
      left -= words;
  if (sink.open && sink.credit <= 0)
    wake(leg.sink);
}

void Machine::open(int agent, int64_t words) {
  Agent& a = at(agent);
  const int64_t begin = a.credit;
  a.credit += words;
  a.open = 1;
  if (fixed(agent).finishes_on_tlast) {
    std::erase_if(state_.marks,
                  [&](const auto& m) { return m.first == agent && m.second <= begin; });
    for (const auto& [receiver, left] : state_.marks) {
      if (receiver != agent)
        continue;
      clip(agent, left);
      break;
    }
  }
  if (a.feeder != kNone)
    wake(a.feeder);
}

void Machine::mark(int sink, int64_t words) {
  state_.marks.emplace_back(sink, words);
  if (at(sink).open)
    clip(sink, words);
}

/// The window ends at the end of a packet that comes before its own.
void Machine::clip(int sink, int64_t mark) {
  Agent& s = at(sink);
  s.credit = std::min(s.credit, mark);
  if (s.credit <= 0)
    wake(sink);
}

}  // namespace npu::diagnosis
