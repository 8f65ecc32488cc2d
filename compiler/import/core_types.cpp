// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/core_types.h"

#include <bit>

#include "hw-model/arch/float16.h"

namespace npu::compiler {

namespace {

using Kind = mlir::Type::Kind;

/// Each lane is an instruction at least, and the program memory has room for half as many.
constexpr int64_t kMostLanes = 4096;

/// Strides of rows that follow each other.
std::vector<int64_t> contiguous(std::span<const int64_t> shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) {
    const bool known = strides[i] != mlir::kDynamic && shape[i] != mlir::kDynamic;
    if (!known || __builtin_mul_overflow(strides[i], shape[i], &strides[i - 1]))
      strides[i - 1] = mlir::kDynamic;
  }
  return strides;
}

}  // namespace

NumberType integer_type(int bits) {
  using arch::Type;
  return {bits, bits <= 8 ? Type::I8 : bits <= 16 ? Type::I16 : bits <= 32 ? Type::I32 : Type::I64};
}

std::optional<NumberType> number_type(std::string_view text) {
  if (const auto type = arch::type_named(text); type && arch::is_float(*type))
    return NumberType{static_cast<int>(8 * arch::bytes_of(*type)), *type};
  const auto bits = mlir::bits_of(text);
  if (!bits || *bits > 64 || text.starts_with('f'))
    return std::nullopt;
  return integer_type(*bits);
}

uint64_t to_memory(int64_t number, NumberType type) {
  if (!type.narrow())
    return static_cast<uint64_t>(number);
  return arch::float_bits(std::bit_cast<float>(static_cast<uint32_t>(number)), type.machine);
}

int64_t from_memory(uint64_t bits, NumberType type) {
  if (type.real())
    return std::bit_cast<uint32_t>(arch::float_value(static_cast<uint32_t>(bits), type.machine));
  if (type.bits == 1)
    return static_cast<int64_t>(bits & 1);
  const int spare = 64 - type.bits;
  return static_cast<int64_t>(bits << spare) >> spare;
}

BodyType body_type(std::string_view text) {
  BodyType type{mlir::parse_type(text)};
  // A cascade word: lanes of 32 bits that are only passed on.
  if (type.element == "i128" || type.element == "i384" || type.element == "i512")
    if (type.kind == Kind::Scalar)
      return {
          {.kind = Kind::Vector, .shape = {*mlir::bits_of(type.element) / 32}, .element = "i32"}};
  const auto number = number_type(type.element);
  if (!number || type.kind == Kind::Tensor || !type.layout.empty())
    return {};
  if (type.kind == Kind::Vector && (type.elements() < 1 || type.elements() > kMostLanes))
    return {};
  type.number = *number;
  if (type.kind != Kind::Memref)
    return type;
  if (!type.strides)
    type.strides = contiguous(type.shape);
  return type.strides->size() == type.shape.size() ? type : BodyType{};
}

}  // namespace npu::compiler
