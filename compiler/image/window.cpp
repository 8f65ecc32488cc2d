// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/image/window.h"

#include <fmt/format.h>

namespace npu::compiler::image {

using arch::Op;

Lines add_lines(Assembly& assembly, Coord tile, int64_t width) {
  const auto name = [&](std::string_view what) {
    return fmt::format("{}({},{})", what, tile.col, tile.row);
  };
  const std::string in = name("lines"), out = name("results");
  const auto words = static_cast<uint64_t>(width) / 4;
  Lines lines{.ring = assembly.add_buffer(in, tile, arch::Type::I8, {Lines::kRing, width}),
              .results = assembly.add_buffer(out, tile, arch::Type::I8, {Lines::kResults, width}),
              .line_free = assembly.add_lock(in + ".free", tile, Lines::kRing),
              .line_full = assembly.add_lock(in + ".full", tile, 0),
              .result_free = assembly.add_lock(out + ".free", tile, Lines::kResults),
              .result_full = assembly.add_lock(out + ".full", tile, 0)};
  lines.fill = assembly.add_ring(in, tile, Direction::S2mm, lines.ring, Lines::kRing, words,
                                 lines.line_free, lines.line_full);
  lines.drain = assembly.add_ring(out, tile, Direction::Mm2s, lines.results, Lines::kResults, words,
                                  lines.result_full, lines.result_free);
  return lines;
}

void LineWriter::begin() {
  writer_.address(kRingBegin, lines_.ring);
  writer_.emit({.op = Op::AddImm, .dst = kRingEnd, .a = kRingBegin, .imm = Lines::kRing * width_});
  writer_.address(kResult, lines_.results);
  // The other result is what one leaves of the sum of both.
  writer_.emit({.op = Op::Add, .dst = kBothResults, .a = kResult, .b = kResult});
  writer_.emit({.op = Op::AddImm, .dst = kBothResults, .a = kBothResults, .imm = width_});
  writer_.emit({.op = Op::Move, .dst = kAbove, .a = kRingBegin});
}

void LineWriter::next_of(uint8_t from, uint8_t to) {
  writer_.emit({.op = Op::AddImm, .dst = to, .a = from, .imm = width_});
  writer_.emit({.op = Op::CmpEq, .dst = kWrapped, .a = to, .b = kRingEnd});
  const int inside = writer_.branch(Op::BranchIfNot, kWrapped);
  writer_.emit({.op = Op::Move, .dst = to, .a = kRingBegin});
  writer_.land(inside);
}

void LineWriter::next_result() {
  writer_.emit({.op = Op::Sub, .dst = kResult, .a = kBothResults, .b = kResult});
}

void LineWriter::slide(int kernel) {
  next_of(kAbove, kLine);
  writer_.acquire(lines_.line_full, 2);
  const int loop = writer_.here();
  next_of(kLine, kBelow);
  writer_.acquire(lines_.line_full);
  writer_.acquire(lines_.result_free);
  writer_.emit({.op = Op::Call, .a = kAbove, .b = 4, .imm = kernel});
  writer_.release(lines_.line_free);
  writer_.release(lines_.result_full);
  writer_.emit({.op = Op::Move, .dst = kAbove, .a = kLine});
  writer_.emit({.op = Op::Move, .dst = kLine, .a = kBelow});
  next_result();
  writer_.emit({.op = Op::Loop, .dst = kCounter, .imm = loop});
  // The last two lines of the window; what comes next begins after them.
  next_of(kLine, kAbove);
  writer_.release(lines_.line_free, 2);
}

}  // namespace npu::compiler::image
