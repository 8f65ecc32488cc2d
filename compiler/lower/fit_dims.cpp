// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>

#include "compiler/lower/passes.h"
#include "hw-model/arch/dma.h"

namespace npu::compiler {

namespace {

using arch::TileKind;

uint64_t longest_wrap(TileKind kind) {
  return (uint64_t{1} << arch::bd_field(kind, arch::BdField::D0Wrap)->bits.width()) - 1;
}

/// Drops dimensions of one step and joins a dimension with the next when that goes on where it
/// ends.
std::vector<Dim> joined(const std::vector<Dim>& dims) {
  std::vector<Dim> result;
  for (const Dim& dim : dims) {
    if (dim.size == 1)
      continue;
    if (!result.empty() && dim.step == result.back().size * result.back().step)
      result.back().size *= dim.size;
    else
      result.push_back(dim);
  }
  if (result.size() == 1 && result[0].step == 1)
    result.clear();
  return result;
}

/// Splits what is longer than a wrap counts into two dimensions, the inner one as long as possible.
/// The last dimension goes on by itself and is never too long.
std::vector<Dim> split(const std::vector<Dim>& dims, uint64_t longest) {
  std::vector<Dim> result;
  for (size_t i = 0; i < dims.size(); ++i) {
    const Dim& dim = dims[i];
    uint64_t inner = dim.size;
    if (i + 1 < dims.size() && dim.size > longest)
      for (inner = longest; inner > 1 && dim.size % inner != 0;)
        --inner;
    if (inner == 1 || inner == dim.size) {
      result.push_back(dim);
      continue;
    }
    result.push_back({inner, dim.step});
    result.push_back({dim.size / inner, inner * dim.step});
  }
  return result;
}

/// Leaves a walk alone that goes on beyond its last dimension: which one that is decides where it
/// goes.
void fit(std::vector<Dim>& dims, uint64_t words, TileKind kind) {
  uint64_t product = 1;
  for (const Dim& dim : dims)
    product *= dim.size;
  if (words <= product)
    dims = split(joined(dims), longest_wrap(kind));
}

/// A fourth dimension of a transfer is the iteration of its descriptor, and one without a step its
/// repetition (hardware reference 4.4, 4.5).
void move_outermost_to_repeat(Transfer& transfer) {
  if (transfer.dims.empty() || transfer.repeat != 1)
    return;
  const Dim outer = transfer.dims.back();
  if (transfer.dims.size() < 4 && outer.step != 0)
    return;
  transfer.dims.pop_back();
  transfer.length /= outer.size;
  transfer.repeat = static_cast<int>(outer.size);
  transfer.iteration_step = outer.step;
}

}  // namespace

void fit_dims(Design& design) {
  for (Channel& channel : design.channels)
    for (Descriptor& descriptor : channel.descriptors)
      if (descriptor.pads.empty())
        fit(descriptor.dims, descriptor.length, channel.tile.kind());
  for (HostOp& op : design.sequence)
    if (auto* transfer = std::get_if<Transfer>(&op)) {
      fit(transfer->dims, transfer->length, TileKind::Shim);
      move_outermost_to_repeat(*transfer);
      fit(transfer->dims, transfer->length, TileKind::Shim);
    }
}

}  // namespace npu::compiler
