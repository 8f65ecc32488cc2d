// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/sim/array.h"

namespace npu::sim {

/// The NPU's command processor: executes a host sequence in order. A sync waits for tokens that are
/// counted as they arrive; a poll sleeps until its register changes.
class Controller {
 public:
  Controller(Context& context, Array& array);

  /// Executes commands at once, without time: a configuration.
  void configure(std::span<const arch::Command> commands);
  void add_configuration(uint32_t id, arch::Commands commands) {
    configurations_[id] = std::move(commands);
  }

  /// Starts a sequence; `addresses` are the device addresses of the arguments. The commands must
  /// outlive the run.
  void start(std::span<const arch::Command> sequence, std::span<const uint64_t> addresses);
  bool done() const { return next_ >= sequence_.size(); }
  bool polling() const { return polling_; }
  /// Looks at the polled register again.
  void retry_poll();
  uint32_t commands_done() const { return static_cast<uint32_t>(next_); }
  void abandon();

 private:
  using What = observe::HostChanged::What;
  using TokenKey = std::tuple<int, int, arch::Direction, int>;  ///< column, row, direction, channel

  void step();
  void finish();
  arch::Cycle cost(const arch::Command& command) const;
  void take_token(const observe::Agent& channel);
  bool sync_ready(const arch::Sync& sync, arch::Cycle& noticed) const;
  void try_sync();
  void pass_wait();
  void set_state(What what);

  void execute(const arch::Write& c);
  void execute(const arch::BlockWrite& c);
  void execute(const arch::MaskWrite& c);
  void execute(const arch::AddressPatch& c);
  void execute(const arch::Load& c);
  void execute(const arch::MaskPoll&) {}
  void execute(const arch::Sync&) {}

  Context& context_;
  Array& array_;
  std::map<uint32_t, arch::Commands> configurations_;
  std::span<const arch::Command> sequence_;
  std::vector<uint64_t> addresses_;
  size_t next_ = 0;
  bool polling_ = false;
  bool syncing_ = false;
  std::map<TokenKey, std::deque<arch::Cycle>> tokens_;  ///< arrival times, not yet waited for
  Alarm alarm_;
  void (Controller::*step_)() = nullptr;
  void take_step() { (this->*step_)(); }
  void after(arch::Cycle cycles, void (Controller::*next)());
};

}  // namespace npu::sim
