// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <compare>
#include <initializer_list>
#include <string>
#include <string_view>

#include "xclbin/bytes.h"

namespace npu::xclbin {

struct Uuid {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool is_zero() const { return *this == Uuid{}; }
};

/// `6ba7b810-9dad-11d1-80b4-00c04fd430c8`
std::string to_string(const Uuid& uuid);

/// Hexadecimal digits; dashes and a `0x` before them do not count, short ones are filled with zeros
/// from the left. Throws Error for anything else.
Uuid parse_uuid(std::string_view text);

/// A UUID that depends on the parts and nothing else (version 8): what is written twice from the
/// same input is the same file.
Uuid uuid_of(std::initializer_list<View> parts);

}  // namespace npu::xclbin
