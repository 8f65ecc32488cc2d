// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "hw-model/logic/kernels/run.h"

namespace npu::logic::kernels {
namespace {

using arch::KernelSpec;
using Arguments = std::span<std::byte* const>;

/// A column of the 3x3 neighbourhood: the pixel above, the pixel, the pixel below.
struct Column {
  int above;
  int middle;
  int below;
  int weighted() const { return above + 2 * middle + below; }
};

void edge(const KernelSpec& spec, Arguments arguments) {
  const auto column = [&](int x) {
    const size_t at = static_cast<size_t>(std::clamp(x, 0, spec.m - 1));
    const auto pixel = [&](size_t line) { return std::to_integer<int>(arguments[line][at]); };
    return Column{pixel(0), pixel(1), pixel(2)};
  };
  Column left = column(0);
  Column here = left;
  for (int x = 0; x < spec.m; ++x) {
    const Column right = column(x + 1);
    const int gx = right.weighted() - left.weighted();
    const int gy = left.below - left.above + 2 * (here.below - here.above) +  //
                   right.below - right.above;
    const int strength = std::min(std::abs(gx) + std::abs(gy), 255);
    arguments[3][x] = static_cast<std::byte>(strength > spec.threshold ? strength : 0);
    left = here;
    here = right;
  }
}

}  // namespace

KernelFunction edge_kernel(const KernelSpec& spec) {
  return spec.a == arch::Type::I8 && spec.c == arch::Type::I8 ? edge : nullptr;
}

}  // namespace npu::logic::kernels
