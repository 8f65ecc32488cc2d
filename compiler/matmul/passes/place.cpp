// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Places the herd: x along the columns, y along the rows, from column 0 and the first row of cores.
// The dated pipelines put herds of at most four cores into one column.
//
//   before   tile     l2 m=256 n=128 k=256, core m=64 n=64 k=64, ...
//   after    herd     4x2 on 4 columns of 2 cores
#include "compiler/matmul/passes/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {
constexpr int kCoreRows = arch::kRows - arch::kFirstCoreRow;

Coord core_at(int column, int row) {
  return {static_cast<uint8_t>(column), static_cast<uint8_t>(arch::kFirstCoreRow + row)};
}
}  // namespace

void place(Schedule& s) {
  const Herd herd = s.tiles.herd();
  const bool collapse = s.strategy->collapses_small_herds && herd.columns * herd.rows <= kCoreRows;
  Placement placement{.herd = herd,
                      .columns = collapse ? 1 : herd.columns,
                      .rows = collapse ? herd.columns * herd.rows : herd.rows};
  if (placement.columns > s.partition.columns || placement.rows > kCoreRows)
    throw Error("{}: no valid placement: a herd of {} cores in {} columns of {} cores",
                s.strategy->name, to_string(herd), s.partition.columns, kCoreRows)
        .hint("sizes whose tiles give at most {} herd columns and {} herd rows",
              s.partition.columns, kCoreRows);
  for (int x = 0; x < herd.columns; ++x)
    for (int y = 0; y < herd.rows; ++y)
      placement.cores.push_back({x, y, collapse ? core_at(0, x * herd.rows + y) : core_at(x, y)});
  s.place = std::move(placement);
}

}  // namespace npu::compiler::matmul
