// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/standstill.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace npu::cli {

using namespace observe;

void Standstill::on(const Event& event) {
  if (const auto* channel = std::get_if<ChannelChanged>(&event.payload)) {
    State& state = states_[channel->channel];
    const bool waits =
        channel->state != ChannelState::Idle && channel->state != ChannelState::Running;
    state.since = event.cycle;
    state.what = waits ? to_string(channel->state) : std::string_view();
    if (channel->state != ChannelState::Acquiring)
      state.lock = -1;
  } else if (const auto* core = std::get_if<CoreChanged>(&event.payload)) {
    State& state = states_[core->core];
    const bool waits = core->state == CoreState::LockStall ||
                       core->state == CoreState::StreamStall ||
                       core->state == CoreState::CascadeStall || core->state == CoreState::Halted;
    state.since = event.cycle;
    state.what = waits ? to_string(core->state) : std::string_view();
    if (core->state != CoreState::LockStall)
      state.lock = -1;
  } else if (const auto* lock = std::get_if<LockChanged>(&event.payload)) {
    if (lock->what != LockChanged::What::Waiting)
      return;
    State& state = states_[lock->agent];
    state.lock = lock->lock;
    state.lock_tile = lock->tile;
    state.wanted = lock->amount;
    state.value = lock->value;
  }
}

std::string Standstill::text(const arch::Names& names, size_t most) const {
  std::vector<std::pair<Agent, State>> waiting;
  for (const auto& [agent, state] : states_)
    if (!state.what.empty())
      waiting.emplace_back(agent, state);
  std::stable_sort(waiting.begin(), waiting.end(),
                   [](const auto& a, const auto& b) { return a.second.since < b.second.since; });
  std::string text;
  for (size_t i = 0; i < std::min(most, waiting.size()); ++i) {
    const auto& [agent, state] = waiting[i];
    text += fmt::format("  {:<19} {} since cycle {}", to_string(agent), state.what, state.since);
    if (state.lock >= 0) {
      const arch::LockName* name = names.lock(state.lock_tile, state.lock);
      text += fmt::format(": wants lock {} of {}{} {} {}, it was {}", state.lock,
                          arch::to_string(state.lock_tile),
                          name ? fmt::format(" (`{}`)", name->name) : "",
                          state.wanted < 0 ? ">=" : "==", std::abs(state.wanted), state.value);
    }
    text += '\n';
  }
  if (waiting.size() > most)
    text += fmt::format("  and {} more\n", waiting.size() - most);
  return text;
}

}  // namespace npu::cli
