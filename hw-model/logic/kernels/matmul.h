// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>

namespace npu::logic::kernels {

/// Sizes of one matmul, in elements; multiples of the operand type's block.
struct Product {
  int m;
  int k;
  int n;
  bool overwrite;  ///< start from +0, not from C
};

/// C[m,n] += A[m,k] B[k,n] on packed blocks (arch/kernel.h), none transposed, C in the accumulator
/// type. `scratch` is `scratch_bytes` long and 64-byte aligned; the others are 4-byte aligned.
using MatmulFunction = void(const Product& product, const std::byte* a, const std::byte* b,
                            std::byte* c, std::byte* scratch);

/// Enough for every code below: both operands widened to 4 bytes, and a column of blocks to spare.
constexpr size_t scratch_bytes(const Product& p) {
  return (size_t(p.m) * size_t(p.k) + size_t(p.k) * size_t(p.n + 8)) * 4;
}

// The same bits from each, NaN payloads apart. The scalar ones are the definition; each x86
// namespace is one source file with the compiler flags of its instruction set, and must only be
// called where that is present.
namespace scalar {
MatmulFunction bf16, f32, i8, i16, i32;
}
namespace x86_64_v3 {
MatmulFunction bf16, f32, i8, i16, i32;
}
namespace x86_64_v4 {
MatmulFunction bf16, f32, i8, i16, i32;
}
namespace avx512bf16 {
MatmulFunction bf16;
}

}  // namespace npu::logic::kernels
