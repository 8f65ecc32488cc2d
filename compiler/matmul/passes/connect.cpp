// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Places the pieces in memory tiles and connects them. Piece i of an operand lives in memory tile
// i; where there are more pieces than columns, neighbours share a tile. On its L3 side an operand
// has one stream for each memory tile, which serves the pieces there in turn; on its L1 side each
// piece of A and B has a stream to the cores that share it, and each core has one for C.
//
//   before   l2       B@64 bf16 256x64 depth=2
//   after    l2       B@64 bf16 256x64 depth=2 in memtile(1,1)
//            stream   B1.in L3->L2 shim(1,0) to memtile(1,1): B@64
//            stream   B1 L2->L1 memtile(1,1) to core(0,3) core(1,3) core(2,3) core(3,3): B@64
#include <map>

#include <fmt/format.h>

#include "compiler/matmul/passes/passes.h"

namespace npu::compiler::matmul {

namespace {

constexpr std::array kOperands{Operand::A, Operand::B, Operand::C};

Coord shim(int column) {
  return {static_cast<uint8_t>(column), 0};
}
Coord memtile(int column) {
  return {static_cast<uint8_t>(column), 1};
}

void place_pieces(Schedule& s, Operand operand) {
  std::vector<L2Buffer*> pieces;
  for (L2Buffer& buffer : s.l2)
    if (buffer.operand == operand)
      pieces.push_back(&buffer);
  const int count = static_cast<int>(pieces.size());
  const int columns = s.partition.columns;
  for (int i = 0; i < count; ++i)
    pieces[i]->column = count <= columns ? i : i * columns / count;
}

/// Streams of an operand between L3 and the memory tiles, one for each tile that has something to
/// move.
void connect_l3(Schedule& s, Operand operand) {
  const bool in = operand != Operand::C;
  std::map<int, Stream> by_column;
  for (size_t b = 0; b < s.l2.size(); ++b) {
    const L2Buffer& buffer = s.l2[b];
    const std::vector<Access>& side = in ? buffer.writers : buffer.readers;
    if (buffer.operand != operand)
      continue;
    for (size_t a = 0; a < side.size(); ++a) {
      const int column = buffer.column;
      Stream& stream = by_column[column];
      stream.hop = in ? Hop::L3ToL2 : Hop::L2ToL3;
      stream.operand = operand;
      stream.name = fmt::format("{}{}.{}", to_char(operand), column, in ? "in" : "out");
      stream.source = in ? shim(column) : memtile(column);
      stream.destinations = {in ? memtile(column) : shim(column)};
      stream.uses.push_back({static_cast<int>(b), static_cast<int>(a)});
    }
  }
  for (auto& [column, stream] : by_column)
    s.streams.push_back(std::move(stream));
}

/// Streams between a piece and the cores.
void connect_l1(Schedule& s, Operand operand) {
  int number = 0;
  for (size_t b = 0; b < s.l2.size(); ++b) {
    const L2Buffer& buffer = s.l2[b];
    if (buffer.operand != operand)
      continue;
    const bool down = operand == Operand::C;
    const std::vector<Access>& side = down ? buffer.writers : buffer.readers;
    for (size_t a = 0; a < side.size(); ++a) {
      std::vector<Coord> cores;
      for (const int core : side[a].cores)
        cores.push_back(s.place->cores[core].tile);
      Stream stream{.hop = down ? Hop::L1ToL2 : Hop::L2ToL1,
                    .operand = operand,
                    .name = {},
                    .source = down ? cores[0] : memtile(buffer.column),
                    .destinations = down ? std::vector{memtile(buffer.column)} : cores,
                    .uses = {{static_cast<int>(b), static_cast<int>(a)}}};
      stream.name = down ? fmt::format("C({},{})", cores[0].col, cores[0].row)
                         : fmt::format("{}{}", to_char(operand), number++);
      s.streams.push_back(std::move(stream));
    }
  }
}

}  // namespace

void connect(Schedule& s) {
  for (const Operand operand : kOperands) {
    place_pieces(s, operand);
    connect_l3(s, operand);
    connect_l1(s, operand);
  }
}

}  // namespace npu::compiler::matmul
