// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "compiler/design/design.h"

namespace npu::compiler {

/// Bytes of what the user has: without the margins.
uint64_t user_bytes(const Argument& argument);

/// Bytes of the extra values that the host is given; 0: none are.
uint64_t extra_bytes(const Argument& argument);

/// The buffer that a launch reads, its margins filled. Throws Error when `user` or `extra` have not
/// the bytes that the argument says.
std::vector<std::byte> stage(const Argument& argument, std::span<const std::byte> user,
                             std::span<const std::byte> extra = {});

/// Takes what a launch wrote out of its buffer; the margins are dropped. Throws Error when a size
/// is not the argument's.
void unstage(const Argument& argument, std::span<const std::byte> staged,
             std::span<std::byte> user);

}  // namespace npu::compiler
