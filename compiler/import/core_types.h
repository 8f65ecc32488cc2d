// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "compiler/mlir/types.h"
#include "hw-model/arch/types.h"

namespace npu::compiler {

/// A number's type: `i1` to `i64`, `index`, `bf16`, `f16`, `f32`.
struct NumberType {
  int bits = 32;
  /// What such a number is calculated in, and what it is as an element of memory.
  arch::Type machine = arch::Type::I32;
  bool operator==(const NumberType&) const = default;

  bool real() const { return arch::is_float(machine); }
  /// Whether it is calculated in f32 and rounded.
  bool narrow() const { return real() && bits < 32; }
  /// Whether the machine has just that width.
  bool whole() const { return bits == static_cast<int>(8 * arch::bytes_of(machine)); }
  /// As an element of memory, in bytes.
  int bytes() const { return static_cast<int>(arch::bytes_of(machine)); }
};

/// Of 1 to 64 bits.
NumberType integer_type(int bits);

/// The number type of that name, or nothing.
std::optional<NumberType> number_type(std::string_view text);

/// The bits that a number in a register has in memory, and the number in a register of such bits.
uint64_t to_memory(int64_t number, NumberType type);
int64_t from_memory(uint64_t bits, NumberType type);

/// The type of a value of a core body: a number, a vector or a memref of numbers, or `Other`. A
/// memref has its strides, kDynamic where the type does not say.
struct BodyType : mlir::Type {
  NumberType number = {};
};

/// Takes a type apart; what has no meaning in a core body is `Other`.
BodyType body_type(std::string_view text);

}  // namespace npu::compiler
