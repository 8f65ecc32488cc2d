// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compiler/design/design.h"
#include "compiler/import/core_body.h"
#include "compiler/mlir/tree.h"

namespace npu::compiler {

struct ImportOptions {
  std::string file = {};      ///< what places are said in
  std::string device = {};    ///< in place of a name that no device has (`NPUDEVICE`): `npu2_4col`
  std::string sequence = {};  ///< which runtime sequence; empty: the first
  /// Where buffers without addresses go, of tiles that do not say: `basic-sequential` in the order
  /// of the text, else where there is room, bank by bank.
  std::string allocation = {};
  /// Whether shims get ways to the control ports of their columns, as mlir-aie's compiler makes
  /// them when it is asked for a control packet overlay.
  bool control_overlay = false;
  /// Bytes of arguments, by number, whose buffers are larger than the sequence says. Without it
  /// nothing is known of the host's buffers, and no transfer leaves them.
  std::optional<std::map<int, uint64_t>> sizes = {};
  /// Numbers that the host decides on, by name: arguments of the sequence that are no memory,
  /// parameters in its scratchpad, and what locks of its shims' DMA programs hold at the start of a
  /// run. As they are written, `4` or `1.5`.
  std::map<std::string, std::string, std::less<>> scalars = {};
  /// Depths of object fifos in place of those in the text, of all ends, by name.
  std::map<std::string, int, std::less<>> depths = {};
  /// Whether cores may have an ELF file in place of a body: the design is looked at, and not run.
  bool without_bodies = false;
  /// The kernel of an external function.
  std::function<ExternalKernel(std::string_view name, std::span<const CallArgument>)> kernel = {};
};

/// The Design that a module of the aie and aiex dialects describes: what lowering does not fill in
/// by itself is decided here as the dialects' own lowering decides it (object fifos become buffers,
/// locks, descriptors and flows; the runtime sequence becomes commands). Numbers, addresses and
/// routes that are given are kept. Names and places in the file travel along. Throws Error with
/// file, line and column of the op that has no meaning here, and how many others have none.
Design import_module(const mlir::Op& module, const ImportOptions& options);

/// Only the cores of such a module, with the buffers and locks of its tiles and the arguments of
/// its sequence (no elements where their size is not known): programs for a configuration that
/// comes from elsewhere. Of the buffers, those that the bodies bring along (constant data) have
/// initial words, and addresses where nothing else is. Throws Error for buffers without address,
/// locks without number, and cores without body.
Design import_programs(const mlir::Op& module, const ImportOptions& options);

}  // namespace npu::compiler
