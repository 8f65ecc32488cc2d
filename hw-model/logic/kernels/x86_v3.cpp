// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <immintrin.h>

#include "hw-model/logic/kernels/blocked.h"
#include "hw-model/logic/kernels/x86.h"

// AVX2 and FMA: a vector is two rows of a 4x4 block, or a row of a 4x8 block.

namespace npu::logic::kernels::x86_64_v3 {
namespace {

/// Four words at `p`, in both halves.
__m128i load_four(const void* p) {
  return _mm_loadu_si128(static_cast<const __m128i*>(p));
}

struct Floats {
  using Vector = __m256;
  using Cell = float;
  using Accumulator = float;
  static constexpr int kLanes = 8, kParts = 2, kRows = 1, kColumns = 4, kDepth = 2;

  static Vector zero() { return _mm256_setzero_ps(); }
  static Vector load_sum(const float* p) { return _mm256_loadu_ps(p); }
  static void store_sum(float* p, Vector v) { _mm256_storeu_ps(p, v); }
  static Vector load_a(const float* p) { return _mm256_loadu_ps(p); }
  template <int kCell>
  static Vector pick(Vector a) {
    return _mm256_permute_ps(a, kCell * 0x55);
  }
  static Vector repeat_four(const float* p) {
    return _mm256_broadcast_ps(reinterpret_cast<const __m128*>(p));
  }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
};

struct F32 : Floats, PackWords<float> {};

struct Bf16 : Floats {
  using Element = unsigned short;
  static __m256i widened(const Element* p) {
    return _mm256_slli_epi32(_mm256_cvtepu16_epi32(load_four(p)), 16);
  }
  static void pack_a(const Element* a, float* out) {
    for (int r = 0; r < 4; ++r) {
      const __m256i row = widened(a + r * 8);
      store_four(out + r * 4, _mm256_castsi256_si128(row));
      store_four(out + 16 + r * 4, _mm256_extracti128_si256(row, 1));
    }
  }
  static void pack_b(const Element* b, float* out) {
    for (int at = 0; at < 32; at += 8)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + at), widened(b + at));
  }
};

struct I32 : PackWords<int> {
  using Vector = __m256i;
  using Cell = int;
  using Accumulator = int;
  static constexpr int kLanes = 8, kParts = 2, kRows = 1, kColumns = 4, kDepth = 2;

  static Vector zero() { return _mm256_setzero_si256(); }
  static Vector load_sum(const int* p) { return load_a(p); }
  static void store_sum(int* p, Vector v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static Vector load_a(const int* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  template <int kCell>
  static Vector pick(Vector a) {
    return _mm256_shuffle_epi32(a, kCell * 0x55);
  }
  static Vector repeat_four(const int* p) { return _mm256_broadcastsi128_si256(load_four(p)); }
  static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm256_add_epi32(c, _mm256_mullo_epi32(a, b));
  }
};

struct Pairs {
  using Vector = __m256i;
  static constexpr int kLanes = 8, kBlocks = 1, kPanels = 2;

  static Vector zero() { return _mm256_setzero_si256(); }
  static Vector load(const int* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static Vector load_sum(int* const* blocks, int at) { return load(blocks[0] + at); }
  static void store_sum(int* const* blocks, int at, Vector v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(blocks[0] + at), v);
  }
  static Vector repeat(const int* p) { return _mm256_set1_epi32(load_word(p)); }
  /// Products and their sums wrap at 32 bits; only -2^15 squared twice does.
  static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm256_add_epi32(c, _mm256_madd_epi16(a, b));
  }
};

}  // namespace

void bf16(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
          std::byte* scratch) {
  float_matmul<Bf16>(p, a, b, c, scratch);
}
void f32(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
         std::byte* scratch) {
  float_matmul<F32>(p, a, b, c, scratch);
}
void i32(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
         std::byte* scratch) {
  packed_square_matmul<I32>(p, a, b, c, scratch);
}
void i8(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
        std::byte* scratch) {
  i8_matmul<Pairs>(p, a, b, c, scratch);
}
void i16(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
         std::byte* scratch) {
  i16_matmul<Pairs>(p, a, b, c, scratch);
}

}  // namespace npu::logic::kernels::x86_64_v3
