// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "compiler/image/assembly.h"

namespace npu::compiler::image {

/// Lines on their way through a core: a ring of them that a channel fills, and two results in turn
/// that another empties.
struct Lines {
  static constexpr int kRing = 4;  ///< a window of three, and one that is on its way
  static constexpr int kResults = 2;

  int ring = 0;
  int results = 0;
  int line_free = 0;
  int line_full = 0;
  int result_free = 0;
  int result_full = 0;
  int fill = 0;   ///< channel
  int drain = 0;  ///< channel
};
Lines add_lines(Assembly& assembly, Coord tile, int64_t width);

/// Writes the part of a program that moves over lines. The registers of the lines follow each
/// other, as the arguments of a kernel do; the next line of the ring and the next result outlive
/// an image.
class LineWriter {
 public:
  // Arguments of the edge kernel: three lines and the result; kAbove is the next line of the ring
  // between images.
  static constexpr uint8_t kAbove = 0, kLine = 1, kBelow = 2, kResult = 3;
  static constexpr uint8_t kBothResults = 4, kRingBegin = 5, kRingEnd = 6, kCounter = 7,
                           kWrapped = 8;

  LineWriter(CoreWriter& writer, const Lines& lines, int64_t width)
      : writer_(writer), lines_(lines), width_(static_cast<int32_t>(width)) {}

  /// Once, at the start of the program.
  void begin();
  /// `to` becomes the line after `from`, around the ring.
  void next_of(uint8_t from, uint8_t to);
  /// The other result is next.
  void next_result();
  /// As many lines as the counter says, each from a window of three, by a kernel; two lines more
  /// come in than go out.
  void slide(int kernel);

 private:
  CoreWriter& writer_;
  const Lines& lines_;
  int32_t width_;
};

}  // namespace npu::compiler::image
