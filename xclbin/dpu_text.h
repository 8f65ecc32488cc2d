// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "xclbin/bytes.h"
#include "xclbin/decoded.h"

namespace npu::xclbin {

/// An operation of the instruction text that preceded transactions. Its code is the top byte of its
/// first word; column [23:16] and row [15:8].
struct DpuOpRow {
  uint8_t code;
  std::string_view name;
  uint8_t words;       ///< 0: its length is not published
  uint8_t core_words;  ///< in rows of core tiles, when that differs
};

std::span<const DpuOpRow> dpu_ops();

struct DpuOpView {
  const DpuOpRow& row;
  std::span<const uint32_t> words;
  size_t index;  ///< of its first word
};

/// True when the words begin as such a stream and not as a transaction.
bool is_dpu_text(std::span<const uint32_t> words);

/// Calls `visit` for every operation; a prolog of early compilers is stepped over. Throws Error
/// with the word.
void for_each_dpu_op(std::span<const uint32_t> words,
                     const std::function<void(const DpuOpView&)>& visit);

/// The stream as Commands. Descriptors of shims are patched to the argument of their memory's
/// number (input, parameters, output, ... in the order of the call), at the offset that they hold.
/// Throws Error with the word.
Decoded dpu_commands(std::span<const uint32_t> words);

}  // namespace npu::xclbin
