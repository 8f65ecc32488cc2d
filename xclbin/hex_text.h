// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <string_view>

#include "xclbin/bytes.h"

namespace npu::xclbin {

/// The words of a stream as text, eight hexadecimal digits a line, and back; `#` begins a comment.
std::string hex_text(std::span<const uint32_t> words);
Words parse_hex_text(std::string_view text);

/// True when the bytes are text of hexadecimal words rather than a binary stream.
bool is_hex_text(View bytes);

}  // namespace npu::xclbin
