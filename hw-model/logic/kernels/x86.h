// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <immintrin.h>

#include "hw-model/logic/kernels/blocked.h"

// What the AVX2 and AVX-512 sources share; each gets its own copy (see blocked.h).

namespace npu::logic::kernels {
namespace {

/// Flushes denormals before and after each operation, rounds to nearest even, and puts the caller's
/// modes back.
class FlushDenormals {
 public:
  FlushDenormals() { _mm_setcsr(kMaskAll | kFlushToZero | kDenormalsAreZero); }
  ~FlushDenormals() { _mm_setcsr(saved_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  static constexpr unsigned kMaskAll = 0x1F80, kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  unsigned saved_ = _mm_getcsr();
};

inline int load_word(const int* p) {
  return *p;
}

inline void store_four(void* p, __m128i v) {
  _mm_storeu_si128(static_cast<__m128i*>(p), v);
}

/// Packing of 4-byte elements, which are cells already.
template <typename Word>
struct PackWords {
  using Element = Word;
  static __m128i four(const Word* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  static void pack_a(const Word* a, Word* out) {
    for (int r = 0; r < 4; ++r) {
      store_four(out + r * 4, four(a + r * 8));
      store_four(out + 16 + r * 4, four(a + r * 8 + 4));
    }
  }
  static void pack_b(const Word* b, Word* out) {
    for (int at = 0; at < 32; at += 4)
      store_four(out + at, four(b + at));
  }
};

template <typename V>
void packed_square_matmul(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
                          std::byte* scratch) {
  const Blocks blocks{p.m / 4, p.k / 4, p.n / 4};
  auto* a_cells = reinterpret_cast<typename V::Cell*>(scratch);
  auto* b_cells = a_cells + long{p.m} * p.k;
  pack_square_a<V>(blocks, reinterpret_cast<const typename V::Element*>(a), a_cells);
  pack_square_b<V>(blocks, reinterpret_cast<const typename V::Element*>(b), b_cells);
  square_matmul<V>(blocks, a_cells, b_cells, reinterpret_cast<typename V::Accumulator*>(c),
                   p.overwrite);
}

template <typename V>
void float_matmul(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
                  std::byte* scratch) {
  const FlushDenormals modes;
  packed_square_matmul<V>(p, a, b, c, scratch);
}

struct PackI8 {
  using Element = signed char;
  static void row(const Element* b, int* out) {
    const __m128i rows = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
    const __m128i pairs = _mm_unpacklo_epi8(rows, _mm_srli_si128(rows, 8));
    store_four(out, _mm_srai_epi16(_mm_unpacklo_epi8(pairs, pairs), 8));
    store_four(out + 4, _mm_srai_epi16(_mm_unpackhi_epi8(pairs, pairs), 8));
  }
};

struct PackI16 {
  using Element = short;
  static void row(const Element* b, int* out) {
    const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
    const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + 8));
    store_four(out, _mm_unpacklo_epi16(first, second));
    store_four(out + 4, _mm_unpackhi_epi16(first, second));
  }
};

template <typename V>
void i8_matmul(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
               std::byte* scratch) {
  const Blocks blocks{p.m / 4, p.k / 8, p.n / 8};
  int* a_pairs = reinterpret_cast<int*>(scratch);
  int* b_pairs = a_pairs + long{p.m} * p.k / 2;
  const auto* elements = reinterpret_cast<const __m128i*>(a);
  for (long at = 0; at < long{p.m} * p.k; at += 16)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(a_pairs + at / 2),
                        _mm256_cvtepi8_epi16(_mm_loadu_si128(elements + at / 16)));
  pack_pairs_b<V, 4, PackI8>(blocks, reinterpret_cast<const signed char*>(b), b_pairs);
  pair_matmul<V, 4>(blocks, a_pairs, b_pairs, reinterpret_cast<int*>(c), p.overwrite);
}

template <typename V>
void i16_matmul(const Product& p, const std::byte* a, const std::byte* b, std::byte* c,
                std::byte* scratch) {
  const Blocks blocks{p.m / 4, p.k / 2, p.n / 8};
  int* b_pairs = reinterpret_cast<int*>(scratch);
  pack_pairs_b<V, 1, PackI16>(blocks, reinterpret_cast<const short*>(b), b_pairs);
  pair_matmul<V, 1>(blocks, reinterpret_cast<const int*>(a), b_pairs, reinterpret_cast<int*>(c),
                    p.overwrite);
}

}  // namespace
}  // namespace npu::logic::kernels
