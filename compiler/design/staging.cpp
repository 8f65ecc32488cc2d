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

/// Extra values of a matrix.
int64_t extra_count(const Staging& s) {
  return s.extra == Staging::Extra::None ? 0 : s.extra == Staging::Extra::Line ? s.length : s.lines;
}

}  // namespace

uint64_t user_bytes(const Argument& argument) {
  if (!argument.staging)
    return argument.bytes();
  const Staging& s = *argument.staging;
  return static_cast<uint64_t>(s.matrices * s.lines * s.length) * arch::bytes_of(argument.type);
}

uint64_t extra_bytes(const Argument& argument) {
  if (!argument.staging || !argument.staging->extra_given)
    return 0;
  const Staging& s = *argument.staging;
  return static_cast<uint64_t>(extra_count(s)) * arch::bytes_of(argument.type);
}

std::vector<std::byte> stage(const Argument& argument, std::span<const std::byte> user,
                             std::span<const std::byte> extra) {
  check_bytes(argument, "a matrix", user.size(), user_bytes(argument));
  check_bytes(argument, "extra values", extra.size(), extra_bytes(argument));
  if (!argument.staging)
    return {user.begin(), user.end()};
  const Staging& s = *argument.staging;
  const auto each = static_cast<size_t>(arch::bytes_of(argument.type));
  std::vector<std::byte> staged(argument.bytes());
  if (s.margin != 0)
    for (size_t i = 0; i < staged.size(); i += each)
      std::memcpy(staged.data() + i, &s.margin, each);
  for_each_line(argument, [&](size_t from, size_t to, size_t bytes) {
    std::memcpy(staged.data() + to, user.data() + from, bytes);
  });
  for (int64_t matrix = 0; matrix < s.matrices; ++matrix)
    for (int64_t i = 0; i < extra_count(s); ++i) {
      const int64_t line = s.extra == Staging::Extra::Line ? s.lines : i;
      const int64_t element = s.extra == Staging::Extra::Line ? i : s.length;
      const int64_t at = (matrix * s.staged_lines + line) * s.staged_length + element;
      const void* value =
          s.extra_given ? static_cast<const void*>(extra.data() + static_cast<size_t>(i) * each)
                        : &s.extra_bits;
      std::memcpy(staged.data() + static_cast<size_t>(at) * each, value, each);
    }
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
