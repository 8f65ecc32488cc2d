// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hw-model/logic/kernel_registry.h"

namespace npu::logic {

/// Which elements of a core's tile of C are computed when only some are: whole blocks of one
/// instruction, so many that each row of A and each column of B takes part in at least one. It
/// follows from the seed and the tile alone, so that all steps of K compute the same. Every other
/// element holds the mark of its place in the tile.
class Sample {
 public:
  /// `matmul`: a spec with the tile's m and n and the types of its operands.
  Sample(const arch::KernelSpec& matmul, uint64_t seed);

  int rows() const { return block_rows_ * block_.m; }
  int columns() const { return block_columns_ * block_.n; }
  /// Whether an element of the tile is computed.
  bool has(int row, int column) const;
  /// What the accumulator of an element that is not computed holds, as a number: exact in every
  /// type that accumulates, and as bf16.
  int32_t mark(int row, int column) const;

  /// Blocks of C that are computed together: all of `rows` x `columns`, in blocks.
  struct Product {
    std::vector<int> rows;
    std::vector<int> columns;
  };
  const std::vector<Product>& products() const { return products_; }

 private:
  uint64_t seed_;
  arch::MatmulBlock block_;
  int block_rows_;
  int block_columns_;
  std::vector<Product> products_;
  std::vector<bool> computed_;  ///< [block row][block column]
};

/// A matmul kernel that computes a sample of its C, with the code of the full one.
class SampledMatmul {
 public:
  /// Throws Error when there is no kernel for the spec.
  SampledMatmul(const arch::KernelSpec& spec, uint64_t seed);

  /// Arguments as those of the kernel.
  void operator()(std::span<std::byte* const> arguments);

 private:
  /// A product of the sample, with operands of its own.
  struct Part {
    Sample::Product blocks;
    Kernel kernel;
    std::vector<std::byte> sums;
  };
  void multiply(Part& part, std::span<std::byte* const> arguments);

  arch::KernelSpec spec_;
  arch::MatmulBlock block_;
  std::vector<Part> parts_;
  std::vector<std::byte> marks_;  ///< a whole tile of C
  std::vector<std::byte> a_;      ///< of the part that is computed
  std::vector<std::byte> b_;
};

}  // namespace npu::logic
