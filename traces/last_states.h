// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <deque>
#include <map>
#include <string_view>

#include "hw-model/observe/hub.h"

namespace npu::traces {

/// The last changes of state of every channel, core and the host: what they did before the end.
class LastStates final : public observe::Observer {
 public:
  static constexpr size_t kKept = 256;  ///< changes of each

  struct Change {
    observe::Cycle cycle = 0;
    std::string_view state;
    bool operator==(const Change&) const = default;
  };

  void on(const observe::Event& event) override;
  void finish(observe::Cycle cycle) override { end_ = cycle; }

  /// In order of time; empty when nothing was heard of the agent.
  const std::deque<Change>& of(const observe::Agent& agent) const;
  observe::Cycle end() const { return end_; }

 private:
  std::map<observe::Agent, std::deque<Change>> changes_;
  observe::Cycle end_ = 0;
};

}  // namespace npu::traces
