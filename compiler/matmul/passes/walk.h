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

/// Lets the descriptor take so much of one lock and give it to another.
void guard(Descriptor& descriptor, int take, int give, int value);

/// Fills the whole buffer with an element: what arrives leaves the margin as it is.
void fill_margin(Buffer& buffer, uint32_t element);

}  // namespace npu::compiler::matmul
