// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/hex_text.h"

#include <algorithm>
#include <charconv>

namespace npu::xclbin {

std::string hex_text(std::span<const uint32_t> words) {
  std::string text;
  for (const uint32_t word : words)
    text += fmt::format("{:08X}\n", word);
  return text;
}

Words parse_hex_text(std::string_view text) {
  Words words;
  for (size_t line = 1; !text.empty(); ++line) {
    std::string_view part = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    part = part.substr(0, part.find('#'));
    const size_t begin = part.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos)
      continue;
    part = part.substr(begin, part.find_last_not_of(" \t\r") + 1 - begin);
    if (part.starts_with("0x") || part.starts_with("0X"))
      part.remove_prefix(2);
    uint32_t word = 0;
    const auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), word, 16);
    if (problem != std::errc() || end != part.data() + part.size())
      throw Error("line {}: `{}` is not a word", line, part).hint("eight hexadecimal digits");
    words.push_back(word);
  }
  return words;
}

bool is_hex_text(View bytes) {
  constexpr size_t kEnough = 64;
  const View head = bytes.first(std::min(bytes.size(), kEnough));
  return !head.empty() && std::ranges::all_of(head, [](uint8_t c) {
    return c == '\n' || c == '\r' || c == '\t' || (c >= ' ' && c < 0x7F);
  });
}

}  // namespace npu::xclbin
