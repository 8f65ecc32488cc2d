// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "compiler/matmul/problem.h"
#include "compiler/matmul/strategy.h"

namespace npu::compiler::matmul {

enum class Operand : uint8_t { A, B, C };
constexpr char to_char(Operand operand) {
  return "ABC"[static_cast<int>(operand)];
}
Type type_of(const Problem& problem, Operand operand);
bool column_major(const Problem& problem, Operand operand);
/// Rows and columns of an operand whose problem has these sizes.
std::array<int64_t, 2> sides_of(Operand operand, const Shape& sizes);

/// What becomes of an operand whose sizes the tiles do not divide.
enum class Pad : uint8_t {
  None,     ///< they do
  Memtile,  ///< L2 buffers have a margin, which holds zeros and is never written
  Host,     ///< the host copies it into, or out of, a buffer of whole tiles
};
std::string_view to_string(Pad pad);

/// Of A, B and C.
using Pads = std::array<Pad, 3>;

/// Sizes of the problem, up to whole L2 tiles.
Shape padded_sizes(const Problem& problem, const Tiles& tiles);

/// The way of each operand that moves the fewest bytes. A margin in L2 moves none, and serves
/// dimensions that one tile covers and that come in whole words; the host's copies serve all.
Pads pads_of(const Problem& problem, const Options& options, int columns, const Tiles& tiles);

/// Bytes that the host's copies read and write.
uint64_t staged_bytes(const Problem& problem, const Tiles& tiles, const Pads& pads);

/// Bits of an element in a margin. Along K the products of margins are added to every sum: of
/// floats they must be -0, which alone leaves a sum of either zero as it is, so A has -0 there and
/// B has +0.
uint32_t margin_bits(Operand operand, Type type);

}  // namespace npu::compiler::matmul
