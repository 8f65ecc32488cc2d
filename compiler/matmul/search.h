// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "compiler/matmul/cost.h"

namespace npu::compiler::matmul {

/// Tiles that fit, with what is predicted of them.
struct Candidate {
  Tiles tiles;
  Pads pads{};
  Prediction prediction;
};

/// Candidates for a problem, the best first: the fewest cycles, the host's copies counted as bytes
/// of DDR. Tile sizes, herds and K slices within L1, L2 and channels; an explicit herd is taken as
/// it is. Throws Error when nothing fits.
std::vector<Candidate> search(const Problem& problem, const arch::Partition& partition,
                              const arch::Timing& timing, const Options& options);

/// The first `most` candidates as a table, the chosen one on top.
std::string to_text(const std::vector<Candidate>& candidates, size_t most);

}  // namespace npu::compiler::matmul
