// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/workload.h"
#include "hw-model/arch/command.h"
#include "hw-model/diagnosis/diagnose.h"
#include "hw-model/diagnosis/freshness.h"
#include "hw-model/observe/checker.h"
#include "hw-model/observe/order.h"
#include "traces/last_states.h"

namespace npu::cli {

/// What is looked at besides the wait graph; each costs time.
struct Checks {
  bool memory = false;  ///< needs events that a trace does not have
  bool order = false;
  bool states = false;  ///< the last states of all, for a picture
};

/// Commands of a design and their names: what a diagnosis joins with events.
struct DesignFacts {
  arch::Partition partition;
  arch::Timing timing;
  arch::Commands configuration;
  arch::Commands sequence;
  arch::Names names;
  std::map<uint32_t, arch::Commands> loads = {};  ///< what `Load{id}` of the sequence loads
  std::map<uint32_t, arch::Names> load_names = {};
};
DesignFacts facts_of(const Workload& work);
/// What they say, without time.
diagnosis::Image image_of(const DesignFacts& facts);

/// Why a run, or what a trace tells of it, ended as it did. Sentences, the numbers behind the
/// waits, and the last states of all.
struct Explanation {
  diagnosis::Diagnosis diagnosis;
  /// A wait with the lock as it stood.
  struct Waiting {
    diagnosis::Wait wait;
    int value = 0;     ///< of the lock
    std::string lock;  ///< its name
  };
  std::vector<Waiting> waits;
  std::vector<std::string> unknown;    ///< what the trace does not tell
  std::vector<std::string> stale;      ///< bytes sent that nothing had written
  std::vector<std::string> mistakes;   ///< in the design, and not the root
  std::vector<std::string> leftovers;  ///< of a finished run
  std::vector<std::string> memory;
  std::vector<std::string> order;

  bool empty() const;
};

/// Follows events, of a run or of a trace, and explains them. The facts must outlive it.
class Explainer {
 public:
  Explainer(const DesignFacts& facts, const Checks& checks);

  void attach(observe::Hub& hub);
  /// How things stand after the events so far. `whole`: they are all that happened, up to where
  /// the run came to rest or was stopped.
  Explanation explain(bool whole = true) const;

  const traces::LastStates& states() const { return states_; }
  /// What held when the events ended.
  const diagnosis::Image& image() const;
  const arch::Names& names() const;
  diagnosis::History& history() { return history_; }
  const diagnosis::History& history() const { return history_; }

 private:
  const DesignFacts& facts_;
  diagnosis::Image image_;
  diagnosis::History history_;
  diagnosis::Freshness freshness_;
  traces::LastStates states_;
  bool wants_states_;
  std::optional<observe::MemoryChecker> memory_;
  std::optional<observe::OrderChecker> order_;
};

/// For people: the diagnosis of what does not finish, then what else was found; empty when there is
/// nothing to say. With `colours` the root is red and the hint green.
std::string explanation_text(const Explanation& explanation, bool colours = false);

}  // namespace npu::cli
