// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>

#include "hw-model/observe/hub.h"

namespace npu::observe {

/// Shows an observer of a whole device what happens in a partition: tiles at their physical
/// columns. Of the hosts, of which each partition has one, it tells nothing.
class Shift : public Observer {
 public:
  Shift(Observer& target, int columns) : target_(target), columns_(columns) {}

  void on(const Event& event) override {
    Event moved = event;
    std::visit([this](auto& payload) { move(payload); }, moved.payload);
    if (!std::holds_alternative<HostChanged>(event.payload))
      target_.on(moved);
  }
  void finish(Cycle cycle) override { target_.finish(cycle); }
  bool wants_memory() const override { return target_.wants_memory(); }

 private:
  void move(Coord& tile) const { tile.col = static_cast<uint8_t>(tile.col + columns_); }
  void move(Agent& agent) const {
    if (agent.kind != AgentKind::Host)
      move(agent.tile);
  }
  /// Every place that a kind of event can name.
  template <typename P>
  void move(P& payload) const {
    if constexpr (requires { payload.channel; })
      move(payload.channel);
    if constexpr (requires { payload.core; })
      move(payload.core);
    if constexpr (requires { payload.agent; })
      move(payload.agent);
    if constexpr (requires { payload.from; })
      move(payload.from);
    if constexpr (requires { payload.to; })
      move(payload.to);
    if constexpr (requires { payload.tile; })
      move(payload.tile);
  }

  Observer& target_;
  int columns_;
};

/// Shows an observer a partition that comes later than the run's start as if time began with it:
/// at its first event.
class SinceStart : public Observer {
 public:
  explicit SinceStart(Observer& target) : target_(target) {}

  void on(const Event& event) override {
    if (!start_)
      start_ = event.cycle;
    target_.on({event.cycle - *start_, event.payload});
  }
  void finish(Cycle cycle) override { target_.finish(cycle - start_.value_or(0)); }
  bool wants_memory() const override { return target_.wants_memory(); }

 private:
  Observer& target_;
  std::optional<Cycle> start_;
};

}  // namespace npu::observe
