// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "hw-model/logic/kernels/matmul.h"

// Register-blocked matmuls over blocks of C, written once for all vector widths. `V` says what the
// vectors are and how they multiply; it must be a type local to a source file, so that each file
// keeps the code of its own instruction set. Nothing of the standard library is used: its inline
// functions would be shared between those files.

namespace npu::logic::kernels {

/// Blocks of the three operands: C is rows x columns blocks, and `depth` groups of four cells are
/// summed.
struct Blocks {
  int rows;
  int depth;
  int columns;
};

/// kI x kJ blocks of 4x4 accumulators. A cell is what one multiply takes of one row of A or one
/// column of B: an f32, an i32, or a pair of bf16. A is [rows][depth][4][4] cells, B is [columns][4
/// depth][4].
template <typename V, int kI, int kJ>
struct SquareTile {
  using Vector = typename V::Vector;
  Vector sum[kI][kJ][V::kParts];

  template <int kCell>
  [[gnu::always_inline]] void multiply(const Vector (&a)[kI][V::kParts], const typename V::Cell* b,
                                       long b_stride) {
    Vector picked[kI][V::kParts];
#pragma GCC unroll 8
    for (int i = 0; i < kI; ++i)
#pragma GCC unroll 2
      for (int part = 0; part < V::kParts; ++part)
        picked[i][part] = V::template pick<kCell>(a[i][part]);
#pragma GCC unroll 8
    for (int j = 0; j < kJ; ++j) {
      const Vector four = V::repeat_four(b + j * b_stride + kCell * 4);
#pragma GCC unroll 8
      for (int i = 0; i < kI; ++i)
#pragma GCC unroll 2
        for (int part = 0; part < V::kParts; ++part)
          sum[i][j][part] = V::multiply_add(picked[i][part], four, sum[i][j][part]);
    }
  }

  [[gnu::always_inline]] void run(const Blocks& z, const typename V::Cell* a,
                                  const typename V::Cell* b, typename V::Accumulator* c,
                                  bool overwrite) {
#pragma GCC unroll 8
    for (int i = 0; i < kI; ++i)
#pragma GCC unroll 8
      for (int j = 0; j < kJ; ++j)
#pragma GCC unroll 2
        for (int part = 0; part < V::kParts; ++part)
          sum[i][j][part] =
              overwrite ? V::zero()
                        : V::load_sum(c + (long{i} * z.columns + j) * 16 + part * V::kLanes);
    for (int q = 0; q < z.depth; ++q) {
      Vector cells[kI][V::kParts];
#pragma GCC unroll 8
      for (int i = 0; i < kI; ++i)
#pragma GCC unroll 2
        for (int part = 0; part < V::kParts; ++part)
          cells[i][part] = V::load_a(a + (long{i} * z.depth + q) * 16 + part * V::kLanes);
      const auto* row = b + q * 16;
      multiply<0>(cells, row, z.depth * 16);
      multiply<1>(cells, row, z.depth * 16);
      multiply<2>(cells, row, z.depth * 16);
      multiply<3>(cells, row, z.depth * 16);
    }
#pragma GCC unroll 8
    for (int i = 0; i < kI; ++i)
#pragma GCC unroll 8
      for (int j = 0; j < kJ; ++j)
#pragma GCC unroll 2
        for (int part = 0; part < V::kParts; ++part)
          V::store_sum(c + (long{i} * z.columns + j) * 16 + part * V::kLanes, sum[i][j][part]);
  }
};

template <typename V, int kJ>
void square_columns(const Blocks& z, const typename V::Cell* a, const typename V::Cell* b,
                    typename V::Accumulator* c, bool overwrite) {
  int i = 0;
  for (; i + V::kRows <= z.rows; i += V::kRows)
    SquareTile<V, V::kRows, kJ>().run(z, a + long{i} * z.depth * 16, b,
                                      c + long{i} * z.columns * 16, overwrite);
  for (; i < z.rows; ++i)
    SquareTile<V, 1, kJ>().run(z, a + long{i} * z.depth * 16, b, c + long{i} * z.columns * 16,
                               overwrite);
}

/// All of C in blocks of 4x4. Never inlined: its caller sets the modes of the floating-point unit
/// around it.
template <typename V>
[[gnu::noinline]] void square_matmul(const Blocks& z, const typename V::Cell* a,
                                     const typename V::Cell* b, typename V::Accumulator* c,
                                     bool overwrite) {
  int j = 0;
  for (; j + V::kColumns <= z.columns; j += V::kColumns)
    square_columns<V, V::kColumns>(z, a, b + long{j} * z.depth * 16, c + j * 16, overwrite);
  for (; j < z.columns; ++j)
    square_columns<V, 1>(z, a, b + long{j} * z.depth * 16, c + j * 16, overwrite);
}

/// Puts B's blocks of 8x4 elements in the order of `SquareTile`. `V::kDepth` groups of four cells
/// make a block.
template <typename V>
void pack_square_b(const Blocks& z, const typename V::Element* b, typename V::Cell* out) {
  for (int q = 0; q < z.depth; q += V::kDepth)
    for (int j = 0; j < z.columns; ++j, b += 32)
      V::pack_b(b, out + (long{j} * z.depth + q) * 16);
}

/// Puts A's blocks of 4x8 elements in the order of `SquareTile`.
template <typename V>
void pack_square_a(const Blocks& z, const typename V::Element* a, typename V::Cell* out) {
  for (long block = 0; block < long{z.rows} * z.depth / V::kDepth; ++block)
    V::pack_a(a + block * 32, out + block * 16 * V::kDepth);
}

/// One row of blocks of C, kPanels vectors wide: 32-bit sums of products of i16 pairs. C has blocks
/// of 4x8 and a vector holds a row of V::kBlocks of them. A is [rows][depth][4][kPairs] pairs, B is
/// [panels][depth][kPairs] vectors.
template <typename V, int kPanels, int kPairs>
struct PairTile {
  using Vector = typename V::Vector;
  Vector sum[4][kPanels];

  [[gnu::always_inline]] void multiply(const int* a, const int* b, long panel_stride) {
    Vector row[kPanels];
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; ++p)
      row[p] = V::load(b + p * panel_stride);
#pragma GCC unroll 4
    for (int r = 0; r < 4; ++r) {
      const Vector pair = V::repeat(a + r * kPairs);
#pragma GCC unroll 4
      for (int p = 0; p < kPanels; ++p)
        sum[r][p] = V::multiply_add(pair, row[p], sum[r][p]);
    }
  }

  [[gnu::always_inline]] void run(int depth, const int* a, const int* b,
                                  int* const (&c)[kPanels * V::kBlocks], bool overwrite) {
#pragma GCC unroll 4
    for (int r = 0; r < 4; ++r)
#pragma GCC unroll 4
      for (int p = 0; p < kPanels; ++p)
        sum[r][p] = overwrite ? V::zero() : V::load_sum(&c[p * V::kBlocks], r * 8);
    const long panel_stride = long{depth} * kPairs * V::kLanes;
    for (int q = 0; q < depth; ++q, a += 4 * kPairs, b += kPairs * V::kLanes)
#pragma GCC unroll 4
      for (int pair = 0; pair < kPairs; ++pair)
        multiply(a + pair, b + pair * V::kLanes, panel_stride);
#pragma GCC unroll 4
    for (int r = 0; r < 4; ++r)
#pragma GCC unroll 4
      for (int p = 0; p < kPanels; ++p)
        V::store_sum(&c[p * V::kBlocks], r * 8, sum[r][p]);
  }
};

template <typename V, int kPanels, int kPairs>
void pair_columns(const Blocks& z, int j, const int* a, const int* b, int* c, bool overwrite) {
  int spare[32] = {};  // stands for the block that is missing beside an odd last one
  for (int i = 0; i < z.rows; ++i) {
    int* blocks[kPanels * V::kBlocks];
    for (int at = 0; at < kPanels * V::kBlocks; ++at)
      blocks[at] = j + at < z.columns ? c + (long{i} * z.columns + j + at) * 32 : spare;
    PairTile<V, kPanels, kPairs>().run(z.depth, a + long{i} * z.depth * 4 * kPairs,
                                       b + long{j} * z.depth * kPairs * 8, blocks, overwrite);
  }
}

/// All of C in blocks of 4x8; `depth` counts blocks.
template <typename V, int kPairs>
void pair_matmul(const Blocks& z, const int* a, const int* b, int* c, bool overwrite) {
  int j = 0;
  for (; j + V::kPanels * V::kBlocks <= z.columns; j += V::kPanels * V::kBlocks)
    pair_columns<V, V::kPanels, kPairs>(z, j, a, b, c, overwrite);
  for (; j < z.columns; j += V::kBlocks)
    pair_columns<V, 1, kPairs>(z, j, a, b, c, overwrite);
}

/// Puts B's blocks in the order of `PairTile`; `Pack::row` makes the eight pairs of two rows.
template <typename V, int kPairs, typename Pack>
void pack_pairs_b(const Blocks& z, const typename Pack::Element* b, int* out) {
  for (int q = 0; q < z.depth; ++q)
    for (int j = 0; j < z.columns; ++j)
      for (int pair = 0; pair < kPairs; ++pair, b += 16) {
        const long vector = (long{j / V::kBlocks} * z.depth + q) * kPairs + pair;
        Pack::row(b, out + vector * V::kLanes + j % V::kBlocks * 8);
      }
}

}  // namespace npu::logic::kernels
