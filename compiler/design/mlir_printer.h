// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "compiler/design/design.h"
#include "compiler/mlir/tree.h"

namespace npu::compiler {

/// The Design as MLIR in the aie and aiex dialects: tiles, locks, buffers, DMA blocks, core bodies,
/// the host sequence; flows that have no route yet as flows, connections as switch boxes. Lengths,
/// offsets and steps are in elements of the buffer, as the dialect counts. A number that is not
/// assigned yet is left out, or -1 where the dialect needs one. Names of streams, and what the
/// dialect cannot say (tokens of tile channels, instructions that are not calls or lock
/// operations), are extra attributes and `airlock.` ops. In the generic form what refers to a
/// symbol is an `airlock.` op, too (`airlock.call`): tools that do not know aie.device look for
/// symbols elsewhere.
std::string print_mlir(const Design& design, MlirForm form = MlirForm::Pretty);

}  // namespace npu::compiler
