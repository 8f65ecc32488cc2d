// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/sample.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

namespace npu::logic {
namespace {

using arch::KernelSpec;
using arch::Type;

uint64_t mixed(uint64_t x) {
  x = (x ^ x >> 32) * 0xD6E8'FEB8'6659'FD93;
  x = (x ^ x >> 32) * 0xD6E8'FEB8'6659'FD93;
  return x ^ x >> 32;
}

/// 0 to count - 1 in an order of the seed's.
std::vector<int> shuffled(int count, uint64_t seed) {
  std::vector<int> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (size_t left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[(seed = mixed(seed + left)) % left]);
  return order;
}

/// Deals `order` to `players`, who all get equally many: from its start again where it does not
/// divide.
std::vector<std::vector<int>> dealt(const std::vector<int>& order, int players) {
  const size_t each = (order.size() + static_cast<size_t>(players) - 1) / size_t(players);
  std::vector<std::vector<int>> hands(static_cast<size_t>(players));
  size_t next = 0;
  for (std::vector<int>& hand : hands)
    for (size_t i = 0; i < each; ++i)
      hand.push_back(order[next++ % order.size()]);
  return hands;
}

/// Marks of a tile as its kernel stores them.
std::vector<std::byte> marks_of(const KernelSpec& spec, const Sample& sample) {
  const Type sums = arch::accumulator_of(spec.a);
  const arch::MatmulBlock block = arch::matmul_block(spec.a);
  std::vector<uint32_t> marks;
  for (int block_row = 0; block_row < spec.m; block_row += block.m)
    for (int block_column = 0; block_column < spec.n; block_column += block.n)
      for (int row = block_row; row < block_row + block.m; ++row)
        for (int column = block_column; column < block_column + block.n; ++column) {
          const int32_t mark = sample.mark(row, column);
          const auto number = static_cast<float>(mark);
          uint32_t& bits = marks.emplace_back(static_cast<uint32_t>(mark));
          if (sums == Type::F32)
            std::memcpy(&bits, &number, sizeof bits);
        }
  std::vector<std::byte> stored(marks.size() * arch::bytes_of(spec.c));
  KernelSpec cast{.op = arch::KernelOp::Cast,
                  .a = sums,
                  .b = sums,
                  .c = spec.c,
                  .m = static_cast<int>(marks.size()),
                  .rounding = spec.rounding,
                  .shift = spec.shift};
  if (spec.c == sums)
    cast.op = arch::KernelOp::Copy;
  const std::array arguments{reinterpret_cast<std::byte*>(marks.data()), stored.data()};
  find_kernel(cast).run(cast, arguments);
  return stored;
}

/// Blocks of a packed operand, [rows][columns] of `bytes` each.
struct Packed {
  Packed(std::byte* operand, size_t a_row, size_t elements, Type type)
      : data(operand), columns(a_row), bytes(elements * arch::bytes_of(type)) {}

  std::byte* at(size_t row, size_t column) const { return data + (row * columns + column) * bytes; }

  std::byte* data;
  size_t columns;
  size_t bytes;
};

/// `visit` with each block of C that a product computes: its row and column there, and in C.
template <typename Visit>
void for_each_block(const Sample::Product& product, Visit visit) {
  for (size_t r = 0; r < product.rows.size(); ++r)
    for (size_t s = 0; s < product.columns.size(); ++s)
      visit(r, s, static_cast<size_t>(product.rows[r]), static_cast<size_t>(product.columns[s]));
}

}  // namespace

Sample::Sample(const KernelSpec& matmul, uint64_t seed)
    : seed_(mixed(seed + 1)),
      block_(arch::matmul_block(matmul.a, matmul.b)),
      block_rows_(matmul.m / block_.m),
      block_columns_(matmul.n / block_.n),
      computed_(static_cast<size_t>(block_rows_) * static_cast<size_t>(block_columns_)) {
  const std::vector<int> rows = shuffled(block_rows_, seed_);
  const std::vector<int> columns = shuffled(block_columns_, seed_ + 1);
  // The shorter side is gone through once, with as many of the other as that takes.
  if (block_rows_ <= block_columns_) {
    const auto hands = dealt(columns, block_rows_);
    for (size_t i = 0; i < rows.size(); ++i)
      products_.push_back({{rows[i]}, hands[i]});
  } else {
    const auto hands = dealt(rows, block_columns_);
    for (size_t i = 0; i < columns.size(); ++i)
      products_.push_back({hands[i], {columns[i]}});
  }
  for (const Product& product : products_)
    for (const int row : product.rows)
      for (const int column : product.columns)
        computed_[static_cast<size_t>(row * block_columns_ + column)] = true;
}

bool Sample::has(int row, int column) const {
  return computed_[static_cast<size_t>(row / block_.m * block_columns_ + column / block_.n)];
}

int32_t Sample::mark(int row, int column) const {
  const uint64_t bits = mixed(seed_ + static_cast<uint64_t>(row * columns() + column));
  // Eight bits that count, anywhere in 20.
  const int32_t size = static_cast<int32_t>(128 + (bits & 127)) << (bits >> 7) % 13;
  return bits >> 63 ? -size : size;
}

SampledMatmul::SampledMatmul(const KernelSpec& spec, uint64_t seed)
    : spec_(find_kernel(spec).spec), block_(arch::matmul_block(spec.a)) {
  const Sample sample(spec, seed);
  marks_ = marks_of(spec, sample);
  for (const Sample::Product& product : sample.products()) {
    KernelSpec part = spec;
    part.m = static_cast<int>(product.rows.size()) * block_.m;
    part.n = static_cast<int>(product.columns.size()) * block_.n;
    Kernel kernel = find_kernel(part);
    a_.resize(std::max<size_t>(a_.size(), kernel.arguments[0].bytes));
    b_.resize(std::max<size_t>(b_.size(), kernel.arguments[1].bytes));
    const size_t bytes = kernel.arguments[2].bytes;
    parts_.push_back({product, std::move(kernel), std::vector<std::byte>(bytes)});
  }
}

void SampledMatmul::operator()(std::span<std::byte* const> arguments) {
  for (Part& part : parts_)
    multiply(part, arguments);
  std::memcpy(arguments[2], marks_.data(), marks_.size());
  const auto elements = static_cast<size_t>(block_.m * block_.n);
  const Packed c(arguments[2], static_cast<size_t>(spec_.n / block_.n), elements, spec_.c);
  for (Part& part : parts_) {
    const Packed sums(part.sums.data(), part.blocks.columns.size(), elements, spec_.c);
    for_each_block(part.blocks, [&](size_t r, size_t s, size_t row, size_t column) {
      std::memcpy(c.at(row, column), sums.at(r, s), c.bytes);
    });
  }
}

void SampledMatmul::multiply(Part& part, std::span<std::byte* const> arguments) {
  const auto& [rows, columns] = part.blocks;
  const auto depth = static_cast<size_t>(spec_.k / block_.k);
  const auto width = static_cast<size_t>(spec_.n / block_.n);
  const auto a_elements = static_cast<size_t>(block_.m * block_.k);
  const Packed a(arguments[0], depth, a_elements, spec_.a);
  const Packed part_a(a_.data(), depth, a_elements, spec_.a);
  for (size_t r = 0; r < rows.size(); ++r)
    std::memcpy(part_a.at(r, 0), a.at(static_cast<size_t>(rows[r]), 0), depth * a.bytes);

  const auto b_elements = static_cast<size_t>(block_.k * block_.n);
  const Packed b(arguments[1], width, b_elements, spec_.b);
  const Packed part_b(b_.data(), columns.size(), b_elements, spec_.b);
  for (size_t k = 0; k < depth; ++k)
    for (size_t s = 0; s < columns.size(); ++s)
      std::memcpy(part_b.at(k, s), b.at(k, static_cast<size_t>(columns[s])), b.bytes);

  const auto c_elements = static_cast<size_t>(block_.m * block_.n);
  const Packed c(arguments[2], width, c_elements, spec_.c);
  const Packed part_c(part.sums.data(), columns.size(), c_elements, spec_.c);
  if (!spec_.overwrite)
    for_each_block(part.blocks, [&](size_t r, size_t s, size_t row, size_t column) {
      std::memcpy(part_c.at(r, s), c.at(row, column), c.bytes);
    });
  const std::array operands{part_a.data, part_b.data, part_c.data};
  part.kernel.run(part.kernel.spec, operands);
}

}  // namespace npu::logic
