// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/mlir/tree.h"

// Attributes of a tree that was read, taken apart. Each takes what a dictionary has (`2 : i32`) and
// what an op's own assembly has (`2`).
namespace npu::compiler::mlir {

/// `-2`, `0x1F : ui32`, `true`.
std::optional<int64_t> to_integer(std::string_view text);
std::optional<int64_t> integer_of(const Op& op, std::string_view name);

/// Whether it is there and not false.
bool flag_of(const Op& op, std::string_view name);

/// A string, symbol or word without its quotes and `@`; empty when it is not there.
std::string to_name(std::string_view text);
std::string name_of(const Op& op, std::string_view name);

/// The pieces of `[a, b]`, `array<i64: a, b>` or of an attribute of a dialect that holds a list.
std::vector<std::string_view> to_list(std::string_view text);

/// The value of a key in `<size = 2, stride = 1>`, with or without a name before it.
std::optional<std::string_view> field(std::string_view text, std::string_view key);
std::optional<int64_t> integer_field(std::string_view text, std::string_view key);

/// Elements of `dense<...>` as little-endian bytes: nested lists, one value for all, or hexadecimal
/// digits. Nothing when it is not that, or an element is not of that type (`i8`, `bf16` ...).
std::optional<std::vector<uint8_t>> dense_bytes(std::string_view text, std::string_view element,
                                                uint64_t elements);

}  // namespace npu::compiler::mlir
