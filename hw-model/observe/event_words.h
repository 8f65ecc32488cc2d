// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "hw-model/observe/event.h"

namespace npu::observe {

// The words of the text format, one per enumerator, in order; what is written is what is read.

inline constexpr std::array<std::string_view, 9> kChannelWords{
    "idle",           "starting",  "acquiring",     "running", "starved",
    "back-pressured", "releasing", "token-stalled", "stopped"};
inline constexpr std::array<std::string_view, 8> kCoreWords{
    "disabled",       "running",         "kernel", "lock-stalled",
    "stream-stalled", "cascade-stalled", "done",   "halted"};
inline constexpr std::array<std::string_view, 5> kTaskWords{"pushed", "started", "finished",
                                                            "dropped", "reset"};
inline constexpr std::array<std::string_view, 6> kLockWords{"set",      "waiting",  "acquired",
                                                            "released", "overflow", "underflow"};
inline constexpr std::array<std::string_view, 4> kHostWords{"running", "syncing", "polling",
                                                            "done"};
inline constexpr std::array<std::string_view, 17> kFaultWords{"bd-invalid",
                                                              "bd-unavailable",
                                                              "queue-overflow",
                                                              "lock-unavailable",
                                                              "memory-unavailable",
                                                              "lock-overflow",
                                                              "lock-underflow",
                                                              "fot-length-exceeded",
                                                              "no-route",
                                                              "header-unmatched",
                                                              "unknown-program",
                                                              "unknown-kernel",
                                                              "address-out-of-range",
                                                              "not-modelled",
                                                              "outside-partition",
                                                              "unsupported",
                                                              "bd-in-use"};

/// The word of an enumerator; a value that no enumerator has is `unknown`.
template <size_t N, typename Enum>
constexpr std::string_view word(const std::array<std::string_view, N>& words, Enum value) {
  const auto index = static_cast<size_t>(value);
  return index < N ? words[index] : std::string_view("unknown");
}

/// The enumerator of a word, or nothing.
template <typename Enum, size_t N>
constexpr std::optional<Enum> enumerator(const std::array<std::string_view, N>& words,
                                         std::string_view text) {
  for (size_t i = 0; i < N; ++i)
    if (words[i] == text)
      return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace npu::observe
