// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <bitset>
#include <optional>

namespace npu::compiler {

/// Numbers of which each is given once, lowest first.
class Numbers {
 public:
  void take(int number) { taken_.set(static_cast<size_t>(number)); }
  void give_back(int number) { taken_.reset(static_cast<size_t>(number)); }
  bool has(int number) const { return taken_.test(static_cast<size_t>(number)); }

  /// The lowest free number in [begin, end).
  std::optional<int> free(int begin, int end) const {
    for (int number = begin; number < end; ++number)
      if (!has(number))
        return number;
    return std::nullopt;
  }

  int count_free(int begin, int end) const {
    int count = 0;
    for (int number = begin; number < end; ++number)
      count += !has(number);
    return count;
  }

 private:
  std::bitset<64> taken_;
};

}  // namespace npu::compiler
