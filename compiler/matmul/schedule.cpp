// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/schedule.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

void check_region(const L2Buffer& buffer, const Access& access) {
  const Region& r = access.region;
  if (r.row < 0 || r.col < 0 || r.row + r.rows > buffer.rows || r.col + r.cols > buffer.cols)
    throw Error(
        "rule `accesses stay in their buffer`: {} is {}x{}, an access takes {}x{} from {},{}",
        buffer.name, buffer.rows, buffer.cols, r.rows, r.cols, r.row, r.col);
}

/// Highest word that a descriptor touches, plus one.
uint64_t end_of(const Descriptor& descriptor) {
  if (descriptor.dims.empty())
    return descriptor.offset + descriptor.length;
  uint64_t end = descriptor.offset + 1;
  for (const Dim& dim : descriptor.dims)
    end += (dim.size - 1) * dim.step;
  return end;
}

void check_descriptor(const Schedule& s, const Channel& channel, const Descriptor& descriptor) {
  const Buffer& buffer = s.design.buffers[descriptor.buffer];
  if (4 * end_of(descriptor) > buffer.bytes())
    throw Error(
        "rule `descriptors stay in their buffer`: {} reaches word {} of {}, which has {} bytes",
        channel.name, end_of(descriptor), buffer.name, buffer.bytes());
  uint64_t words = 1;
  for (const Dim& dim : descriptor.dims)
    words *= dim.size;
  if (!descriptor.dims.empty() && words != descriptor.length)
    throw Error("rule `dimensions make up the length`: {} of {} has {} words in {}",
                descriptor.length, channel.name, words, buffer.name);
}

}  // namespace

Credits credits(int writers, int readers) {
  if (writers == 0 || readers == 0)
    return {1, 1};
  if (readers >= writers)
    return {(readers + writers - 1) / writers, 1};
  return {1, (writers + readers - 1) / readers};
}

int64_t L1Buffer::elements() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

std::string_view to_string(Hop hop) {
  constexpr std::string_view kNames[] = {"L3->L2", "L2->L1", "L1->L2", "L2->L3"};
  return kNames[static_cast<int>(hop)];
}

int64_t Schedule::steps_a_copy() const {
  switch (variant->c_copy) {
    case Level::InnerK:
      return 1;
    case Level::OuterK:
      return inner_steps();
    default:
      return outer_steps() * inner_steps();
  }
}

Shape Schedule::stored(Operand operand) const {
  return pad_of(operand) == Pad::Host ? padded : Shape{problem.m, problem.n, problem.k};
}

Region Schedule::clipped(Operand operand, Region tile) const {
  if (pad_of(operand) != Pad::Memtile)
    return tile;
  const int64_t rows = operand == Operand::B ? problem.k : problem.m;
  const int64_t cols = operand == Operand::A ? problem.k : problem.n;
  const bool rows_end = rows != (operand == Operand::B ? padded.k : padded.m);
  const bool cols_end = cols != (operand == Operand::A ? padded.k : padded.n);
  if (rows_end)
    tile.rows = std::clamp<int64_t>(rows - tile.row, 0, tile.rows);
  if (cols_end)
    tile.cols = std::clamp<int64_t>(cols - tile.col, 0, tile.cols);
  return tile;
}

void verify(const Schedule& s) {
  for (const L2Buffer& buffer : s.l2) {
    for (const Access& access : buffer.writers)
      check_region(buffer, access);
    for (const Access& access : buffer.readers)
      check_region(buffer, access);
  }
  for (const Stream& stream : s.streams)
    if (stream.destinations.empty())
      throw Error("rule `streams have a destination`: {} has none", stream.name);
  for (const Channel& channel : s.design.channels)
    for (const Descriptor& descriptor : channel.descriptors)
      check_descriptor(s, channel, descriptor);
}

}  // namespace npu::compiler::matmul
