// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdint>
#include <cstring>

#include "hw-model/logic/kernels/matmul.h"
#include "hw-model/logic/kernels/number.h"

namespace npu::logic::kernels::scalar {
namespace {

struct Bf16 {
  using Element = uint16_t;
  using Accumulator = float;
  static float madd(uint16_t a, uint16_t b, float c) {
    return step(arch::to_f32(a), arch::to_f32(b), c);
  }
};

struct F32 {
  using Element = float;
  using Accumulator = float;
  static float madd(float a, float b, float c) { return step(a, b, c); }
};

/// Accumulates modulo 2^32.
template <typename T>
struct Integer {
  using Element = T;
  using Accumulator = uint32_t;
  static uint32_t madd(T a, T b, uint32_t c) {
    return c + static_cast<uint32_t>(a) * static_cast<uint32_t>(b);
  }
};

/// One block of C: each element is the chain k = 0, 1, 2, ... over the blocks of its row of A and
/// column of B.
template <typename Math, int kM, int kK, int kN>
void block(int k_blocks, int n_blocks, bool overwrite, const typename Math::Element* a,
           const typename Math::Element* b, typename Math::Accumulator* c) {
  typename Math::Accumulator sum[kM][kN] = {};
  if (!overwrite)
    std::memcpy(sum, c, sizeof(sum));
  for (int kb = 0; kb < k_blocks; ++kb, a += kM * kK, b += n_blocks * kK * kN)
    for (int k = 0; k < kK; ++k)
      for (int i = 0; i < kM; ++i)
        for (int j = 0; j < kN; ++j)
          sum[i][j] = Math::madd(a[i * kK + k], b[k * kN + j], sum[i][j]);
  std::memcpy(c, sum, sizeof(sum));
}

template <typename Math, int kM, int kK, int kN>
void matmul(const Product& p, const std::byte* a_bytes, const std::byte* b_bytes,
            std::byte* c_bytes) {
  const auto* a = reinterpret_cast<const typename Math::Element*>(a_bytes);
  const auto* b = reinterpret_cast<const typename Math::Element*>(b_bytes);
  auto* c = reinterpret_cast<typename Math::Accumulator*>(c_bytes);
  const int n_blocks = p.n / kN;
  for (int i = 0; i < p.m / kM; ++i)
    for (int j = 0; j < n_blocks; ++j, c += kM * kN)
      block<Math, kM, kK, kN>(p.k / kK, n_blocks, p.overwrite, a + i * kM * p.k, b + j * kK * kN,
                              c);
}

}  // namespace

void bf16(const Product& p, const std::byte* a, const std::byte* b, std::byte* c, std::byte*) {
  matmul<Bf16, 4, 8, 4>(p, a, b, c);
}
void f32(const Product& p, const std::byte* a, const std::byte* b, std::byte* c, std::byte*) {
  matmul<F32, 4, 8, 4>(p, a, b, c);
}
void i8(const Product& p, const std::byte* a, const std::byte* b, std::byte* c, std::byte*) {
  matmul<Integer<int8_t>, 4, 8, 8>(p, a, b, c);
}
void i16(const Product& p, const std::byte* a, const std::byte* b, std::byte* c, std::byte*) {
  matmul<Integer<int16_t>, 4, 2, 8>(p, a, b, c);
}
void i32(const Product& p, const std::byte* a, const std::byte* b, std::byte* c, std::byte*) {
  matmul<Integer<int32_t>, 4, 8, 4>(p, a, b, c);
}

}  // namespace npu::logic::kernels::scalar
