// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace npu::logic {

/// One dimension of a descriptor, innermost first: `wrap` steps of `step` words; wrap 0 never wraps.
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

/// Word address of stream word `k`, straight from the formula; padding gives `kPadding`. The slow definition that the plan
/// is tested against, and what the word fidelity walks.
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
  uint32_t run() const { return run_; }
  /// Lowest and one past the highest word address touched; equal when nothing is.
  uint64_t lowest() const { return lowest_; }
  uint64_t end() const { return end_; }

  /// Copies stream words [first, first+count) out of `memory` (indexed by word address) into `out`; padding gives `pad`.
  void gather(const uint32_t* memory, uint64_t first, uint64_t count, uint32_t* out, uint32_t pad = 0) const;
  /// Copies `in` to the places of stream words [first, first+count).
  void scatter(uint32_t* memory, uint64_t first, uint64_t count, const uint32_t* in) const;

  /// Calls `f(address, words)` for each contiguous piece of stream words [first, first+count), padding left out.
  template <typename F>
  void for_each_run(uint64_t first, uint64_t count, F f) const {
    while (count > 0) {
      const Piece p = piece(first, count);
      if (p.address != kPadding)
        f(p.address, p.words);
      first += p.words;
      count -= p.words;
    }
  }

 private:
  struct Piece {
    uint64_t address;
    uint64_t words;
  };
  /// The longest contiguous piece from stream word `first`, at most `limit` words.
  Piece piece(uint64_t first, uint64_t limit) const;

  Access access_;
  bool linear_ = true;
  bool padded_ = false;
  uint32_t run_ = 1;
  uint64_t lowest_ = 0;
  uint64_t end_ = 0;
  // The walk as loops, innermost first, after merging: run_ words, then loops of (count, step).
  struct Loop {
    uint64_t count;
    uint64_t step;
  };
  std::array<Loop, 4> loops_{};
  int loop_count_ = 0;
};

}  // namespace npu::logic
