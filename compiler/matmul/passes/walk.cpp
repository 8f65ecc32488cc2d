// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/passes/walk.h"

namespace npu::compiler::matmul {

namespace {

constexpr uint64_t kMaxWrap = 1023;  ///< of a memtile descriptor (hardware reference 4.1)

/// Drops dimensions of one and joins those that walk on where the inner one ends; empty when all is
/// one run.
std::vector<Dim> tidy(const std::vector<Dim>& dims) {
  std::vector<Dim> result;
  uint64_t length = 1;
  bool linear = true;
  for (const Dim& dim : dims) {
    linear &= dim.size == 1 || dim.step == length;
    length *= dim.size;
    if (dim.size == 1)
      continue;
    if (!result.empty() && dim.step == result.back().size * result.back().step &&
        result.back().size * dim.size <= kMaxWrap)
      result.back().size *= dim.size;
    else
      result.push_back(dim);
  }
  return linear ? std::vector<Dim>{} : result;
}

}  // namespace

uint64_t words(int64_t elements, arch::Type type) {
  return static_cast<uint64_t>(elements) * arch::bytes_of(type) / 4;
}

Descriptor walk(const std::vector<Dim>& dims) {
  Descriptor descriptor{.length = 1, .dims = tidy(dims)};
  for (const Dim& dim : dims)
    descriptor.length *= dim.size;
  return descriptor;
}

void guard(Descriptor& descriptor, int take, int give, int value) {
  descriptor.acquire = LockUse{take, value};
  descriptor.release = LockUse{give, value};
}

void fill_margin(Buffer& buffer, uint32_t element) {
  const uint32_t word = arch::bytes_of(buffer.type) == 2 ? element << 16 | element : element;
  buffer.initial.assign(buffer.bytes() / 4, word);
}

}  // namespace npu::compiler::matmul
