// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace npu::arch {

/// Time inside the model: cycles of the array clock since the start of the run.
using Cycle = uint64_t;
inline constexpr Cycle kNever = ~Cycle{0};

/// Element types of host matrices, buffers and kernels; no matrix is of I64 or F16, and no kernel
/// of F16.
enum class Type : uint8_t { Bf16, F32, I8, I16, I32, I64, F16 };

struct TypeRow {
  Type type;
  std::string_view name;
  uint8_t bytes;
};
inline constexpr std::array<TypeRow, 7> kTypes{{
    {Type::Bf16, "bf16", 2},
    {Type::F32, "f32", 4},
    {Type::I8, "i8", 1},
    {Type::I16, "i16", 2},
    {Type::I32, "i32", 4},
    {Type::I64, "i64", 8},
    {Type::F16, "f16", 2},
}};
/// Those of matrices.
inline constexpr std::span<const TypeRow> kMatrixTypes = std::span(kTypes).first<5>();
/// Those of kernels.
inline constexpr std::span<const TypeRow> kKernelTypes = std::span(kTypes).first<6>();

constexpr std::string_view to_string(Type type) {
  return kTypes[static_cast<size_t>(type)].name;
}
constexpr uint32_t bytes_of(Type type) {
  return kTypes[static_cast<size_t>(type)].bytes;
}
constexpr bool is_float(Type type) {
  return type == Type::F32 || type == Type::Bf16 || type == Type::F16;
}

/// The type of that name, or nothing; `among` the rows of kTypes.
constexpr std::optional<Type> type_named(std::string_view name,
                                         std::span<const TypeRow> among = kTypes) {
  for (const TypeRow& row : among)
    if (row.name == name)
      return row.type;
  return std::nullopt;
}

/// Order of a matrix in host memory.
enum class Layout : uint8_t { Row, Column };

/// bf16 is the upper half of an f32.
constexpr float to_f32(uint16_t bf16) {
  return std::bit_cast<float>(uint32_t{bf16} << 16);
}

/// How f32 becomes bf16 when a kernel stores it (the core's rounding register; floor is its reset
/// value).
enum class Rounding : uint8_t { Floor, NearestEven };

}  // namespace npu::arch
