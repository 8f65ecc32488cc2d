// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hw-model/arch/types.h"

namespace npu::compiler {

/// A number's type: `i1` to `i64`, `index`, `bf16`, `f32`.
struct NumberType {
  int bits = 32;
  bool real = false;
  bool operator==(const NumberType&) const = default;

  /// The machine's type that such a number is calculated in.
  arch::Type machine() const;
  /// Whether the machine has just that width.
  bool whole() const { return real || bits == 8 || bits == 16 || bits == 32 || bits == 64; }
  /// As an element of memory, in bytes.
  int bytes() const { return static_cast<int>(arch::bytes_of(machine())); }
};

inline constexpr int64_t kDynamic = -1;  ///< a size that the type does not say

/// The type of a value of a core body.
struct BodyType {
  enum class Kind { Number, Vector, Memory, Other } kind = Kind::Other;
  NumberType element = {};
  std::string element_name = {};
  std::vector<int64_t> shape = {};
  /// Of a memref, in elements; kDynamicStride where the type does not say.
  std::vector<int64_t> strides = {};

  int64_t elements() const;
};
inline constexpr int64_t kDynamicStride = INT64_MIN;

/// The number type of that name, or nothing.
std::optional<NumberType> number_type(std::string_view text);

/// Takes a type apart; what has no meaning in a core body is `Other`.
BodyType body_type(std::string_view text);

}  // namespace npu::compiler
