// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/explore.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

namespace npu::diagnosis {

namespace {

using Choice = Machine::Choice;
using Digest = std::pair<uint64_t, uint64_t>;

struct DigestHash {
  size_t operator()(const Digest& digest) const { return digest.first; }
};

/// A state with choices that are still to be tried.
struct Frame {
  MachineState state;
  std::vector<Choice> left;
  size_t trace = 0;  ///< grants before it
};

class Explorer {
 public:
  Explorer(const Model& model, const ExploreLimits& limits)
      : model_(model), limits_(limits), machine_(model) {
    machine_.limit_steps(limits.steps);
    machine_.settle();
  }

  Exploration run() {
    out_.verdict = Exploration::Verdict::Accept;
    MachineState start = machine_.state();
    be_fair();
    if (out_.verdict == Exploration::Verdict::Accept && !trace_.empty()) {
      trace_.clear();
      machine_.restore(std::move(start));
      do
        descend();
      while (out_.verdict == Exploration::Verdict::Accept && back());
    }
    out_.steps = machine_.steps();
    return std::move(out_);
  }

 private:
  /// Follows the order in which nobody is served again before those who waited longer.
  void be_fair() {
    while (advance()) {
      std::vector<Choice> choices = machine_.choices();
      if (choices.empty())
        return hang(true);
      sort_by_last_grant(choices);
      grant(choices.back());
    }
  }

  /// Lets all happen that needs no choice; false when that was all.
  bool advance() {
    machine_.settle();
    if (!machine_.problem().empty())
      undecided(machine_.problem());
    return machine_.problem().empty() && !machine_.host_done();
  }

  /// Follows one order to its end.
  void descend() {
    while (advance()) {
      std::vector<Choice> choices = machine_.choices();
      if (choices.empty())
        return hang(false);
      if (choices.size() > 1)
        choices = reduce(std::move(choices));
      if (choices.size() > 1 && !keep(choices))
        return;
      grant(choices.front());
    }
  }

  void grant(const Choice& choice) {
    trace_.push_back(choice);
    ++out_.grants;
    machine_.grant(choice);
  }

  /// Remembers the state and its other choices; false when it has been here, or has no room.
  bool keep(std::vector<Choice>& choices) {
    if (!seen_.insert(machine_.state().digest()).second)
      return false;
    if (++out_.states > limits_.states) {
      undecided(
          fmt::format("more than {} states: {}", limits_.states, contention(choices.front())));
      return false;
    }
    sort_by_last_grant(choices);
    memory_ += machine_.state().bytes();
    if (memory_ > limits_.memory_bytes) {
      undecided(fmt::format("more than {} MiB of states: {}", limits_.memory_bytes >> 20,
                            contention(choices.front())));
      return false;
    }
    frames_.push_back({machine_.state(), {choices.rbegin(), choices.rend() - 1}, trace_.size()});
    return true;
  }

  /// Goes back to the last state with a choice that was not tried; false when there is none.
  bool back() {
    if (frames_.empty())
      return false;
    Frame& frame = frames_.back();
    trace_.resize(frame.trace);
    const Choice next = frame.left.back();
    frame.left.pop_back();
    if (frame.left.empty()) {
      memory_ -= frame.state.bytes();
      machine_.restore(std::move(frame.state));
      frames_.pop_back();
    } else {
      machine_.restore(frame.state);
    }
    grant(next);
    return true;
  }

  /// The newest first, those never made last.
  void sort_by_last_grant(std::vector<Choice>& choices) const {
    const auto last = [&](const Choice& choice) {
      for (size_t i = trace_.size(); i > 0; --i)
        if (trace_[i - 1] == choice)
          return i;
      return size_t{0};
    };
    std::vector<std::pair<size_t, Choice>> order;
    for (const Choice& choice : choices)
      order.emplace_back(last(choice), choice);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (size_t i = 0; i < order.size(); ++i)
      choices[i] = order[i].second;
  }

  /// The smallest set found of choices that no other agent can interfere with before one of them
  /// is taken.
  std::vector<Choice> reduce(std::vector<Choice> choices) {
    std::vector<Choice> best = choices;
    for (size_t i = 0; i < choices.size() && best.size() > 1; ++i) {
      const Choice& seed = choices[i];
      const bool tried =
          i > 0 && choices[i - 1].arbiter == seed.arbiter && choices[i - 1].object == seed.object;
      if (tried)
        continue;
      close(seed.agent);
      std::vector<Choice> within;
      for (const Choice& choice : choices)
        if (in_set_[static_cast<size_t>(choice.agent)])
          within.push_back(choice);
      if (within.size() < best.size())
        best = std::move(within);
    }
    return best;
  }

  /// The agents that must be considered together with one: whoever it needs, or competes with.
  void close(int seed) {
    in_set_.assign(model_.agents.size() + 1, 0);
    std::vector<int> open{seed};
    in_set_[static_cast<size_t>(seed)] = 1;
    std::vector<int> next;
    while (!open.empty()) {
      machine_.blockers(open.back(), next);
      open.pop_back();
      for (const int agent : next)
        if (!std::exchange(in_set_[static_cast<size_t>(agent)], 1))
          open.push_back(agent);
    }
  }

  std::string contention(const Choice& choice) const {
    const auto object = static_cast<size_t>(choice.object);
    const GrantStep step = machine_.step_of(choice);
    const auto& users =
        choice.arbiter ? model_.arbiters[object].takers : model_.locks[object].takers;
    return fmt::format("{} {} of {} has {} {}", choice.arbiter ? "arbiter" : "lock", step.number,
                       arch::to_string(step.tile), users.size(),
                       choice.arbiter ? "senders" : "acquirers");
  }

  void hang(bool fair) {
    out_.verdict = Exploration::Verdict::Error;
    out_.fair = fair;
    for (const Choice& choice : trace_)
      out_.witness.push_back(machine_.step_of(choice));
    out_.end = machine_.events();
    out_.delivered = static_cast<uint64_t>(machine_.state().delivered);
  }

  void undecided(std::string reason) {
    out_.verdict = Exploration::Verdict::Undecided;
    out_.reason = std::move(reason);
  }

  const Model& model_;
  const ExploreLimits& limits_;
  Machine machine_;
  std::vector<Frame> frames_;
  std::vector<Choice> trace_;
  std::unordered_set<Digest, DigestHash> seen_;
  std::vector<uint8_t> in_set_;
  size_t memory_ = 0;
  Exploration out_;
};

}  // namespace

Exploration explore(const Model& model, const ExploreLimits& limits) {
  if (!model.gaps.empty())
    return {.reason = fmt::format("{}", fmt::join(model.gaps, "; "))};
  return Explorer(model, limits).run();
}

}  // namespace npu::diagnosis
