// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/design/design.h"

namespace npu::compiler::matmul {

/// Words of so many elements.
uint64_t words(int64_t elements, arch::Type type);

/// A descriptor that walks those dimensions, innermost first. Dimensions of one are dropped, and
/// those that walk on where the inner one ends are joined.
Descriptor walk(const std::vector<Dim>& dims);

}  // namespace npu::compiler::matmul
