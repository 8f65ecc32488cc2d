// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/uuid.h"

#include <charconv>

namespace npu::xclbin {

std::string to_string(const Uuid& uuid) {
  std::string text;
  for (size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      text += '-';
    text += fmt::format("{:02x}", uuid.bytes[i]);
  }
  return text;
}

Uuid parse_uuid(std::string_view text) {
  std::string digits;
  for (const char c : text.starts_with("0x") ? text.substr(2) : text)
    if (c != '-')
      digits += c;
  Uuid uuid;
  if (digits.empty() || digits.size() > 2 * uuid.bytes.size() ||
      digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
    throw Error("`{}` is not a UUID", text).hint("up to 32 hexadecimal digits");
  digits.insert(0, 2 * uuid.bytes.size() - digits.size(), '0');
  for (size_t i = 0; i < uuid.bytes.size(); ++i)
    std::from_chars(&digits[2 * i], &digits[2 * i] + 2, uuid.bytes[i], 16);
  return uuid;
}

Uuid uuid_of(std::initializer_list<View> parts) {
  // FNV-1a with two starts: spread, not security.
  constexpr uint64_t kPrime = 0x0000'0100'0000'01B3;
  std::array<uint64_t, 2> hash{0xCBF2'9CE4'8422'2325, 0x8422'2325'CBF2'9CE4};
  const auto mix = [&](uint8_t byte) {
    for (uint64_t& h : hash)
      h = (h ^ byte) * kPrime;
    hash[1] ^= hash[0] >> 32;
  };
  for (const View part : parts) {
    for (const uint8_t byte : part)
      mix(byte);
    for (int i = 0; i < 8; ++i)
      mix(static_cast<uint8_t>(part.size() >> 8 * i));
  }
  Uuid uuid;
  for (size_t i = 0; i < uuid.bytes.size(); ++i)
    uuid.bytes[i] = static_cast<uint8_t>(hash[i / 8] >> 8 * (i % 8));
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0F) | 0x80);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);
  return uuid;
}

}  // namespace npu::xclbin
