// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace npu {

/// Anything a user can fix: a bad file, a matmul that does not fit, a program that writes a bad
/// descriptor. The text says where and what, with the value; the hint says what would be right.
class Error : public std::runtime_error {
 public:
  template <typename... Args>
  explicit Error(fmt::format_string<Args...> text, Args&&... args)
      : std::runtime_error(fmt::format(text, std::forward<Args>(args)...)) {}

  template <typename... Args>
  Error&& hint(fmt::format_string<Args...> text, Args&&... args) && {
    hint_ = fmt::format(text, std::forward<Args>(args)...);
    return std::move(*this);
  }

  const std::string& hint() const { return hint_; }

 private:
  std::string hint_;
};

}  // namespace npu
