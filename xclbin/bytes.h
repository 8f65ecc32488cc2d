// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw-model/arch/error.h"

namespace npu::xclbin {

using Bytes = std::vector<uint8_t>;
using View = std::span<const uint8_t>;
using Words = std::vector<uint32_t>;

/// Takes fields off a byte string, little endian. Whatever does not fit is an Error that names the
/// format, the offset in the file and the field: `cdo at 0x10: checksum: needs 4 bytes, 2 left`.
class Reader {
 public:
  /// `what` names the format; `origin` is the offset of the first byte in the file.
  Reader(View bytes, std::string_view what, uint64_t origin = 0)
      : bytes_(bytes), what_(what), origin_(origin) {}

  uint8_t u8(std::string_view field);
  uint16_t u16(std::string_view field);
  uint32_t u32(std::string_view field);
  uint64_t u64(std::string_view field);
  View bytes(uint64_t size, std::string_view field);
  Words words(uint64_t count, std::string_view field);
  /// `size` bytes that hold a text ended by NUL or by their end.
  std::string fixed_text(uint64_t size, std::string_view field);
  void skip(uint64_t size, std::string_view field) { bytes(size, field); }

  /// Continues at `offset`, counted from the first byte of this reader.
  void seek(uint64_t offset, std::string_view field);
  /// A reader of `size` bytes at `offset`; positions in its errors stay those of the file.
  Reader part(uint64_t offset, uint64_t size, std::string_view field) const;
  /// A text at `offset` that ends with NUL before the end of the bytes.
  std::string text_at(uint64_t offset, std::string_view field) const;

  uint64_t position() const { return position_; }
  uint64_t size() const { return bytes_.size(); }
  uint64_t left() const { return bytes_.size() - position_; }
  bool done() const { return left() == 0; }
  View all() const { return bytes_; }

  /// An Error about `field` at `offset` of this reader.
  template <typename... Args>
  Error error_at(uint64_t offset, std::string_view field, fmt::format_string<Args...> text,
                 Args&&... args) const {
    return Error("{} at {:#x}: {}: {}", what_, origin_ + offset, field,
                 fmt::format(text, std::forward<Args>(args)...));
  }

 private:
  uint64_t little_endian(int size, std::string_view field);

  View bytes_;
  std::string what_;
  uint64_t origin_;
  uint64_t position_ = 0;
};

/// Appends fields to a byte string, little endian.
class Writer {
 public:
  void u8(uint8_t value) { bytes_.push_back(value); }
  void u16(uint16_t value) { little_endian(value, 2); }
  void u32(uint32_t value) { little_endian(value, 4); }
  void u64(uint64_t value) { little_endian(value, 8); }
  void bytes(View bytes);
  void words(std::span<const uint32_t> words);
  void zeros(size_t count);
  /// Zeros up to a multiple of `boundary`.
  void align(size_t boundary);
  /// The text padded with NUL; throws Error naming `field` when it needs more than `size` - 1
  /// characters.
  void fixed_text(std::string_view text, size_t size, std::string_view field);
  /// The text and a NUL.
  void text(std::string_view text);
  /// Replaces four bytes written before.
  void put_u32(size_t offset, uint32_t value);

  size_t size() const { return bytes_.size(); }
  Bytes take() { return std::move(bytes_); }

 private:
  void little_endian(uint64_t value, int size);

  Bytes bytes_;
};

/// The bytes as words; throws Error when a part of a word is left over.
Words words_of(View bytes, std::string_view what);
Bytes bytes_of(std::span<const uint32_t> words);

}  // namespace npu::xclbin
