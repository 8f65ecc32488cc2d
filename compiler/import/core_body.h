// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/design/design.h"

namespace npu::compiler {

namespace mlir {
struct Op;
}

/// One end of an object fifo, at the core that uses it. `acquire` is the lock that the core waits
/// for, `release` the one it adds to; both count objects.
struct CoreFifo {
  std::string name = {};
  int acquire_lock = 0;            ///< index into Design::locks
  int release_lock = 0;            ///< index into Design::locks
  std::vector<int> elements = {};  ///< indices into Design::buffers, in the order of use
};

/// What an acquire, release or access op of an object fifo is about.
struct FifoUse {
  const CoreFifo* fifo = nullptr;
  int objects = 1;
};

/// The kernel of an external function and which of the call's arguments it gets, or why there is
/// none.
struct ExternalKernel {
  std::optional<arch::KernelSpec> spec = {};
  std::vector<int> arguments = {};
  std::string missing = {};
};

/// Type of an argument of a call as far as a kernel cares: a region of memory or a number.
struct CallArgument {
  bool memory = false;
  std::string element = {};           ///< `i32`, `ui8`, `bf16`, `index`
  std::vector<int64_t> shape = {};    ///< of a memref
  std::optional<int64_t> value = {};  ///< of a number that is known
};

/// What a core body means by the names that stand outside it.
struct CoreContext {
  Coord tile = {};
  int stack_bytes = 1024;
  int next_buffer = 0;              ///< index that the first of `CoreProgram::globals` will have
  std::map<int, int> buffers = {};  ///< value id to index into Design::buffers
  std::map<int, int> locks = {};    ///< value id to index into Design::locks
  /// The `func.func` or `memref.global` of a symbol (without `@`); null when there is none.
  std::function<const mlir::Op*(std::string_view symbol)> symbol = {};
  /// The fifo and the number of objects of an acquire or release.
  std::function<FifoUse(const mlir::Op&)> fifo = {};
  /// The kernel of a function that has no body.
  std::function<ExternalKernel(std::string_view name, std::span<const CallArgument>)> kernel = {};
};

/// A body as a core executes it, to be put into a Core.
struct CoreProgram {
  arch::Program program = {};
  std::vector<Core::Reference> buffers = {};
  std::vector<Core::Reference> locks = {};
  std::vector<Buffer> globals = {};  ///< of the core: constant data that the body reads
};

/// Turns the body of an `aie.core` into a program. Throws Error naming the op and its place in the
/// file, and how many other ops are affected, for what has no meaning here; for external functions
/// without a kernel, listing all of them; for a program that needs more than the program memory or
/// the stack.
CoreProgram compile_core(const mlir::Op& core, const CoreContext& context);

}  // namespace npu::compiler
