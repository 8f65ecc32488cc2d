// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hw-model/arch/types.h"

namespace npu::cli {

/// Elements of a host buffer by their number: `iota`, `random`, `arg0+1`, `(arg0*3)-iota`,
/// `arg0[i/4]`. Numbers, `iota` (0, 1, 2, ...; also `i`), `random` (the same in every run), the
/// element of an argument at the same or another number, `+ - * / %`, parentheses. `/` rounds
/// towards zero where the elements are integers.
class Expression {
 public:
  /// Throws Error with the place of what is no expression.
  explicit Expression(const std::string& text);

  /// Element `index` of argument `argument`, before the run.
  using Argument = std::function<double(uint32_t argument, uint64_t index)>;
  double element(uint64_t index, bool whole, const Argument& argument) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
};

/// Reads and writes one element; integers wrap, bf16 is rounded to nearest even.
double load_element(std::span<const std::byte> data, arch::Type type, uint64_t index);
void store_element(std::span<std::byte> data, arch::Type type, uint64_t index, double value);

}  // namespace npu::cli
