// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/kernels/matmul.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "hw-model/logic/kernels/number.h"
#include "hw-model/logic/kernels/run.h"
#include "hw-model/logic/kernels/scratch.h"

namespace npu::logic::kernels {
namespace {

using arch::KernelSpec;
using arch::Type;

/// Types of A and B, and of C.
struct Signature {
  Type operand;
  Type result;
};
constexpr std::array<Signature, 8> kSignatures{{
    {Type::Bf16, Type::F32},
    {Type::Bf16, Type::Bf16},
    {Type::I8, Type::I32},
    {Type::I8, Type::I16},
    {Type::I8, Type::I8},
    {Type::I16, Type::I32},
    {Type::I32, Type::I32},
    {Type::F32, Type::F32},
}};

/// Turns blocks of kColumns x kRows elements into blocks of kRows x kColumns.
template <typename T, int kRows, int kColumns>
void transpose_blocks(const std::byte* in, std::byte* out, size_t elements) {
  const auto* from = reinterpret_cast<const T*>(in);
  auto* to = reinterpret_cast<T*>(out);
  for (size_t at = 0; at < elements; at += kRows * kColumns)
    for (int r = 0; r < kRows; ++r)
      for (int c = 0; c < kColumns; ++c)
        to[at + static_cast<size_t>(r * kColumns + c)] =
            from[at + static_cast<size_t>(c * kRows + r)];
}

/// Eight 16-bit elements; the compiler turns the interleavings into one instruction each where
/// there is one.
using Eight [[gnu::vector_size(16)]] = uint16_t;

Eight load(const std::byte* p) {
  Eight v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}
void store(std::byte* p, Eight v) {
  std::memcpy(p, &v, sizeof(v));
}

Eight low(Eight x, Eight y) {
  return __builtin_shufflevector(x, y, 0, 8, 1, 9, 2, 10, 3, 11);
}
Eight high(Eight x, Eight y) {
  return __builtin_shufflevector(x, y, 4, 12, 5, 13, 6, 14, 7, 15);
}

/// Blocks of 4x8 to blocks of 8x4 by interleaving rows.
template <>
void transpose_blocks<uint16_t, 8, 4>(const std::byte* in, std::byte* out, size_t elements) {
  for (size_t at = 0; at < elements * 2; at += 64) {
    const Eight r0 = load(in + at), r1 = load(in + at + 16), r2 = load(in + at + 32),
                r3 = load(in + at + 48);
    const Eight even_low = low(r0, r2), even_high = high(r0, r2);
    const Eight odd_low = low(r1, r3), odd_high = high(r1, r3);
    store(out + at, low(even_low, odd_low));
    store(out + at + 16, high(even_low, odd_low));
    store(out + at + 32, low(even_high, odd_high));
    store(out + at + 48, high(even_high, odd_high));
  }
}

/// Blocks of 8x4 to blocks of 4x8; a register holds two rows.
template <>
void transpose_blocks<uint16_t, 4, 8>(const std::byte* in, std::byte* out, size_t elements) {
  for (size_t at = 0; at < elements * 2; at += 64) {
    const Eight r0 = load(in + at), r1 = load(in + at + 16), r2 = load(in + at + 32),
                r3 = load(in + at + 48);
    const Eight top_low = low(r0, r2), top_high = high(r0, r2);
    const Eight bottom_low = low(r1, r3), bottom_high = high(r1, r3);
    const Eight a = low(top_low, bottom_low), b = high(top_low, bottom_low);
    const Eight c = low(top_high, bottom_high), d = high(top_high, bottom_high);
    store(out + at, low(a, c));
    store(out + at + 16, high(a, c));
    store(out + at + 32, low(b, d));
    store(out + at + 48, high(b, d));
  }
}

void transpose_a(Type type, const std::byte* in, std::byte* out, size_t elements) {
  switch (type) {
    case Type::I8:
      return transpose_blocks<uint8_t, 4, 8>(in, out, elements);
    case Type::I16:
      return transpose_blocks<uint16_t, 4, 2>(in, out, elements);
    case Type::Bf16:
      return transpose_blocks<uint16_t, 4, 8>(in, out, elements);
    case Type::F32:
    case Type::I32:
      return transpose_blocks<uint32_t, 4, 8>(in, out, elements);
    case Type::I64:
    case Type::F16:
      break;
  }
}

void transpose_b(Type type, const std::byte* in, std::byte* out, size_t elements) {
  switch (type) {
    case Type::I8:
      return transpose_blocks<uint8_t, 8, 8>(in, out, elements);
    case Type::I16:
      return transpose_blocks<uint16_t, 2, 8>(in, out, elements);
    case Type::Bf16:
      return transpose_blocks<uint16_t, 8, 4>(in, out, elements);
    case Type::F32:
    case Type::I32:
      return transpose_blocks<uint32_t, 8, 4>(in, out, elements);
    case Type::I64:
    case Type::F16:
      break;
  }
}

/// C to accumulators.
void widen(Type type, const std::byte* in, std::byte* out, size_t elements) {
  const auto convert = [&](const auto* from, auto* to, auto one) {
    std::transform(from, from + elements, to, one);
  };
  if (type == Type::Bf16)
    convert(reinterpret_cast<const uint16_t*>(in), reinterpret_cast<float*>(out), arch::to_f32);
  else if (type == Type::I16)
    convert(reinterpret_cast<const int16_t*>(in), reinterpret_cast<int32_t*>(out),
            [](int16_t x) { return int32_t{x}; });
  else
    convert(reinterpret_cast<const int8_t*>(in), reinterpret_cast<int32_t*>(out),
            [](int8_t x) { return int32_t{x}; });
}

/// Accumulators to C.
void narrow(const KernelSpec& spec, const std::byte* in, std::byte* out, size_t elements) {
  const auto convert = [&](const auto* from, auto* to, auto one) {
    std::transform(from, from + elements, to, one);
  };
  if (spec.c == Type::Bf16)
    convert(reinterpret_cast<const float*>(in), reinterpret_cast<uint16_t*>(out),
            [r = spec.rounding](float x) { return to_bf16(x, r); });
  else if (spec.c == Type::I16)
    convert(reinterpret_cast<const int32_t*>(in), reinterpret_cast<int16_t*>(out),
            [s = spec.shift](int32_t x) { return saturated<int16_t>(x, s); });
  else
    convert(reinterpret_cast<const int32_t*>(in), reinterpret_cast<int8_t*>(out),
            [s = spec.shift](int32_t x) { return saturated<int8_t>(x, s); });
}

/// Gives out parts of one allocation, each 64-byte aligned.
class Parts {
 public:
  explicit Parts(size_t bytes) : scratch_(bytes) {}
  std::byte* take(size_t bytes) {
    std::byte* part = scratch_.data() + used_;
    used_ += aligned(bytes);
    return part;
  }
  static constexpr size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

 private:
  Scratch scratch_;
  size_t used_ = 0;
};

template <Isa kIsa>
void run(const KernelSpec& spec, std::span<std::byte* const> arguments) {
  const Product product{spec.m, spec.k, spec.n, spec.overwrite};
  const size_t a_elements = size_t(spec.m) * size_t(spec.k);
  const size_t b_elements = size_t(spec.k) * size_t(spec.n);
  const size_t c_elements = size_t(spec.m) * size_t(spec.n);
  const size_t a_bytes = spec.a_transposed ? a_elements * arch::bytes_of(spec.a) : 0;
  const size_t b_bytes = spec.b_transposed ? b_elements * arch::bytes_of(spec.b) : 0;
  const bool narrows = spec.c != arch::accumulator_of(spec.a);
  const size_t c_bytes = narrows ? c_elements * sizeof(float) : 0;
  Parts parts(Parts::aligned(scratch_bytes(product)) + Parts::aligned(a_bytes) +
              Parts::aligned(b_bytes) + Parts::aligned(c_bytes));

  const std::byte* a = arguments[0];
  const std::byte* b = arguments[1];
  std::byte* c = arguments[2];
  if (spec.a_transposed) {
    std::byte* turned = parts.take(a_bytes);
    transpose_a(spec.a, a, turned, a_elements);
    a = turned;
  }
  if (spec.b_transposed) {
    std::byte* turned = parts.take(b_bytes);
    transpose_b(spec.b, b, turned, b_elements);
    b = turned;
  }
  if (narrows) {
    c = parts.take(c_bytes);
    if (!spec.overwrite)
      widen(spec.c, arguments[2], c, c_elements);
  }
  matmul_function(kIsa, spec.a)(product, a, b, c, parts.take(scratch_bytes(product)));
  if (narrows)
    narrow(spec, c, arguments[2], c_elements);
}

constexpr KernelFunction kRun[] = {run<Isa::Scalar>, run<Isa::X86V3>, run<Isa::X86V4>,
                                   run<Isa::Avx512Bf16>};

}  // namespace

KernelFunction matmul_kernel(const KernelSpec& spec, Isa isa) {
  const auto same = [&](const Signature& s) {
    return s.operand == spec.a && s.operand == spec.b && s.result == spec.c;
  };
  return std::ranges::any_of(kSignatures, same) ? kRun[static_cast<size_t>(isa)] : nullptr;
}

std::string matmul_types() {
  std::string text;
  for (const auto& [operand, result] : kSignatures)
    text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ", arch::to_string(operand),
                        arch::to_string(operand), arch::to_string(result));
  return text;
}

}  // namespace npu::logic::kernels
