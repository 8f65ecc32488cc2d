// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/bytes.h"

#include <algorithm>

namespace npu::xclbin {

uint64_t Reader::little_endian(int size, std::string_view field) {
  const View raw = bytes(size, field);
  uint64_t value = 0;
  for (int i = size; i-- > 0;)
    value = value << 8 | raw[i];
  return value;
}

uint8_t Reader::u8(std::string_view field) {
  return static_cast<uint8_t>(little_endian(1, field));
}
uint16_t Reader::u16(std::string_view field) {
  return static_cast<uint16_t>(little_endian(2, field));
}
uint32_t Reader::u32(std::string_view field) {
  return static_cast<uint32_t>(little_endian(4, field));
}
uint64_t Reader::u64(std::string_view field) {
  return little_endian(8, field);
}

View Reader::bytes(uint64_t size, std::string_view field) {
  if (size > left())
    throw error_at(position_, field, "needs {} bytes, {} left", size, left());
  const View taken = bytes_.subspan(position_, size);
  position_ += size;
  return taken;
}

Words Reader::words(uint64_t count, std::string_view field) {
  if (count > left() / 4)
    throw error_at(position_, field, "needs {} words, {} bytes left", count, left());
  return words_of(bytes(count * 4, field), what_);
}

std::string Reader::fixed_text(uint64_t size, std::string_view field) {
  const View raw = bytes(size, field);
  return std::string(raw.begin(), std::find(raw.begin(), raw.end(), 0));
}

void Reader::seek(uint64_t offset, std::string_view field) {
  if (offset > bytes_.size())
    throw error_at(offset, field, "is behind the end at {:#x}", origin_ + bytes_.size());
  position_ = offset;
}

Reader Reader::part(uint64_t offset, uint64_t size, std::string_view field) const {
  if (offset > bytes_.size() || size > bytes_.size() - offset)
    throw error_at(offset, field, "needs {} bytes, the end is at {:#x}", size,
                   origin_ + bytes_.size());
  return Reader(bytes_.subspan(offset, size), what_, origin_ + offset);
}

std::string Reader::text_at(uint64_t offset, std::string_view field) const {
  if (offset > bytes_.size())
    throw error_at(offset, field, "is behind the end at {:#x}", origin_ + bytes_.size());
  const View rest = bytes_.subspan(offset);
  const auto end = std::find(rest.begin(), rest.end(), 0);
  if (end == rest.end())
    throw error_at(offset, field, "the text has no end");
  return std::string(rest.begin(), end);
}

void Writer::little_endian(uint64_t value, int size) {
  for (int i = 0; i < size; ++i)
    bytes_.push_back(static_cast<uint8_t>(value >> 8 * i));
}

void Writer::bytes(View bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void Writer::zeros(size_t count) {
  bytes_.resize(bytes_.size() + count);
}

void Writer::words(std::span<const uint32_t> words) {
  for (const uint32_t word : words)
    u32(word);
}

void Writer::align(size_t boundary) {
  zeros((boundary - bytes_.size() % boundary) % boundary);
}

void Writer::fixed_text(std::string_view text, size_t size, std::string_view field) {
  if (text.size() >= size)
    throw Error("{}: `{}` has {} characters", field, text, text.size())
        .hint("at most {}", size - 1);
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  zeros(size - text.size());
}

void Writer::text(std::string_view text) {
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  u8(0);
}

void Writer::put_u32(size_t offset, uint32_t value) {
  for (int i = 0; i < 4; ++i)
    bytes_.at(offset + i) = static_cast<uint8_t>(value >> 8 * i);
}

Words words_of(View bytes, std::string_view what) {
  if (bytes.size() % 4 != 0)
    throw Error("{}: {} bytes are not whole words", what, bytes.size());
  Words words(bytes.size() / 4);
  for (size_t i = 0; i < words.size(); ++i)
    words[i] = uint32_t{bytes[4 * i]} | uint32_t{bytes[4 * i + 1]} << 8 |
               uint32_t{bytes[4 * i + 2]} << 16 | uint32_t{bytes[4 * i + 3]} << 24;
  return words;
}

Bytes bytes_of(std::span<const uint32_t> words) {
  Writer writer;
  writer.words(words);
  return writer.take();
}

}  // namespace npu::xclbin
