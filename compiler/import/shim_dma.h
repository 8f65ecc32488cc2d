// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <vector>

#include "compiler/design/design.h"
#include "compiler/mlir/tree.h"

namespace npu::compiler::import {

/// A descriptor of a shim's DMA program: between the stream and a buffer of the host.
struct ShimDescriptor {
  const mlir::Op* op = nullptr;           ///< what errors speak of
  std::vector<const mlir::Op*> ops = {};  ///< of its block; empty: all of `memory`
  mlir::Value memory = {};
  std::vector<Dim> dims = {};  ///< words, innermost first, of all of `memory`
  std::optional<LockUse> acquire = {};
  std::optional<LockUse> release = {};
  std::optional<int> id = {};  ///< descriptor number
};

/// A chain of descriptors on a channel of a shim. On an NPU nothing but the host's commands writes
/// and starts it, because only they know where the buffers are.
struct ShimTask {
  const mlir::Op* op = nullptr;
  int channel = 0;  ///< index into Design::shim_channels
  std::vector<ShimDescriptor> descriptors = {};
  std::optional<int> back = {};  ///< descriptor that follows the last; missing: the task ends
  int repeat = 1;
  bool token = false;   ///< is asked for
  bool started = true;  ///< else it is only written
  bool out_of_order = false;
};

}  // namespace npu::compiler::import
