// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "hw-model/arch/device.h"

namespace npu::arch {

/// The register reference of a kind of tile as Markdown, printed from the tables the model runs on:
/// every register with its offset, what the model does with it and its fields, then the words of a
/// buffer descriptor.
std::string register_reference(TileKind kind, Generation generation);

}  // namespace npu::arch
