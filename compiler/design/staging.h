// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "compiler/design/design.h"

namespace npu::compiler {

/// Bytes of what the user has: without the margins.
uint64_t user_bytes(const Argument& argument);

/// The buffer that a launch reads, its margins filled. Throws Error when `user` has not the bytes
/// of the argument.
std::vector<std::byte> stage(const Argument& argument, std::span<const std::byte> user);

/// Takes what a launch wrote out of its buffer; the margins are dropped. Throws Error when a size
/// is not the argument's.
void unstage(const Argument& argument, std::span<const std::byte> staged,
             std::span<std::byte> user);

}  // namespace npu::compiler
