// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <filesystem>

#include "xclbin/bytes.h"

namespace npu::xclbin {

/// The contents of a file. Throws Error with the path.
Bytes read_file(const std::filesystem::path& path);

/// Replaces a file as a whole: what is written goes to a file beside it, which then takes its name,
/// so that a failure leaves the old contents. Throws Error with the path.
void write_file(const std::filesystem::path& path, View bytes);

}  // namespace npu::xclbin
