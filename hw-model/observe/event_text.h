// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <charconv>
#include <compare>
#include <cstring>
#include <string_view>

#include "hw-model/observe/event.h"

namespace npu::observe {

// The text of events, in both directions. A line is `cycle subject value`; the value alone, with
// another separator, is what a waveform shows.

/// What an event is about: an agent, or a lock of a tile.
struct Subject {
  Agent agent;
  int lock = -1;  ///< of `agent.tile`, when it is a lock
  constexpr auto operator<=>(const Subject&) const = default;
};

/// The receiver of words, the lock of a lock event, else who did it.
Subject subject_of(const Payload& payload);

/// A short text under construction, in place. Appending beyond its size keeps what fits; every
/// event fits.
class TextLine {
 public:
  explicit TextLine(char separator = ' ') : separator_(separator) {}

  std::string_view view() const { return {data_.data(), size_}; }

  void append(std::string_view text) {
    const size_t bytes = std::min(text.size(), data_.size() - size_);
    std::memcpy(data_.data() + size_, text.data(), bytes);
    size_ += bytes;
  }
  void append(char c) {
    if (size_ < data_.size())
      data_[size_++] = c;
  }
  void space() { append(separator_); }
  void number(uint64_t value, int base = 10) {
    const auto end = std::to_chars(data_.data() + size_, data_.data() + data_.size(), value, base);
    size_ = static_cast<size_t>(end.ptr - data_.data());
  }

 private:
  std::array<char, 192> data_;
  size_t size_ = 0;
  char separator_;
};

void append(TextLine& line, const Subject& subject);
void append(TextLine& line, const Payload& payload);
void append(TextLine& line, const Event& event);

/// `core(0,2)`, `core(0,2).s2mm1`, `core(0,2).lock3`, `host`; throws Error when it is none of them.
Subject parse_subject(std::string_view text);

/// Reads a value back; words are parted by `separator`. Throws Error with the word that is wrong.
Payload parse_payload(const Subject& subject, std::string_view text, char separator = ' ');

/// Reads a line of the text log; throws Error with the word that is wrong.
Event parse_event(std::string_view line);

}  // namespace npu::observe
