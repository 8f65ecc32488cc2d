// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/explain/reuse.h"

#include <algorithm>

namespace npu::compiler::explain {

namespace {

bool inside(const Move& move, int loop) {
  return std::ranges::find(move.loops, loop) != move.loops.end();
}

/// Whether a copy moves something else in every step of a loop.
class Variation {
 public:
  explicit Variation(const Nest& nest) : nest_(nest) {}

  bool varies(const Move& copy, int loop) {
    return copy.write.depends.contains(loop) || overwritten(copy, loop) ||
           source_varies(copy, loop);
  }

  bool source_varies(const Move& copy, int loop) {
    if (copy.kind == Move::Kind::Fill)
      return false;
    return copy.reads[0].depends.contains(loop) || content_varies(copy, loop);
  }

 private:
  /// Brings back what `copy` took there, in every step of a loop from and to the same place.
  static bool undoes(const Move& other, const Move& copy, int loop) {
    return other.kind == Move::Kind::Copy && other.write.buffer == copy.reads[0].buffer &&
           other.reads[0].buffer == copy.write.buffer && !other.write.depends.contains(loop) &&
           !other.reads[0].depends.contains(loop);
  }

  bool content_varies(const Move& copy, int loop) {
    if (std::ranges::find(asked_, &copy) != asked_.end())
      return false;
    asked_.push_back(&copy);
    const int source = copy.reads[0].buffer;
    bool computed = false;
    bool begun = false;     // anew, from elsewhere
    bool again = false;     // the same as in the step before
    bool returned = false;  // what the copy brought
    for (const Move& other : nest_.moves) {
      if (&other == &copy || other.write.buffer != source || !inside(other, loop))
        continue;
      if (other.kind == Move::Kind::Compute)
        computed = true;
      else if (undoes(other, copy, loop))
        returned = true;
      else
        (varies(other, loop) ? begun : again) = true;
    }
    asked_.pop_back();
    if (computed)
      return begun || again || read_elsewhere(copy, loop);
    return begun || (again && returned) || resets_a_sum(copy, loop);
  }

  /// Whether something else is put in the same place.
  bool overwritten(const Move& copy, int loop) const {
    return std::ranges::any_of(nest_.moves, [&](const Move& other) {
      return &other != &copy && other.kind != Move::Kind::Compute && inside(other, loop) &&
             other.write.buffer == copy.write.buffer;
    });
  }

  /// Whether what a sum is copied to is used in the loop, other than to go on with the sum.
  bool read_elsewhere(const Move& copy, int loop) const {
    return std::ranges::any_of(nest_.moves, [&](const Move& other) {
      return &other != &copy && inside(other, loop) && !undoes(other, copy, loop) &&
             std::ranges::any_of(
                 other.reads, [&](const Access& read) { return read.buffer == copy.write.buffer; });
    });
  }

  /// Whether the copy begins a sum anew: it is computed on, and does not come back.
  bool resets_a_sum(const Move& copy, int loop) const {
    bool computed = false;
    bool returned = false;
    for (const Move& other : nest_.moves) {
      if (!inside(other, loop))
        continue;
      computed |= other.kind == Move::Kind::Compute && other.write.buffer == copy.write.buffer;
      returned |= undoes(other, copy, loop);
    }
    return computed && !returned;
  }

  const Nest& nest_;
  std::vector<const Move*>
      asked_;  ///< copies that are being looked at, from the outermost question
};

bool brings_zeros(const Nest& nest, const Move& copy) {
  if (copy.kind != Move::Kind::Copy || nest.to(copy) != Space::L1)
    return false;
  const auto writes = [&](Move::Kind kind, int buffer) {
    return std::ranges::any_of(nest.moves, [&](const Move& other) {
      return other.kind == kind && other.write.buffer == buffer;
    });
  };
  return writes(Move::Kind::Fill, copy.reads[0].buffer) &&
         writes(Move::Kind::Compute, copy.write.buffer);
}

}  // namespace

Reuse reuse(const Nest& nest, const Move& move) {
  Reuse result{.times = nest.times(move)};
  result.hoisted = result.times;
  result.shared = result.times;
  if (move.kind == Move::Kind::Compute || result.times == 0)
    return result;
  Variation variation(nest);
  const bool leaves_core = nest.from(move) == Space::L1;
  bool stopped = false;
  for (size_t i = move.loops.size(); i-- > 0;) {
    const int number = move.loops[i];
    const Loop& loop = nest.loops[static_cast<size_t>(number)];
    if (loop.trips == 1)
      continue;
    if (loop.cores) {
      if (!leaves_core && !variation.source_varies(move, number)) {
        result.along.push_back(number);
        result.shared /= loop.trips;
      }
    } else if (!stopped && !variation.varies(move, number)) {
      result.out_of.push_back(number);
      result.hoisted /= loop.trips;
      result.shared /= loop.trips;
    } else {
      stopped = true;
    }
  }
  result.zeros = brings_zeros(nest, move);
  return result;
}

}  // namespace npu::compiler::explain
