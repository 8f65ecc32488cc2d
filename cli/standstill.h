// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <string>

#include "hw-model/arch/names.h"
#include "hw-model/observe/hub.h"

namespace npu::cli {

/// Remembers the last state of every channel, core and waiting lock, to say who stands still when a
/// run ends early.
class Standstill : public observe::Observer {
 public:
  void on(const observe::Event& event) override;

  /// A line for each core and channel that waits, at most `most`, longest wait first, with the
  /// names of locks and streams.
  std::string text(const arch::Names& names, size_t most) const;

 private:
  struct State {
    observe::Cycle since = 0;
    std::string_view what;  ///< empty: it does not wait
    int lock = -1;          ///< the lock it waits for
    int wanted = 0;
    int value = 0;
    observe::Coord lock_tile;
  };
  std::map<observe::Agent, State> states_;
};

}  // namespace npu::cli
