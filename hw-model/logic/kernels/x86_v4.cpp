// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <immintrin.h>

#include "hw-model/logic/kernels/blocked.h"
#include "hw-model/logic/kernels/x86.h"

// AVX-512: a vector is a 4x4 block, or a row of two 4x8 blocks.

namespace npu::logic::kernels::x86_64_v4 {
namespace {

struct Floats {
  using Vector = __m512;
  using Cell = float;
  using Accumulator = float;
  static constexpr int kLanes = 16, kParts = 1, kRows = 4, kColumns = 4, kDepth = 2;

  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector load_sum(const float* p) { return _mm512_loadu_ps(p); }
  static void store_sum(float* p, Vector v) { _mm512_storeu_ps(p, v); }
  static Vector load_a(const float* p) { return _mm512_loadu_ps(p); }
  template <int kCell>
  static Vector pick(Vector a) {
    return _mm512_permute_ps(a, kCell * 0x55);
  }
  static Vector repeat_four(const float* p) { return _mm512_broadcast_f32x4(_mm_loadu_ps(p)); }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
};

struct F32 : Floats, PackWords<float> {};

struct Bf16 : Floats {
  using Element = unsigned short;
  static __m512i widened(const Element* p) {
    const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return _mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16);
  }
  static void pack_a(const Element* a, float* out) {
    const __m512i top = widened(a);  // rows 0 and 1, each in two halves of four cells
    const __m512i bottom = widened(a + 16);
    _mm512_storeu_si512(out, _mm512_shuffle_i32x4(top, bottom, 0x88));
    _mm512_storeu_si512(out + 16, _mm512_shuffle_i32x4(top, bottom, 0xDD));
  }
  static void pack_b(const Element* b, float* out) {
    _mm512_storeu_si512(out, widened(b));
    _mm512_storeu_si512(out + 16, widened(b + 16));
  }
};

struct I32 : PackWords<int> {
  using Vector = __m512i;
  using Cell = int;
  using Accumulator = int;
  static constexpr int kLanes = 16, kParts = 1, kRows = 4, kColumns = 4, kDepth = 2;

  static Vector zero() { return _mm512_setzero_si512(); }
  static Vector load_sum(const int* p) { return _mm512_loadu_si512(p); }
  static void store_sum(int* p, Vector v) { _mm512_storeu_si512(p, v); }
  static Vector load_a(const int* p) { return _mm512_loadu_si512(p); }
  template <int kCell>
  static Vector pick(Vector a) {
    return _mm512_shuffle_epi32(a, static_cast<_MM_PERM_ENUM>(kCell * 0x55));
  }
  static Vector repeat_four(const int* p) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm512_add_epi32(c, _mm512_mullo_epi32(a, b));
  }
};

struct Pairs {
  using Vector = __m512i;
  static constexpr int kLanes = 16, kBlocks = 2, kPanels = 4;

  static Vector zero() { return _mm512_setzero_si512(); }
  static Vector load(const int* p) { return _mm512_loadu_si512(p); }
  static __m256i load_row(const int* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static Vector load_sum(int* const* blocks, int at) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(load_row(blocks[0] + at)),
                              load_row(blocks[1] + at), 1);
  }
  static void store_sum(int* const* blocks, int at, Vector v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(blocks[0] + at), _mm512_castsi512_si256(v));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(blocks[1] + at),
                        _mm512_extracti64x4_epi64(v, 1));
  }
  static Vector repeat(const int* p) { return _mm512_set1_epi32(load_word(p)); }
  /// Products and their sums wrap at 32 bits; only -2^15 squared twice does.
  static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm512_add_epi32(c, _mm512_madd_epi16(a, b));
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

}  // namespace npu::logic::kernels::x86_64_v4
