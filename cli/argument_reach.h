// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>

#include "cli/settings.h"
#include "compiler/lower/lower.h"

namespace npu::cli {

/// How far into each argument of the host the descriptors reach that a sequence starts, in bytes,
/// by number. An argument that is named and never moved has 0.
std::map<uint32_t, uint64_t> argument_reach(const compiler::Lowered& lowered,
                                            const Settings& settings);

}  // namespace npu::cli
