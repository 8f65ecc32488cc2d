// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/alu.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "hw-model/arch/float16.h"

namespace npu::logic {

using arch::Instruction;
using arch::Op;
using arch::Type;

namespace {

float real(int64_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits));
}
int64_t bits(float value) {
  return std::bit_cast<uint32_t>(value);
}
int64_t sign_extend(uint64_t value, Type type) {
  const int spare = 64 - 8 * static_cast<int>(arch::bytes_of(type));
  return static_cast<int64_t>(value << spare) >> spare;
}
uint64_t zero_extend(int64_t value, Type type) {
  const int spare = 64 - 8 * static_cast<int>(arch::bytes_of(type));
  return static_cast<uint64_t>(value) << spare >> spare;
}

/// The f32 bits of a number that is rounded to a type of floats.
template <typename Real>
int64_t rounded(Real value, Type type) {
  return bits(arch::float_value(arch::float_bits(value, type), type));
}
bool is_narrow(Type type) {
  return type == Type::Bf16 || type == Type::F16;
}

/// The nearest double whose last bit is 1 when `value` is not exact: what is rounded to fewer bits
/// from it is as if rounded once. `rest`: what is missing.
double to_odd(double value, double rest) {
  if (rest == 0 || std::isnan(rest) || std::bit_cast<uint64_t>(value) % 2 == 1)
    return value;
  return std::nextafter(value, rest > 0 ? HUGE_VAL : -HUGE_VAL);
}

/// a * b + c. Products of two f32 are exact in a double, sums are not.
int64_t fused(float a, float b, float c, Type type) {
  if (!is_narrow(type))
    return bits(std::fma(a, b, c));
  const double product = static_cast<double>(a) * b;
  const double sum = product + c;
  const double second = sum - product;
  return rounded(to_odd(sum, (product - (sum - second)) + (c - second)), type);
}

/// An integer as a double, to odd.
double real_of(int64_t value) {
  const auto near = static_cast<double>(value);
  // 2^63 is no int64_t.
  const int64_t rest = near == 0x1p63 ? value - std::numeric_limits<int64_t>::max() - 1
                                      : value - static_cast<int64_t>(near);
  return to_odd(near, static_cast<double>(rest));
}

int64_t integer(const Instruction& in, int64_t a, int64_t b) {
  const auto ua = static_cast<uint64_t>(a);
  const auto ub = static_cast<uint64_t>(b);
  const uint64_t za = zero_extend(a, in.type);
  const uint64_t zb = zero_extend(b, in.type);
  const unsigned shift = static_cast<unsigned>(ub & 63);
  switch (in.op) {
    case Op::Add:
      return sign_extend(ua + ub, in.type);
    case Op::Sub:
      return sign_extend(ua - ub, in.type);
    case Op::Mul:
      return sign_extend(ua * ub, in.type);
    case Op::Div:
      return b == 0 ? 0 : sign_extend(b == -1 ? 0 - ua : static_cast<uint64_t>(a / b), in.type);
    case Op::DivU:
      return zb == 0 ? 0 : sign_extend(za / zb, in.type);
    case Op::Rem:
      return b == 0 || b == -1 ? 0 : a % b;
    case Op::RemU:
      return zb == 0 ? 0 : sign_extend(za % zb, in.type);
    case Op::And:
      return a & b;
    case Op::Or:
      return a | b;
    case Op::Xor:
      return a ^ b;
    case Op::Shl:
      return sign_extend(ua << shift, in.type);
    case Op::Shr:
      return a >> shift;
    case Op::ShrU:
      return sign_extend(za >> shift, in.type);
    case Op::Min:
      return std::min(a, b);
    case Op::Max:
      return std::max(a, b);
    case Op::MinU:
      return za < zb ? a : b;
    case Op::MaxU:
      return za < zb ? b : a;
    case Op::CmpEq:
      return a == b;
    case Op::CmpNe:
      return a != b;
    case Op::CmpLt:
      return a < b;
    case Op::CmpLe:
      return a <= b;
    case Op::CmpLtU:
      return za < zb;
    case Op::CmpLeU:
      return za <= zb;
    default:
      return 0;
  }
}

/// The lesser number, of two zeros the negative one.
float least(float a, float b) {
  if (a == b)
    return std::signbit(a) ? a : b;
  return std::fmin(a, b);
}

int64_t floating(Op op, float a, float b) {
  switch (op) {
    case Op::FAdd:
      return bits(a + b);
    case Op::FSub:
      return bits(a - b);
    case Op::FMul:
      return bits(a * b);
    case Op::FDiv:
      return bits(a / b);
    case Op::FMin:
      return bits(least(a, b));
    case Op::FMax:
      return bits(-least(-a, -b));
    case Op::FMinimum:
      return std::isnan(a) || std::isnan(b) ? bits(a + b) : bits(least(a, b));
    case Op::FMaximum:
      return std::isnan(a) || std::isnan(b) ? bits(a + b) : bits(-least(-a, -b));
    case Op::FNeg:
      return bits(-a);
    case Op::FAbs:
      return bits(std::fabs(a));
    case Op::FSqrt:
      return bits(std::sqrt(a));
    case Op::FExp:
      return bits(std::exp(a));
    case Op::FRsqrt:
      return bits(1.0f / std::sqrt(a));
    case Op::FTanh:
      return bits(std::tanh(a));
    case Op::FCmpEq:
      return a == b;
    case Op::FCmpNe:
      return a != b;
    case Op::FCmpLt:
      return a < b;
    case Op::FCmpLe:
      return a <= b;
    default:
      return 0;
  }
}

int64_t convert(const Instruction& in, int64_t a) {
  const auto from = static_cast<Type>(in.b);
  if (arch::is_float(in.type) && arch::is_float(from))
    return rounded(real(a), in.type);
  if (in.type == Type::F32)
    return bits(static_cast<float>(a));
  if (arch::is_float(in.type))
    return rounded(real_of(a), in.type);
  if (!arch::is_float(from))
    return sign_extend(static_cast<uint64_t>(a), in.type);
  // Out of range saturates, as the core's conversion does; NaN gives 0.
  const double limit = std::ldexp(1.0, 8 * static_cast<int>(arch::bytes_of(in.type)) - 1);
  const double value = std::isnan(real(a)) ? 0.0 : std::trunc(static_cast<double>(real(a)));
  // In 64 bits the highest integer is no double.
  if (value >= limit)
    return std::numeric_limits<int64_t>::max() >> (64 - 8 * arch::bytes_of(in.type));
  return static_cast<int64_t>(std::max(value, -limit));
}

}  // namespace

int64_t compute(const Instruction& in, int64_t a, int64_t b, int64_t dst) {
  switch (in.op) {
    case Op::Const:
      return in.imm;
    case Op::ConstHigh:
      return static_cast<int64_t>((static_cast<uint64_t>(dst) & 0xFFFF'FFFF) |
                                  static_cast<uint64_t>(static_cast<uint32_t>(in.imm)) << 32);
    case Op::Move:
      return a;
    case Op::AddImm:
      return a + in.imm;
    case Op::Select:
      return dst ? a : b;
    case Op::Convert:
      return convert(in, a);
    case Op::Nop:
      return dst;
    case Op::FFma:
      return fused(real(a), real(b), real(dst), in.type);
    default:
      if (in.op >= Op::FAdd && in.op <= Op::FTanh)
        return floating(in.op, real(a), real(b));
      if (in.op >= Op::FCmpEq && in.op <= Op::FCmpLe)
        return floating(in.op, real(a), real(b));
      if (in.op == Op::FMinimum || in.op == Op::FMaximum)
        return floating(in.op, real(a), real(b));
      return integer(in, a, b);
  }
}

int64_t load(const std::byte* place, Type type) {
  uint64_t raw = 0;
  std::memcpy(&raw, place, arch::bytes_of(type));
  if (is_narrow(type))
    return bits(arch::float_value(static_cast<uint32_t>(raw), type));
  return type == Type::F32 ? static_cast<int64_t>(raw) : sign_extend(raw, type);
}

void store(std::byte* place, Type type, int64_t value) {
  if (is_narrow(type))
    value = arch::float_bits(real(value), type);
  std::memcpy(place, &value, arch::bytes_of(type));
}

}  // namespace npu::logic
