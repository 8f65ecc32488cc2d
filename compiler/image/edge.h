// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/design/design.h"
#include "hw-model/arch/device.h"

namespace npu::compiler::image {

/// Finds the edges of a grey image of `height` lines of `width` bytes: each line of the result is
/// the `edge` kernel (arch/kernel.h) of a line and its neighbours; beyond the image lies its first
/// or last line again.
struct Problem {
  int64_t width = 512;
  int64_t height = 512;
  int threshold = 0;  ///< weaker edges are black

  bool operator==(const Problem&) const = default;
};

/// `width=512 height=512 threshold=64`
std::string to_string(const Problem& problem);

/// The kernel that makes one line of the result.
arch::KernelSpec edge_kernel(const Problem& problem);

/// The transfer of whole lines of an argument.
Transfer lines_of(const Problem& problem, int shim, int argument, int64_t first, int64_t lines);
/// The transfers of the lines of a band and of one more on either side.
std::vector<Transfer> window_of(const Problem& problem, int shim, int64_t first, int64_t lines);

/// Cores that work at bands of the image, top to bottom: column by column, `rows` in each.
struct Cores {
  int columns = 1;
  int rows = 1;
};

/// A Design whose arguments are the image and its edges. A core keeps a window of lines that slides
/// down its band: each line comes once into a ring of lines and stays while it is above, in and
/// below the line that is computed. Missing `cores`: all columns, and as many rows as a shim has
/// channels. Throws Error when the image does not fit the cores.
Design build_edge(const Problem& problem, const arch::Partition& partition,
                  std::optional<Cores> cores = {});

}  // namespace npu::compiler::image
