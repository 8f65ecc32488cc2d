// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>

namespace npu::differential {

/// The seeds of a run of the tests: `blocks` tests of each claim.
struct Seeds {
  uint64_t first;
  int blocks;
  /// Designs of a block: more for the claim that the fidelities agree, on which all else stands.
  int many;
  int some;
};
Seeds seeds();

}  // namespace npu::differential
