// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/kernels/isa.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "hw-model/arch/error.h"
#include "hw-model/logic/kernels/number.h"
#include "hw-model/logic/kernels/scratch.h"

namespace npu::logic::kernels {
namespace {

using arch::Type;

struct IsaRow {
  Isa isa;
  std::string_view name;
  std::array<MatmulFunction*, 5> matmul;  // by arch::Type
};

constexpr std::array kRows {
  IsaRow{Isa::Scalar, "scalar", {scalar::bf16, scalar::f32, scalar::i8, scalar::i16, scalar::i32}},
#if defined(__x86_64__)
      IsaRow{Isa::X86V3,
             "x86-64-v3",
             {x86_64_v3::bf16, x86_64_v3::f32, x86_64_v3::i8, x86_64_v3::i16, x86_64_v3::i32}},
      IsaRow{Isa::X86V4,
             "x86-64-v4",
             {x86_64_v4::bf16, x86_64_v4::f32, x86_64_v4::i8, x86_64_v4::i16, x86_64_v4::i32}},
      IsaRow{Isa::Avx512Bf16,
             "avx512bf16",
             {avx512bf16::bf16, x86_64_v4::f32, x86_64_v4::i8, x86_64_v4::i16, x86_64_v4::i32}},
#else
      IsaRow{Isa::X86V3, "x86-64-v3", {}}, IsaRow{Isa::X86V4, "x86-64-v4", {}},
      IsaRow{Isa::Avx512Bf16, "avx512bf16", {}},
#endif
};

const IsaRow& row(Isa isa) {
  return kRows[static_cast<size_t>(isa)];
}

/// Operands of the self-test. `Smallest` is for C beside `NearDenormal` operands: the sums cross
/// the smallest normal number.
enum class Values { AnyBits, MixedExponents, NearDenormal, Smallest };

float random_float(std::mt19937& random, Values values) {
  const auto bits = static_cast<uint32_t>(random());
  const uint32_t exponent = bits >> 23 & 0xFF;
  const auto with_exponent = [&](uint32_t e) {
    return std::bit_cast<float>((bits & 0x807FFFFF) | e << 23);
  };
  switch (values) {
    case Values::AnyBits:
      return with_exponent(std::min(exponent, 254u));
    case Values::MixedExponents:
      return with_exponent(107 + exponent % 40);
    case Values::NearDenormal:
      return with_exponent(exponent % 16 == 0 ? exponent / 128 : 47 + exponent % 20);
    case Values::Smallest:
      break;
  }
  return exponent % 2 == 0 ? std::copysign(kSmallestNormal, with_exponent(1))
                           : with_exponent(exponent % 4);
}

void fill(std::vector<std::byte>& bytes, Type type, Values values, uint32_t seed) {
  std::mt19937 random(seed);
  for (size_t at = 0; at + 4 <= bytes.size(); at += arch::bytes_of(type)) {
    auto word = static_cast<uint32_t>(random());
    if (arch::accumulator_of(type) == Type::F32)
      word = std::bit_cast<uint32_t>(random_float(random, values));
    if (type == Type::Bf16)
      word >>= 16;
    std::memcpy(&bytes[at], &word, sizeof(word));
  }
}

bool same(Type accumulator, const std::vector<std::byte>& x, const std::vector<std::byte>& y) {
  for (size_t at = 0; at < x.size(); at += 4) {
    if (std::memcmp(&x[at], &y[at], 4) == 0)
      continue;
    float fx, fy;
    std::memcpy(&fx, &x[at], 4);
    std::memcpy(&fy, &y[at], 4);
    if (accumulator != Type::F32 || !std::isnan(fx) || !std::isnan(fy))
      return false;
  }
  return true;
}

bool agrees(Isa isa, Type type, Values values) {
  // Block counts that are no multiple of any register blocking: inner and edge code both run.
  const auto block = arch::matmul_block(type);
  const Product p{5 * block.m, 2 * block.k, 7 * block.n, false};
  const auto bytes = [](int x, int y, Type t) {
    return std::vector<std::byte>(size_t(x) * size_t(y) * arch::bytes_of(t));
  };
  std::vector<std::byte> a = bytes(p.m, p.k, type);
  std::vector<std::byte> b = bytes(p.k, p.n, type);
  std::vector<std::byte> expected = bytes(p.m, p.n, Type::F32);
  fill(a, type, values, 1);
  fill(b, type, values, 2);
  fill(expected, arch::accumulator_of(type),
       values == Values::NearDenormal ? Values::Smallest : values, 3);
  std::vector<std::byte> actual = expected;
  Scratch scratch(scratch_bytes(p));
  matmul_function(Isa::Scalar, type)(p, a.data(), b.data(), expected.data(), scratch.data());
  matmul_function(isa, type)(p, a.data(), b.data(), actual.data(), scratch.data());
  return same(arch::accumulator_of(type), expected, actual);
}

}  // namespace

std::string_view to_string(Isa isa) {
  return row(isa).name;
}

bool present(Isa isa) {
#if defined(__x86_64__)
  // By feature: not every compiler knows the levels by name here.
  __builtin_cpu_init();
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  switch (isa) {
    case Isa::Scalar:
      return true;
    case Isa::X86V3:
      return v3;
    case Isa::X86V4:
      return v4;
    case Isa::Avx512Bf16:
      return v4 && __builtin_cpu_supports("avx512bf16");
  }
#endif
  return isa == Isa::Scalar;
}

bool agrees_with_scalar(Isa isa) {
  if (isa == Isa::Scalar)
    return true;
  for (const Values values : {Values::AnyBits, Values::MixedExponents, Values::NearDenormal})
    for (const Type type : {Type::Bf16, Type::F32})
      if (!agrees(isa, type, values))
        return false;
  return agrees(isa, Type::I8, Values::AnyBits) && agrees(isa, Type::I16, Values::AnyBits) &&
         agrees(isa, Type::I32, Values::AnyBits);
}

Isa fastest_isa(std::string_view cap) {
  const auto highest = std::ranges::find(kRows, cap, &IsaRow::name);
  if (highest == kRows.end())
    throw Error("AIRLOCK_ISA: `{}` is not an instruction set", cap)
        .hint("scalar, x86-64-v3, x86-64-v4, avx512bf16");
  auto isa = static_cast<int>(highest->isa);
  while (!present(Isa(isa)) || !agrees_with_scalar(Isa(isa)))
    --isa;
  return Isa(isa);
}

Isa best_isa() {
  static const Isa best = [] {
    const char* cap = std::getenv("AIRLOCK_ISA");
    return fastest_isa(cap != nullptr && *cap != '\0' ? std::string_view(cap) : kRows.back().name);
  }();
  return best;
}

MatmulFunction* matmul_function(Isa isa, Type operand) {
  return row(isa).matmul[static_cast<size_t>(operand)];
}

}  // namespace npu::logic::kernels
