// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "hw-model/logic/kernels/number.h"
#include "hw-model/logic/kernels/run.h"

namespace npu::logic::kernels {
namespace {

using arch::KernelOp;
using arch::KernelSpec;
using arch::Type;
using Arguments = std::span<std::byte* const>;

void zero(const KernelSpec& spec, Arguments arguments) {
  std::memset(arguments[0], 0, size_t(spec.m) * arch::bytes_of(spec.a));
}

void copy(const KernelSpec& spec, Arguments arguments) {
  std::memmove(arguments[1], arguments[0], size_t(spec.m) * arch::bytes_of(spec.a));
}

template <typename From, typename To, typename Convert>
void convert(const KernelSpec& spec, Arguments arguments, Convert one) {
  const auto* from = reinterpret_cast<const From*>(arguments[0]);
  auto* to = reinterpret_cast<To*>(arguments[1]);
  for (int i = 0; i < spec.m; ++i)
    to[i] = one(from[i]);
}

void f32_to_bf16(const KernelSpec& spec, Arguments arguments) {
  convert<float, uint16_t>(spec, arguments, [r = spec.rounding](float x) { return to_bf16(x, r); });
}

void bf16_to_f32(const KernelSpec& spec, Arguments arguments) {
  convert<uint16_t, float>(spec, arguments, [](uint16_t x) { return flush(arch::to_f32(x)); });
}

template <typename To>
void narrow(const KernelSpec& spec, Arguments arguments) {
  convert<int32_t, To>(spec, arguments,
                       [s = spec.shift](int32_t x) { return saturated<To>(x, s); });
}

template <typename From>
void widen(const KernelSpec& spec, Arguments arguments) {
  convert<From, int32_t>(spec, arguments, [](From x) { return int32_t{x}; });
}

void scale_to_f32(const KernelSpec& spec, Arguments arguments) {
  convert<float, float>(spec, arguments, [s = spec.scale](float x) { return times(x, s); });
}

void scale_to_bf16(const KernelSpec& spec, Arguments arguments) {
  convert<float, uint16_t>(
      spec, arguments, [&spec](float x) { return to_bf16(times(x, spec.scale), spec.rounding); });
}

template <typename To>
void requantize(const KernelSpec& spec, Arguments arguments) {
  convert<int32_t, To>(spec, arguments, [s = spec.scale](int32_t x) {
    using Limits = std::numeric_limits<To>;
    const float value = std::nearbyint(times(static_cast<float>(x), s));
    return static_cast<To>(
        std::clamp(value, static_cast<float>(Limits::min()), static_cast<float>(Limits::max())));
  });
}

struct Cast {
  KernelOp op;
  Type from;
  Type to;
  KernelFunction run;
};
constexpr std::array<Cast, 10> kCasts{{
    {KernelOp::Cast, Type::F32, Type::Bf16, f32_to_bf16},
    {KernelOp::Cast, Type::Bf16, Type::F32, bf16_to_f32},
    {KernelOp::Cast, Type::I32, Type::I16, narrow<int16_t>},
    {KernelOp::Cast, Type::I32, Type::I8, narrow<int8_t>},
    {KernelOp::Cast, Type::I8, Type::I32, widen<int8_t>},
    {KernelOp::Cast, Type::I16, Type::I32, widen<int16_t>},
    {KernelOp::ScaledCast, Type::F32, Type::F32, scale_to_f32},
    {KernelOp::ScaledCast, Type::F32, Type::Bf16, scale_to_bf16},
    {KernelOp::ScaledCast, Type::I32, Type::I16, requantize<int16_t>},
    {KernelOp::ScaledCast, Type::I32, Type::I8, requantize<int8_t>},
}};

// A sum of two normal numbers that is denormal is exact, so that it needs no care in rounding; a
// product does.
struct Sum {
  static float of(float x, float y) { return flush(flush(x) + flush(y)); }
  static uint32_t of(uint32_t x, uint32_t y) { return x + y; }
};
struct ProductOf {
  static float of(float x, float y) { return times(x, y); }
  static uint32_t of(uint32_t x, uint32_t y) { return x * y; }
};

/// C[i] = A[i] op B[i]. Integers wrap; bf16 computes in f32 and is rounded by `spec.rounding`.
template <typename Op, typename T, typename Wide = uint32_t>
void combine(const KernelSpec& spec, Arguments arguments) {
  const auto* x = reinterpret_cast<const T*>(arguments[0]);
  const auto* y = reinterpret_cast<const T*>(arguments[1]);
  auto* out = reinterpret_cast<T*>(arguments[2]);
  for (int i = 0; i < spec.m; ++i)
    out[i] = static_cast<T>(Op::of(Wide{x[i]}, Wide{y[i]}));
}

template <typename Op>
void combine_bf16(const KernelSpec& spec, Arguments arguments) {
  const auto* x = reinterpret_cast<const uint16_t*>(arguments[0]);
  const auto* y = reinterpret_cast<const uint16_t*>(arguments[1]);
  auto* out = reinterpret_cast<uint16_t*>(arguments[2]);
  for (int i = 0; i < spec.m; ++i)
    out[i] = to_bf16(Op::of(arch::to_f32(x[i]), arch::to_f32(y[i])), spec.rounding);
}

template <typename Op>
KernelFunction combination(Type type) {
  switch (type) {
    case Type::Bf16:
      return combine_bf16<Op>;
    case Type::F32:
      return combine<Op, float, float>;
    case Type::I8:
      return combine<Op, uint8_t>;
    case Type::I16:
      return combine<Op, uint16_t>;
    case Type::I32:
      return combine<Op, uint32_t>;
    case Type::I64:
    case Type::F16:
      break;
  }
  return nullptr;
}

}  // namespace

KernelFunction elementwise_kernel(const KernelSpec& spec) {
  const bool casts = spec.op == KernelOp::Cast || spec.op == KernelOp::ScaledCast;
  if (!casts && spec.a != spec.c)
    return nullptr;
  switch (spec.op) {
    case KernelOp::Zero:
      return zero;
    case KernelOp::Copy:
      return copy;
    case KernelOp::Add:
      return combination<Sum>(spec.a);
    case KernelOp::Mul:
      return combination<ProductOf>(spec.a);
    case KernelOp::Cast:
    case KernelOp::ScaledCast:
      for (const Cast& cast : kCasts)
        if (cast.op == spec.op && cast.from == spec.a && cast.to == spec.c)
          return cast.run;
      return nullptr;
    default:
      break;
  }
  return nullptr;
}

std::string cast_types(KernelOp op) {
  std::string text;
  for (const Cast& cast : kCasts)
    if (cast.op == op)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", arch::to_string(cast.from),
                          arch::to_string(cast.to));
  return text;
}

}  // namespace npu::logic::kernels
