// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cuts every L2 buffer into pieces that can live in different memory tiles, after mlir-air's
// air-split-l2-memref.
//
// The factor is the greatest common divisor of the numbers of channels in and out, where above 1,
// and of the extents of a loop over the cores: of all that are above 1 (legacy) or of the first
// such (fixed). C that L2 fills is cut by rows of cores instead, to lie beside B. (a) The loop is
// unrolled. (b) The one access on the other side becomes one for each piece. (c) Accesses are
// grouped by where they begin along the cut; each distinct place becomes a buffer, sized by the
// first access of its group, readers first, and begins at 0. Step (c) assumes that both sides begin
// at the same places; for C under a 4x2 herd the legacy factor breaks that.
//
//   before   l2       C f32 256x128 depth=1
//              get    cores x<4 y<2 [64x,64y 64x64]
//              put    L3 [0,0 256x128]
//   fixed    l2       C@0 f32 64x128 depth=1, and so C@64, C@128, C@192
//              get    core(0,2) [0,0 64x64]
//              get    core(0,3) [0,64 64x64]
//              put    L3 [0,0 64x128]
//   legacy   l2       C@0 f32 128x128 depth=1, and so C@128
//              get    core(0,2) [0,0 64x64]
//              get    core(0,3) [0,64 64x64]
//              put    L3 [0,0 128x128]
//            l2       C@64 f32 64x128 depth=1, and so C@192
//              get    core(1,2) [0,0 64x64]
//              get    core(1,3) [0,64 64x64]
#include <algorithm>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

namespace {

/// Adds the factors of one side; returns whether its pieces lie along the rows, where the side says
/// so.
std::optional<bool> add_factors(const std::vector<Access>& side, SplitL2 mode,
                                std::vector<int64_t>& factors) {
  std::optional<bool> along_rows;
  for (const Access& access : side) {
    if (!access.loop)
      continue;
    for (const auto& [extent, rows] :
         {std::pair(access.loop->x, true), std::pair(access.loop->y, false)}) {
      if (extent <= 1 || (mode == SplitL2::Fixed && !factors.empty()))
        continue;
      factors.push_back(extent);
      along_rows = along_rows.value_or(rows);
    }
  }
  if (side.size() > 1) {
    factors.push_back(static_cast<int64_t>(side.size()));
    along_rows = side[0].region.row != side[1].region.row;
  }
  return along_rows;
}

/// (a) One access for each core, with constant places.
void unroll(std::vector<Access>& side, const Placement& place) {
  std::vector<Access> unrolled;
  for (const Access& access : side) {
    if (!access.loop) {
      unrolled.push_back(access);
      continue;
    }
    for (const int core : access.cores) {
      Access one = access;
      one.cores = {core};
      one.loop.reset();
      one.region.row += place.cores[core].x * access.loop->row_step;
      one.region.col += place.cores[core].y * access.loop->col_step;
      one.tile = one.region;
      unrolled.push_back(one);
    }
  }
  side = std::move(unrolled);
}

/// Begin and extent of a region along the cut.
struct Cut {
  bool along_rows;
  int64_t& begin(Region& r) const { return along_rows ? r.row : r.col; }
  int64_t begin(const Region& r) const { return along_rows ? r.row : r.col; }
  int64_t& extent(Region& r) const { return along_rows ? r.rows : r.cols; }
  int64_t extent(const Region& r) const { return along_rows ? r.rows : r.cols; }
};

/// (b) The one access of a side becomes `factor`.
void divide(std::vector<Access>& side, Cut cut, int64_t factor) {
  const Access whole = side[0];
  side.clear();
  for (int64_t i = 0; i < factor; ++i) {
    Access piece = whole;
    cut.extent(piece.region) /= factor;
    cut.begin(piece.region) += i * cut.extent(piece.region);
    piece.tile = piece.region;
    side.push_back(piece);
  }
}

/// (c) One buffer for each place where an access begins.
std::vector<L2Buffer> group(const L2Buffer& buffer, Cut cut) {
  std::map<int64_t, L2Buffer> groups;
  const auto add = [&](const Access& access, std::vector<Access> L2Buffer::*side) {
    const int64_t begin = cut.begin(access.region);
    auto [place, is_new] = groups.try_emplace(begin, buffer);
    L2Buffer& piece = place->second;
    if (is_new) {
      piece.name = fmt::format("{}@{}", to_char(buffer.operand), begin);
      piece.writers.clear();
      piece.readers.clear();
      (cut.along_rows ? piece.rows : piece.cols) = cut.extent(access.region);
    }
    (piece.*side).push_back(access);
    cut.begin((piece.*side).back().region) = 0;
  };
  for (const Access& reader : buffer.readers)
    add(reader, &L2Buffer::readers);
  for (const Access& writer : buffer.writers)
    add(writer, &L2Buffer::writers);
  std::vector<L2Buffer> pieces;
  for (auto& [begin, piece] : groups)
    pieces.push_back(std::move(piece));
  return pieces;
}

Split describe(const std::vector<L2Buffer>& pieces, const L2Buffer& buffer, Cut cut,
               std::vector<int64_t> factors, int64_t factor) {
  Split split{.operand = buffer.operand,
              .factor = factor,
              .factors = std::move(factors),
              .along_rows = cut.along_rows};
  for (const L2Buffer& piece : pieces) {
    split.written_blocks += piece.writers.empty() ? 0 : 1;
    if (piece.readers.empty())
      split.orphans.push_back(cut.begin(piece.writers[0].tile));
  }
  return split;
}

}  // namespace

void split_l2(Schedule& s) {
  std::vector<L2Buffer> all;
  for (L2Buffer& buffer : s.l2) {
    if (buffer.operand != Operand::C && !s.variant->shared_slices) {
      all.push_back(std::move(buffer));
      continue;
    }
    std::vector<int64_t> factors;
    std::optional<bool> writers;
    std::optional<bool> readers;
    if (buffer.operand == Operand::C && s.filled_in_l2()) {
      factors.push_back(s.place->herd.rows);
      writers = false;
    } else {
      writers = add_factors(buffer.writers, s.options.split_l2, factors);
      readers = add_factors(buffer.readers, s.options.split_l2, factors);
    }
    const Cut cut{writers.value_or(readers.value_or(buffer.operand != Operand::B))};
    int64_t factor = 0;
    for (const int64_t f : factors)
      factor = std::gcd(factor, f);
    factor = std::max<int64_t>(factor, 1);

    const bool cores_write = buffer.writers[0].loop.has_value();
    unroll(buffer.writers, *s.place);
    unroll(buffer.readers, *s.place);
    divide(cores_write ? buffer.readers : buffer.writers, cut, factor);
    std::vector<L2Buffer> pieces = group(buffer, cut);
    s.splits.push_back(describe(pieces, buffer, cut, std::move(factors), factor));
    std::move(pieces.begin(), pieces.end(), std::back_inserter(all));
  }
  s.l2 = std::move(all);
}

}  // namespace npu::compiler::matmul
