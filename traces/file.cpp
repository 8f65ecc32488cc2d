// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/file.h"

#include <charconv>

#include <zlib.h>

#include "hw-model/arch/error.h"

namespace npu::traces {

namespace {
constexpr size_t kLongestWord = 1 << 20;

struct Close {
  void operator()(gzFile_s* file) const { gzclose(file); }
};
using GzFile = std::unique_ptr<gzFile_s, Close>;
}  // namespace

Sink file_sink(const std::string& path) {
  // Level 1 costs a tenth of level 6 and gains most of it; T writes through without compression.
  GzFile file(gzopen(path.c_str(), path.ends_with(".gz") ? "wb1" : "wbT"));
  if (!file)
    throw Error("{}: cannot be written", path);
  return
      [path, shared = std::shared_ptr<gzFile_s>(std::move(file))](std::string_view piece) mutable {
        if (!shared)
          return;
        if (piece.empty()) {
          shared.reset();
          return;
        }
        const auto bytes = static_cast<unsigned>(piece.size());
        if (gzwrite(shared.get(), piece.data(), bytes) != static_cast<int>(bytes) ||
            gzflush(shared.get(), Z_SYNC_FLUSH) != Z_OK)
          throw Error("{}: cannot be written to its end", path).hint("is the disk full");
      };
}

Buffer::Buffer(Sink sink) : sink_(std::move(sink)) {
  text_.reserve(2 * kPiece);
}

void Buffer::number(uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  text_.append(digits, end.ptr);
}

void Buffer::flush() {
  if (text_.empty())
    return;
  sink_(text_);
  text_.clear();
}

void Buffer::close() {
  flush();
  sink_({});
}

struct WordReader::File {
  GzFile gz;
};

WordReader::WordReader(const std::string& path)
    : file_(std::make_unique<File>(File{GzFile(gzopen(path.c_str(), "rb"))})) {
  if (!file_->gz)
    throw Error("{}: cannot be read", path);
}

WordReader::~WordReader() = default;

bool WordReader::fill() {
  if (end_)
    return false;
  data_.erase(0, at_);
  at_ = 0;
  const size_t old = data_.size();
  constexpr size_t kPiece = 256 * 1024;
  data_.resize(old + kPiece);
  const int got = gzread(file_->gz.get(), data_.data() + old, kPiece);
  // A gzip file that ends too early gives what it has, then an error: the same as a cut plain file.
  data_.resize(old + static_cast<size_t>(got > 0 ? got : 0));
  end_ = got <= 0;
  return got > 0;
}

std::string_view WordReader::start(size_t bytes) {
  if (data_.empty())
    fill();
  return std::string_view(data_).substr(0, bytes);
}

bool WordReader::next(std::string_view& word) {
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  for (;; ++at_) {
    if (at_ == data_.size() && !fill())
      return false;
    if (!space(data_[at_]))
      break;
    next_line_ += data_[at_] == '\n';
  }
  line_ = next_line_;
  for (size_t size = 1;; ++size) {
    if (at_ + size == data_.size() && !fill())
      return false;
    if (space(data_[at_ + size])) {
      word = std::string_view(data_).substr(at_, size);
      at_ += size;
      return true;
    }
    if (size > kLongestWord)
      throw Error("line {}: a word of more than {} characters", line_, kLongestWord);
  }
}

}  // namespace npu::traces
