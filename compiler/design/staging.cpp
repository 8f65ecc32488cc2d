// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/design/staging.h"

#include <cstring>

#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

void check_bytes(const Argument& argument, std::string_view what, size_t bytes, uint64_t wanted) {
  if (bytes != wanted)
    throw Error("argument {}: {} of {} bytes, not {}", argument.name, what, bytes, wanted);
}

/// Calls `f(user, staged, bytes)` with the offsets of every line.
template <typename F>
void for_each_line(const Argument& argument, F f) {
  const Staging& s = *argument.staging;
  const auto bytes = static_cast<size_t>(arch::bytes_of(argument.type));
  const size_t line = static_cast<size_t>(s.length) * bytes;
  const size_t pitch = static_cast<size_t>(s.staged_length) * bytes;
  size_t user = 0;
  for (int64_t matrix = 0; matrix < s.matrices; ++matrix)
    for (int64_t i = 0; i < s.lines; ++i, user += line)
      f(user, static_cast<size_t>(matrix * s.staged_lines + i) * pitch, line);
}

}  // namespace

uint64_t user_bytes(const Argument& argument) {
  if (!argument.staging)
    return argument.bytes();
  const Staging& s = *argument.staging;
  return static_cast<uint64_t>(s.matrices * s.lines * s.length) * arch::bytes_of(argument.type);
}

std::vector<std::byte> stage(const Argument& argument, std::span<const std::byte> user) {
  check_bytes(argument, "a matrix", user.size(), user_bytes(argument));
  if (!argument.staging)
    return {user.begin(), user.end()};
  const auto bytes_each = static_cast<size_t>(arch::bytes_of(argument.type));
  std::vector<std::byte> staged(argument.bytes());
  if (argument.staging->margin != 0)
    for (size_t i = 0; i < staged.size(); i += bytes_each)
      std::memcpy(staged.data() + i, &argument.staging->margin, bytes_each);
  for_each_line(argument, [&](size_t from, size_t to, size_t bytes) {
    std::memcpy(staged.data() + to, user.data() + from, bytes);
  });
  return staged;
}

void unstage(const Argument& argument, std::span<const std::byte> staged,
             std::span<std::byte> user) {
  check_bytes(argument, "a matrix", user.size(), user_bytes(argument));
  check_bytes(argument, "a buffer", staged.size(), argument.bytes());
  if (!argument.staging) {
    std::memcpy(user.data(), staged.data(), user.size());
    return;
  }
  for_each_line(argument, [&](size_t to, size_t from, size_t bytes) {
    std::memcpy(user.data() + to, staged.data() + from, bytes);
  });
}

}  // namespace npu::compiler
