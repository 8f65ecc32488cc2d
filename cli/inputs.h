// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cli/settings.h"

namespace npu::cli {

/// Elements of a host matrix, generated from a seed: the same seed gives the same bytes on every
/// machine. `stream` tells the operands of one run apart. Uniform floats lie in [-1, 1), uniform
/// integers in all of their range.
std::vector<std::byte> make_matrix(arch::Type type, uint64_t elements, uint64_t seed,
                                   uint64_t stream, Inputs inputs);

}  // namespace npu::cli
