// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "compiler/design/design.h"
#include "compiler/mlir/tree.h"

namespace npu::compiler::mlir {

/// The names of a Design in MLIR: one for each thing, unique, and close to its own.
class Scope {
 public:
  explicit Scope(const Design& design);

  const Design& design;

  Value tile(Coord tile) const;
  const Value& buffer(int index) const { return buffers_[static_cast<size_t>(index)]; }
  const Value& lock(int index) const { return locks_[static_cast<size_t>(index)]; }
  const std::string& shim_channel(int index) const {
    return shim_channels_[static_cast<size_t>(index)];
  }

  /// The tiles that something is on.
  const std::set<Coord>& tiles() const { return tiles_; }

  /// A name nothing has yet, made of that one: letters that MLIR does not allow become `_`.
  std::string fresh(std::string_view wanted);
  /// The same for a symbol, which may have any letters.
  std::string fresh_symbol(std::string_view wanted);

  /// A value with a fresh name.
  Value value(std::string_view wanted, std::string type);

  /// The symbol of a kernel for a call with operands of those types.
  std::string kernel(const arch::KernelSpec& spec, const std::vector<Value>& operands);
  /// Declarations of the kernels that were asked for.
  std::vector<Op> kernels() const;

 private:
  std::set<std::string> taken_;
  std::set<Coord> tiles_;
  std::vector<Value> buffers_;
  std::vector<Value> locks_;
  std::vector<std::string> shim_channels_;
  std::map<std::pair<std::string, std::string>, std::string>
      kernels_;  ///< text and signature to symbol
};

/// `memref<64x64xbf16>`
std::string memref(const std::vector<int64_t>& shape, arch::Type type);

// The parts of a device, each as the ops that make it.
std::vector<Op> dma_ops(Scope& scope);       ///< mlir_device.cpp
std::vector<Op> stream_ops(Scope& scope);    ///< mlir_streams.cpp
Op core_op(Scope& scope, const Core& core);  ///< mlir_core.cpp
/// Allocations of shim channels, the constants they need, and the runtime sequence
/// (mlir_sequence.cpp).
std::vector<Op> host_ops(Scope& scope);

/// Dimensions in elements of that size, outermost first, as the dialect writes them.
std::vector<Dim> element_dims(const std::vector<Dim>& dims, uint32_t element_bytes);
/// Words as elements of that size.
int64_t elements(uint64_t words, uint32_t element_bytes);
Attribute packet_info(const Packet& packet);
Attribute direction(Direction direction);

}  // namespace npu::compiler::mlir
