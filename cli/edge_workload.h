// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "cli/workload.h"

namespace npu::cli {

/// Finds the edges on the host and compares byte by byte, sharing no code with the model's kernel:
/// two sums of nine products for each pixel, pixels beyond the image are those at its end.
Comparison compare_edges(const compiler::image::Problem& problem, std::span<const std::byte> image,
                         std::span<const std::byte> edges);

/// The edge detection of a sim file, compiled, with an image from its seed. Throws Error when it
/// cannot be compiled.
std::unique_ptr<Workload> compile_edge(const Settings& settings);

}  // namespace npu::cli
