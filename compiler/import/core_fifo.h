// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "compiler/import/core_emit.h"

// Object fifos in a core body. An acquire waits for those objects that are not held yet, so that a
// program must know how many it holds: most know it at every place; others count.
namespace npu::compiler::core {

/// At the beginning of a core: the fifos that it uses, their elements in registers.
void prepare_fifos(Emitter& out, const mlir::Op& core);

bool lower_fifo(Emitter& out, const mlir::Op& op);

}  // namespace npu::compiler::core
