// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/padding.h"

namespace npu::compiler::matmul {

namespace {

/// All that the choice depends on.
struct Tiling {
  const Problem& problem;
  const Options& options;
  int columns;
  const Tiles& tiles;
  Shape padded;
};

/// An operand along one dimension.
struct Side {
  int64_t size;    ///< that the user has
  int64_t padded;  ///< of all tiles
  int64_t tile;
  int64_t piece;  ///< of an L2 buffer; the tile where it is not cut along this side
  bool contiguous;

  bool ends_early() const { return size != padded; }
};

std::array<Side, 2> sides_of(const Tiling& t, Operand operand) {
  const Shape& l2 = t.tiles.l2;
  const Shape& core = t.tiles.core;
  const bool by_column = column_major(t.problem, operand);
  const bool c_by_columns = operand == Operand::C && t.tiles.herd().columns == 1;
  const bool n_cut = operand == Operand::B || c_by_columns;
  const Side m{t.problem.m, t.padded.m, l2.m, c_by_columns ? l2.m : core.m, by_column};
  const Side n{t.problem.n, t.padded.n, l2.n, n_cut ? core.n : l2.n, !by_column};
  const Side k{t.problem.depth(), t.padded.k, l2.k, l2.k, (operand == Operand::A) != by_column};
  if (operand == Operand::A)
    return {m, k};
  return operand == Operand::B ? std::array{k, n} : std::array{m, n};
}

/// Whether every piece has its part, and pieces that share a memory tile have equal ones.
bool pieces_allow(const Tiling& t, const Side& side) {
  const int64_t pieces = side.tile / side.piece;
  return side.tile == side.padded && side.size > (pieces - 1) * side.piece && pieces <= t.columns;
}

bool memtile_can(const Tiling& t, Operand operand) {
  if (operand == Operand::C &&
      (t.options.split_l2 == SplitL2::Legacy || t.options.l2_locks == L2Locks::PerWriter))
    return false;
  // A row-major A lies in L2 by K steps, which its rows must then fill.
  const bool in_k_steps =
      operand == Operand::A && !column_major(t.problem, operand) && t.tiles.l2.k != t.tiles.core.k;
  if (in_k_steps && t.problem.depth() != t.padded.k)
    return false;
  for (const Side& side : sides_of(t, operand))
    if (side.ends_early() && !pieces_allow(t, side))
      return false;
  return true;
}

Pad pad_of(const Tiling& t, Operand operand) {
  // The step of a bias lies behind A and B.
  if (t.problem.epilogue.bias && operand != Operand::C)
    return Pad::Host;
  bool ends_early = false;
  for (const Side& side : sides_of(t, operand)) {
    ends_early |= side.ends_early();
    if (side.contiguous && side.size * arch::bytes_of(type_of(t.problem, operand)) % 4 != 0)
      return Pad::Host;
  }
  if (!ends_early)
    return Pad::None;
  return memtile_can(t, operand) ? Pad::Memtile : Pad::Host;
}

int64_t round_up(int64_t size, int64_t step) {
  return (size + step - 1) / step * step;
}

}  // namespace

Type type_of(const Problem& problem, Operand operand) {
  return operand == Operand::A ? problem.a : operand == Operand::B ? problem.b : problem.c;
}

bool column_major(const Problem& problem, Operand operand) {
  return (operand == Operand::A && problem.a_layout == Layout::Column) ||
         (operand == Operand::B && problem.b_layout == Layout::Column);
}

std::array<int64_t, 2> sides_of(Operand operand, const Shape& sizes) {
  return {operand == Operand::B ? sizes.k : sizes.m, operand == Operand::A ? sizes.k : sizes.n};
}

std::string_view to_string(Pad pad) {
  constexpr std::string_view kNames[] = {"none", "memtile", "host"};
  return kNames[static_cast<int>(pad)];
}

Shape padded_sizes(const Problem& p, const Tiles& t) {
  return {round_up(p.m, t.l2.m), round_up(p.n, t.l2.n), round_up(p.depth(), t.l2.k)};
}

Pads pads_of(const Problem& problem, const Options& options, int columns, const Tiles& tiles) {
  const Tiling tiling{problem, options, columns, tiles, padded_sizes(problem, tiles)};
  return {pad_of(tiling, Operand::A), pad_of(tiling, Operand::B), pad_of(tiling, Operand::C)};
}

uint64_t staged_bytes(const Problem& p, const Tiles& tiles, const Pads& pads) {
  const Shape user{p.m, p.n, p.k};
  const Shape padded = padded_sizes(p, tiles);
  int64_t bytes = 0;
  for (const Operand operand : {Operand::A, Operand::B, Operand::C})
    if (pads[static_cast<size_t>(operand)] == Pad::Host)
      for (const Shape& sizes : {user, padded}) {
        const auto [rows, cols] = sides_of(operand, sizes);
        bytes += p.batch * rows * cols * arch::bytes_of(type_of(p, operand));
      }
  return static_cast<uint64_t>(bytes);
}

uint32_t margin_bits(Operand operand, Type type) {
  if (operand != Operand::A)
    return 0;
  return type == Type::Bf16 ? 0x8000 : type == Type::F32 ? 0x80000000 : 0;
}

}  // namespace npu::compiler::matmul
