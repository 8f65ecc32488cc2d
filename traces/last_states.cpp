// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/last_states.h"

#include <algorithm>

namespace npu::traces {

using namespace observe;

namespace {

std::string_view word_of(HostChanged::What what) {
  switch (what) {
    case HostChanged::What::Running:
      return "running";
    case HostChanged::What::Syncing:
      return "syncing";
    case HostChanged::What::Polling:
      return "polling";
    case HostChanged::What::Done:
      return "done";
  }
  return {};
}

}  // namespace

void LastStates::on(const Event& event) {
  end_ = std::max(end_, event.cycle);
  Agent agent;
  std::string_view state;
  if (const auto* channel = std::get_if<ChannelChanged>(&event.payload)) {
    agent = channel->channel;
    state = to_string(channel->state);
  } else if (const auto* core = std::get_if<CoreChanged>(&event.payload)) {
    agent = core->core;
    state = to_string(core->state);
  } else if (const auto* host = std::get_if<HostChanged>(&event.payload)) {
    state = word_of(host->what);
  } else {
    return;
  }
  std::deque<Change>& changes = changes_[agent];
  if (!changes.empty() && changes.back().state == state)
    return;
  changes.push_back({event.cycle, state});
  if (changes.size() > kKept)
    changes.pop_front();
}

const std::deque<LastStates::Change>& LastStates::of(const Agent& agent) const {
  static const std::deque<Change> kNone;
  const auto found = changes_.find(agent);
  return found == changes_.end() ? kNone : found->second;
}

}  // namespace npu::traces
