// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/mlir/tree.h"

namespace npu::compiler::explain {

/// The memories, by their numbers in the types of a schedule: 0 is DDR, 1 that of memory tiles, 2
/// that of cores.
enum class Space { L3, L2, L1 };
std::string_view to_string(Space space);

/// One dimension of a loop.
struct Loop {
  std::string name;  ///< of its variable: `%k`
  mlir::Location location;
  int64_t trips = 0;
  int op = 0;             ///< dimensions of one op have the same
  bool parallel = false;  ///< of `scf.forall`
  bool cores = false;     ///< its steps are cores: the innermost `scf.forall` around work on L1
};

struct Buffer {
  std::string name;
  Space space = Space::L3;
  int64_t elements = 0;  ///< mlir::kDynamic when its type does not say
};

/// A part of a buffer that an op reads or writes, and the loops (by number) on whose variables it
/// depends which part that is.
struct Access {
  int buffer = -1;
  std::set<int> depends = {};
};

/// An op that writes memory.
struct Move {
  enum class Kind { Copy, Fill, Compute };
  Kind kind = Kind::Copy;
  std::string op;
  mlir::Location location;
  std::vector<Access> reads = {};  ///< of a copy its source, of a computation its inputs
  Access write = {};
  int64_t elements = 0;         ///< that a copy moves, or a fill writes, at a time
  int64_t bytes = 0;            ///< of them
  bool sums = false;            ///< a computation along a dimension that it reduces
  std::vector<int> loops = {};  ///< around it, the outermost first
};

/// Loops around copies, as a schedule has them.
struct Nest {
  std::vector<Loop> loops;
  std::vector<Buffer> buffers;
  std::vector<Move> moves;

  /// How often it is done: the trips of the loops around it.
  int64_t times(const Move& move) const;
  /// Where the bytes of a copy or fill come from; a memory tile has no core, so that zeros for it
  /// come from L3.
  Space from(const Move& move) const;
  Space to(const Move& move) const;
  /// Whether bytes go from one memory to another.
  bool crosses(const Move& move) const;
};

/// Reads a schedule: scf.forall, scf.for and affine.for with constant bounds around linalg.copy,
/// memref.copy, packs and unpacks, linalg.fill and computations, on memrefs or tensors. `text` is
/// what `module` was read from. Throws Error with line, column and caret.
Nest read_nest(const mlir::Op& module, std::string_view text, const std::string& file);

}  // namespace npu::compiler::explain
