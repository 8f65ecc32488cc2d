// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A micro-kernel of one's own: C[64,64] += A[64,64] B[64,64], bf16 to f32, in place of the one that
// is built in. A shared object has a function for each kernel that a design calls; `airlock compile
// FILE` prints their names.
//
//   c++ -std=c++20 -O2 -shared -fPIC -Ihw-model/sim configs/kernels/matmul_bf16.cpp -o mm.so
//   airlock run configs/problems/matmul_512.yaml --set kernels.matmul=mm.so
#include <cmath>
#include <cstdint>
#include <cstring>

#include "airlock_kernel.h"

namespace {

constexpr int kSide = 64;
// Matrices lie in the blocks of the multiply instruction, 4x8 times 8x4.
constexpr int kRows = 4;
constexpr int kDepth = 8;
constexpr int kColumns = 4;

float widen(uint16_t bf16) {
  const uint32_t bits = uint32_t{bf16} << 16;
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// Place of an element in a matrix of blocks.
int at(int row, int column, int block_rows, int block_columns) {
  const int block = row / block_rows * (kSide / block_columns) + column / block_columns;
  return (block * block_rows + row % block_rows) * block_columns + column % block_columns;
}

}  // namespace

extern "C" void matmul_bf16_bf16_f32_64x64x64(airlock_core* core, const int64_t* arguments) {
  const auto memory = [&](int argument, uint32_t bytes) {
    return core->memory(core, static_cast<uint64_t>(arguments[argument]), bytes);
  };
  const auto* a = static_cast<const uint16_t*>(memory(0, kSide * kSide * 2));
  const auto* b = static_cast<const uint16_t*>(memory(1, kSide * kSide * 2));
  auto* c = static_cast<float*>(memory(2, kSide * kSide * 4));
  if (a == nullptr || b == nullptr || c == nullptr)
    return;
  for (int row = 0; row < kSide; ++row)
    for (int column = 0; column < kSide; ++column) {
      float& sum = c[at(row, column, kRows, kColumns)];
      // One rounding for a product and its sum, in the order of k: the bits of the reference.
      for (int k = 0; k < kSide; ++k)
        sum = std::fma(widen(a[at(row, k, kRows, kDepth)]),
                       widen(b[at(k, column, kDepth, kColumns)]), sum);
    }
  core->spend(core, kSide * kSide * kSide / 64);
}
