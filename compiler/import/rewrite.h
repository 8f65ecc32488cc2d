// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "compiler/mlir/tree.h"

namespace npu::compiler::import {

/// Rewrites one device; values of its own begin at that id. Returns the next free one.
using DeviceRewrite = std::function<int(mlir::Op& device, int next)>;

/// The module with all its devices rewritten; nothing when no op of that name is in it.
std::optional<mlir::Op> rewrite_devices(const mlir::Op& module, std::string_view op,
                                        const DeviceRewrite& rewrite);

}  // namespace npu::compiler::import
