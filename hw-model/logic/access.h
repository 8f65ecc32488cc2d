// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace npu::logic {

/// One dimension of a descriptor, innermost first: `wrap` steps of `step` words; wrap 0 never
/// wraps.
struct Dim {
  uint32_t step = 1;
  uint32_t wrap = 0;
  constexpr bool operator==(const Dim&) const = default;
};

/// Constant words put around the data of a dimension on MM2S (hardware reference 4.6).
struct Pad {
  uint8_t before = 0;
  uint8_t after = 0;
  constexpr bool operator==(const Pad&) const = default;
};

/// What words a descriptor walks, in order (hardware reference 4.5). Everything in 32-bit words.
/// `length` counts the words on the stream, padding included.
struct Access {
  uint64_t base = 0;
  uint64_t length = 0;
  std::array<Dim, 4> dims{};  ///< the last used one has no wrap
  std::array<Pad, 3> pads{};
  bool operator==(const Access&) const = default;
};

/// Word address of stream word `k`, straight from the formula; padding gives `kPadding`. The slow
/// definition that the plan is tested against, and what the word fidelity walks.
inline constexpr uint64_t kPadding = ~uint64_t{0};
uint64_t address(const Access& access, uint64_t k);

/// An access made ready to copy: contiguous runs and at most three loops around them, chosen once.
class Plan {
 public:
  Plan() = default;
  explicit Plan(const Access& access);

  uint64_t length() const { return access_.length; }
  const Access& access() const { return access_; }
  /// True when all words lie in one run from `base`.
  bool linear() const { return linear_; }
  /// Words of a run that is contiguous wherever the walk is cut at a multiple of it.
  uint64_t run() const { return run_; }
  /// Lowest and one past the highest word address touched; equal when nothing is.
  uint64_t lowest() const { return lowest_; }
  uint64_t end() const { return end_; }

  /// Copies stream words [first, first+count) out of `memory` (indexed by word address) into `out`;
  /// padding gives `pad`.
  void gather(const uint32_t* memory, uint64_t first, uint64_t count, uint32_t* out,
              uint32_t pad = 0) const;
  /// Copies `in` to the places of stream words [first, first+count).
  void scatter(uint32_t* memory, uint64_t first, uint64_t count, const uint32_t* in) const;

  /// Calls `f(address, words)` for each contiguous piece of stream words [first, first+count),
  /// padding left out.
  template <typename F>
  void for_each_run(uint64_t first, uint64_t count, F f) const {
    if (padded_) {
      while (count > 0) {
        const Piece p = piece(first, count);
        if (p.address != kPadding)
          f(p.address, p.words);
        first += p.words;
        count -= p.words;
      }
      return;
    }
    walk(loop_count_ - 1, access_.base, first, count, [&](int level, uint64_t at, uint64_t words) {
      if (level < 0)
        f(at, words);
      else
        each_run(level, at, words / loops_[level].size, f);
    });
  }

 private:
  struct Loop {
    uint64_t count;
    uint64_t step;
    uint64_t size;  ///< stream words of one index
  };
  struct Piece {
    uint64_t address;
    uint64_t words;
  };
  void merge();
  /// The longest contiguous piece, or padding, from stream word `first`, at most `limit` words.
  Piece piece(uint64_t first, uint64_t limit) const;

  /// Cuts `count` words of loop `level`, from its word `first` on, into whole indices of loops and
  /// parts of runs, in stream order: `visit(level, address, words)`; level -1 is a run.
  template <typename Visit>
  void walk(int level, uint64_t at, uint64_t first, uint64_t count, const Visit& visit) const {
    if (count == 0)
      return;
    if (level < 0)
      return visit(level, at + first, count);
    const Loop& loop = loops_[level];
    if (first > 0) {
      at += first / loop.size * loop.step;
      first %= loop.size;
    }
    if (first > 0) {
      const uint64_t part = std::min(loop.size - first, count);
      walk(level - 1, at, first, part, visit);
      at += loop.step;
      count -= part;
    }
    const uint64_t whole = count / loop.size;
    if (whole > 0)
      visit(level, at, whole * loop.size);
    walk(level - 1, at + whole * loop.step, 0, count - whole * loop.size, visit);
  }

  template <typename F>
  void each_run(int level, uint64_t at, uint64_t indices, F& f) const {
    for (uint64_t i = 0; i < indices; ++i, at += loops_[level].step)
      if (level == 0)
        f(at, run_);
      else
        each_run(level - 1, at, loops_[level - 1].count, f);
  }

  template <typename Memory, typename Stream>
  void copy(Memory* memory, uint64_t first, uint64_t count, Stream* stream) const;

  Access access_;
  bool linear_ = true;
  bool padded_ = false;
  uint64_t run_ = 1;
  uint64_t lowest_ = 0;
  uint64_t end_ = 0;
  // The walk after merging: runs of run_ words, then loops, innermost first. `length` ends the
  // outermost one.
  std::array<Loop, 4> loops_{};
  int loop_count_ = 0;
};

}  // namespace npu::logic
