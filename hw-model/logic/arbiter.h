// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace npu::logic {

/// One position of a deterministic merge: that many packets from that slave.
struct MergeStep {
  uint8_t slave = 0;
  uint8_t packets = 0;
};

/// A packet arbiter: one grant at a time, kept until the packet's last word. Round-robin over slave
/// ports, or the programmed order of a deterministic merge (hardware reference 5.5).
class Arbiter {
 public:
  /// Replaces the merge order; empty: round-robin. Returns who is granted, if the old order kept
  /// somebody waiting.
  std::optional<int> program(std::vector<MergeStep> merge) {
    merge_ = std::move(merge);
    position_ = 0;
    served_ = 0;
    return grant();
  }

  /// The next grants go to these, in this order; who comes too early waits. Then it is as before.
  void schedule(std::deque<int> order) { schedule_ = std::move(order); }

  /// Asks for a packet that waits at `slave`, in the name of `who`; true when granted at once.
  bool request(int slave, int who) {
    waiting_.push_back({slave, who});
    return grant() == std::optional<int>(who);
  }

  /// The packet's last word has passed. Returns who is granted next.
  std::optional<int> release() {
    holder_.reset();
    return grant();
  }

  /// Forgets a request or gives up a grant of `who`; returns who is granted next, if that frees the
  /// arbiter.
  std::optional<int> withdraw(int who) {
    std::erase_if(waiting_, [&](const Request& r) { return r.who == who; });
    return holder_ == who ? release() : std::nullopt;
  }

  std::optional<int> holder() const { return holder_; }

 private:
  struct Request {
    int slave;
    int who;
  };

  std::optional<int> grant() {
    if (holder_ || waiting_.empty())
      return std::nullopt;
    const auto chosen = !schedule_.empty() ? next_scheduled()
                        : merge_.empty()   ? next_round_robin()
                                           : next_merge();
    if (chosen == waiting_.end())
      return std::nullopt;
    if (!schedule_.empty())
      schedule_.pop_front();
    holder_ = chosen->who;
    last_ = chosen->slave;
    waiting_.erase(chosen);
    return holder_;
  }

  std::vector<Request>::iterator next_scheduled() {
    return std::find_if(waiting_.begin(), waiting_.end(),
                        [&](const Request& r) { return r.who == schedule_.front(); });
  }

  std::vector<Request>::iterator next_round_robin() {
    const auto distance = [&](const Request& r) { return (r.slave - last_ - 1 + 64) % 32; };
    return std::min_element(
        waiting_.begin(), waiting_.end(),
        [&](const Request& a, const Request& b) { return distance(a) < distance(b); });
  }

  std::vector<Request>::iterator next_merge() {
    for (size_t tried = 0; tried <= merge_.size() && served_ >= merge_[position_].packets;
         ++tried) {
      position_ = (position_ + 1) % merge_.size();
      served_ = 0;
    }
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Request& r) {
      return r.slave == merge_[position_].slave;
    });
    if (found != waiting_.end())
      ++served_;
    return found;
  }

  std::vector<Request> waiting_;
  std::optional<int> holder_;
  int last_ = -1;
  std::deque<int> schedule_;
  std::vector<MergeStep> merge_;
  size_t position_ = 0;
  int served_ = 0;
};

}  // namespace npu::logic
