// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <string_view>

namespace npu::compiler::mlir {

/// A place in MLIR text. Each function skips blanks and comments, and moves past what it is called
/// after; when that is not there it says so, stays (or stands somewhere behind: `seek` goes back)
/// and keeps in mind the furthest place where something was missed.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  size_t at() const { return at_; }
  void seek(size_t at) { at_ = at; }
  std::string_view text() const { return text_; }
  std::string_view since(size_t begin) const { return text_.substr(begin, at_ - begin); }

  void skip();
  /// The next character, 0 at the end.
  char peek();
  bool at_end() { return peek() == 0; }

  /// A character, or words and punctuation with any blanks between them.
  bool accept(char c);
  bool accept(std::string_view literal);

  bool word();     ///< `aie.tile`
  bool value();    ///< `%a`, `%a#1`
  bool block();    ///< `^bb1`
  bool symbol();   ///< `@a`, `@"a b"`, `@a::@b`
  bool string();   ///< `"..."`
  bool number();   ///< `-3`, `0x1F`, `1.0e+3`
  bool integer();  ///< `-3`, `0x1F`
  bool type();
  /// A value of an attribute without a type behind it.
  bool attribute();
  /// With `: type` behind it when that is there.
  bool typed_attribute();
  /// A dictionary, not a region.
  bool dictionary();
  /// From an opening bracket to the one that closes it.
  bool balanced();
  /// `loc(...)`, if it is there.
  void location();

  /// Notes that something is missing here; false, for returning.
  bool miss(std::string_view expected);
  size_t furthest() const { return furthest_; }
  std::string_view expected() const { return expected_; }
  void forget() { furthest_ = at_, expected_ = "an operation"; }

 private:
  bool identifier();
  bool angled();

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;  ///< dictionaries in each other
  size_t furthest_ = 0;
  std::string_view expected_ = "an operation";
};

}  // namespace npu::compiler::mlir
