// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <immintrin.h>

#include "hw-model/logic/kernels/blocked.h"

// vdpbf16ps on 4x4 blocks of C. A cell is a pair of bf16; the instruction adds the product of the
// high halves first, so the earlier k goes there. It flushes denormals whatever the modes are, and
// rounds after each product: the sequential chain.

namespace npu::logic::kernels::avx512bf16 {
namespace {

struct Bf16 {
  using Vector = __m512;
  using Element = unsigned short;
  using Cell = int;
  using Accumulator = float;
  static constexpr int kLanes = 16, kParts = 1, kRows = 4, kColumns = 4, kDepth = 1;

  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector load_sum(const float* p) { return _mm512_loadu_ps(p); }
  static void store_sum(float* p, Vector v) { _mm512_storeu_ps(p, v); }
  /// A block of A lies as four rows of four pairs, earlier k low.
  static Vector load_a(const int* p) {
    return _mm512_castsi512_ps(_mm512_rol_epi32(_mm512_loadu_si512(p), 16));
  }
  template <int kCell>
  static Vector pick(Vector a) {
    return _mm512_permute_ps(a, kCell * 0x55);
  }
  static Vector repeat_four(const int* p) {
    return _mm512_broadcast_f32x4(_mm_loadu_ps(reinterpret_cast<const float*>(p)));
  }
  static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
  /// Two rows of B lie in each 128 bits: they become four pairs, the first row high.
  static void pack_b(const Element* b, int* out) {
    const __m512i pairs =
        _mm512_broadcast_i32x4(_mm_setr_epi8(8, 9, 0, 1, 10, 11, 2, 3, 12, 13, 4, 5, 14, 15, 6, 7));
    _mm512_storeu_si512(out, _mm512_shuffle_epi8(_mm512_loadu_si512(b), pairs));
  }
};

}  // namespace

void bf16(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
          std::byte* scratch) {
  const Blocks blocks{p.m / 4, p.k / 8, p.n / 4};
  int* pairs = reinterpret_cast<int*>(scratch);
  pack_square_b<Bf16>(blocks, reinterpret_cast<const unsigned short*>(b), pairs);
  square_matmul<Bf16>(blocks, reinterpret_cast<const int*>(a), pairs, reinterpret_cast<float*>(c),
                      p.overwrite);
}

}  // namespace npu::logic::kernels::avx512bf16
