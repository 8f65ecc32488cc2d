// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Places the pieces in memory tiles and connects them. Piece i of an operand lives in memory tile
// i; where there are more pieces than columns, neighbours share a tile. On its L3 side an operand
// has one stream for each memory tile, which serves the pieces there in turn; on its L1 side each
// piece of A and B has a stream to the cores that share it, and each core has one for C. Without
// broadcast the stream serves the cores one after another, with packets. Sums that L2 fills come
// down as packets of B's stream, which gives a core both in the order in which it takes them; there
// C lies beside B, and A in other tiles where there are.
//
//   before   l2       B@64 bf16 256x64 depth=2
//   after    l2       B@64 bf16 256x64 depth=2 in memtile(1,1)
//            stream   B1.in L3->L2 shim(1,0) to memtile(1,1): B@64
//            stream   B1 L2->L1 memtile(1,1) to core(0,3) core(1,3) core(2,3) core(3,3): B@64
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "compiler/matmul/passes/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

constexpr std::array kOperands{Operand::A, Operand::B, Operand::C};

Coord shim(int column) {
  return {static_cast<uint8_t>(column), 0};
}
Coord memtile(int column) {
  return {static_cast<uint8_t>(column), 1};
}

/// The memory tile of each piece when sums come down beside B: a column for each row of cores, with
/// its B and C, and A in the columns that are left, or in the same where none is.
void place_beside(Schedule& s) {
  const int rows = s.place->herd.rows;
  const int columns = s.partition.columns;
  if (rows > columns)
    throw Error("schedule {}: needs {} memory tiles for the rows of cores, has {}", s.variant->name,
                rows, columns)
        .hint("a herd of at most {} rows, or a wider partition", columns);
  std::array<int, 3> number{};
  const int own = s.place->herd.rows * s.place->herd.columns;
  const int left = columns - rows;
  for (L2Buffer& buffer : s.l2) {
    int& i = number[static_cast<size_t>(buffer.operand)];
    const bool is_own = buffer.operand != Operand::C && !s.variant->shared_slices;
    const int pieces = is_own ? own : s.place->herd.columns;
    if (buffer.operand == Operand::A) {
      // Cores are listed column by column: those of a row of cores share a tile.
      const int wanted = is_own ? i % rows : i;
      const int count = is_own ? rows : pieces;
      buffer.column = left == 0 ? wanted % columns : rows + wanted * std::min(left, count) / count;
    } else {
      buffer.column = i % rows;
    }
    ++i;
  }
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
void connect_l3(Schedule& s, Operand operand, bool in) {
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

/// Gives packet numbers, which are one row for the whole device.
class Packets {
 public:
  explicit Packets(const Schedule& s) : s_(s) {}

  int next() {
    constexpr int kPackets = 32;
    if (count_ == kPackets)
      throw Error("schedule {}: needs more than {} packet numbers, for a herd of {}",
                  s_.variant->name, kPackets, to_string(s_.place->herd))
          .hint("a smaller herd, or a schedule with broadcast");
    return count_++;
  }

 private:
  const Schedule& s_;
  int count_ = 0;
};

std::vector<Coord> tiles_of(const Schedule& s, const Access& access) {
  std::vector<Coord> tiles;
  for (const int core : access.cores)
    tiles.push_back(s.place->cores[core].tile);
  return tiles;
}

/// A use in a stream of packets, on the way to those tiles.
void add_use(Stream& stream, Packets& packets, Stream::Use use, std::vector<Coord> tiles) {
  auto way = std::ranges::find(stream.ways, tiles, &Stream::Way::destinations);
  use.way = static_cast<int>(way - stream.ways.begin());
  if (way == stream.ways.end())
    stream.ways.push_back({std::move(tiles), packets.next()});
  stream.uses.push_back(use);
}

/// The sums that go down with that piece of B, each before its core's next steps.
void add_sums(Schedule& s, Stream& stream, Packets& packets, const L2Buffer& slice) {
  for (size_t c = 0; c < s.l2.size(); ++c) {
    const L2Buffer& sums = s.l2[c];
    for (size_t w = 0; sums.operand == Operand::C && w < sums.writers.size(); ++w)
      if (std::ranges::find(slice.readers[0].cores, sums.writers[w].cores[0]) !=
          slice.readers[0].cores.end())
        add_use(stream, packets, {static_cast<int>(c), static_cast<int>(w)},
                tiles_of(s, sums.writers[w]));
  }
}

/// A stream of A or B out of a memory tile, in packets.
void connect_packets(Schedule& s, Operand operand, Packets& packets) {
  const bool with_sums = operand == Operand::B && s.filled_in_l2();
  const int64_t slices = s.steps_a_copy() > s.inner_steps() ? s.outer_steps() : 1;
  std::map<int, Stream> streams;  // by piece, or by tile where cores have their own slices
  for (size_t b = 0; b < s.l2.size(); ++b) {
    const L2Buffer& buffer = s.l2[b];
    if (buffer.operand != operand)
      continue;
    const int key = s.variant->shared_slices ? static_cast<int>(b) : buffer.column;
    Stream& stream = streams[key];
    if (with_sums)
      add_sums(s, stream, packets, buffer);
    for (int turn = 0; turn < (with_sums ? slices : 1); ++turn) {
      const Stream::Use use{.buffer = static_cast<int>(b), .turn = turn};
      const std::vector<Coord> tiles = tiles_of(s, buffer.readers[0]);
      if (s.variant->broadcast)
        add_use(stream, packets, use, tiles);
      else
        for (const Coord tile : tiles)
          add_use(stream, packets, use, {tile});
    }
    stream.source = memtile(buffer.column);
  }
  int number = 0;
  for (auto& [key, stream] : streams) {
    stream.hop = Hop::L2ToL1;
    stream.operand = operand;
    stream.name = fmt::format("{}{}", to_char(operand), number++);
    for (const Stream::Way& way : stream.ways)
      for (const Coord tile : way.destinations)
        if (std::ranges::find(stream.destinations, tile) == stream.destinations.end())
          stream.destinations.push_back(tile);
    s.streams.push_back(std::move(stream));
  }
}

/// Streams between a piece and the cores, as circuits.
void connect_l1(Schedule& s, Operand operand, bool partial = false) {
  int number = 0;
  for (size_t b = 0; b < s.l2.size(); ++b) {
    const L2Buffer& buffer = s.l2[b];
    if (buffer.operand != operand)
      continue;
    const bool down = operand == Operand::C;
    const std::vector<Access>& side = down ? buffer.writers : buffer.readers;
    for (size_t a = 0; a < side.size(); ++a) {
      const std::vector<Coord> cores = tiles_of(s, side[a]);
      Stream stream{.hop = down ? Hop::L1ToL2 : Hop::L2ToL1,
                    .operand = operand,
                    .name = {},
                    .source = down ? cores[0] : memtile(buffer.column),
                    .destinations = down ? std::vector{memtile(buffer.column)} : cores,
                    .uses = {{static_cast<int>(b), static_cast<int>(a)}},
                    .partial = partial};
      stream.name =
          down ? fmt::format("C({},{}){}", cores[0].col, cores[0].row, partial ? ".partial" : "")
               : fmt::format("{}{}", to_char(operand), number++);
      s.streams.push_back(std::move(stream));
    }
  }
}

/// A peeled step with movers of its own: the streams of A and B twice.
void double_movers(Schedule& s) {
  std::vector<Stream> all;
  for (Stream& stream : s.streams) {
    all.push_back(stream);
    if (stream.operand == Operand::C)
      continue;
    all.push_back(std::move(stream));
    all.back().name += ".peeled";
  }
  s.streams = std::move(all);
}

}  // namespace

void connect(Schedule& s) {
  Packets packets(s);
  if (s.filled_in_l2())
    place_beside(s);
  for (const Operand operand : kOperands) {
    const bool is_c = operand == Operand::C;
    if (!s.filled_in_l2())
      place_pieces(s, operand);
    else if (is_c)
      connect_l3(s, operand, true);
    connect_l3(s, operand, !is_c);
    const bool with_sums = operand == Operand::B && s.filled_in_l2();
    if (!is_c && (!s.variant->broadcast || with_sums))
      connect_packets(s, operand, packets);
    else
      connect_l1(s, operand);
    if (is_c && s.filled_in_l2() && s.variant->c_copy != Level::Launch)
      connect_l1(s, operand, true);
  }
  if (!s.variant->merged)
    double_movers(s);
}

}  // namespace npu::compiler::matmul
