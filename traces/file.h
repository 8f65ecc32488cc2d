// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace npu::traces {

/// Takes pieces of a file, in order; an empty piece closes the file.
using Sink = std::function<void(std::string_view)>;

/// A sink that writes a file, through gzip when its name ends in `.gz`. What it took is on the disk
/// when it returns, so that a killed run leaves a readable file. Throws Error with the path when
/// the file cannot be written.
Sink file_sink(const std::string& path);

/// Collects pieces and hands them to a sink in large ones.
class Buffer {
 public:
  explicit Buffer(Sink sink);

  void append(std::string_view text) { text_.append(text); }
  void append(char c) { text_.push_back(c); }
  void number(uint64_t value);
  /// Hands over when there is enough; call it between complete lines.
  void settle() {
    if (text_.size() >= kPiece)
      flush();
  }
  void flush();
  void close();

 private:
  static constexpr size_t kPiece = 64 * 1024;
  Sink sink_;
  std::string text_;
};

/// Reads a file, gzip or plain, a word at a time. A word that the end of the file cuts is not
/// returned.
class WordReader {
 public:
  /// Throws Error when the file cannot be opened.
  explicit WordReader(const std::string& path);
  ~WordReader();
  WordReader(const WordReader&) = delete;
  WordReader& operator=(const WordReader&) = delete;

  /// The next word, valid until the next call; false at the end. Throws Error on a word of more
  /// than 1 MiB.
  bool next(std::string_view& word);
  /// Line of the word that was returned last, from 1.
  uint64_t line() const { return line_; }
  /// The first bytes of the file; `bytes` of them at most.
  std::string_view start(size_t bytes);

 private:
  bool fill();

  struct File;
  std::unique_ptr<File> file_;
  std::string data_;
  size_t at_ = 0;
  uint64_t line_ = 1;
  uint64_t next_line_ = 1;
  bool end_ = false;
};

}  // namespace npu::traces
