// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "xclbin/bytes.h"

namespace npu::cli {

/// What this program is, to the bit: its version and the build id of its file. What one program has
/// kept is not taken by another.
std::string program_identity();

/// `$XDG_CACHE_HOME/airlock`, or `~/.cache/airlock`; empty when neither place is known.
std::filesystem::path default_cache();

/// Things on disk under the text of all that decides them. Files are written beside their place and
/// renamed, so that several processes can share a directory; one that is cut, changed or of another
/// text counts as not there. Safe to use from several threads.
class BuildCache {
 public:
  /// An empty path: keeps nothing.
  explicit BuildCache(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::optional<xclbin::Bytes> find(std::string_view key);
  /// What cannot be kept is no error, but told by `trouble`.
  void store(std::string_view key, xclbin::View content);

  /// Removes files of the directory, those first that were taken or stored longest ago, until the
  /// others have at most `bytes`. Says how many. Other files in the directory stay.
  size_t prune(uint64_t bytes);

  /// Files that were found damaged.
  int damaged() const { return damaged_; }
  /// Why the first thing could not be kept; empty when all could.
  std::string trouble() const;

 private:
  std::filesystem::path file_of(std::string_view key) const;

  std::filesystem::path directory_;
  std::atomic<int> damaged_ = 0;
  mutable std::mutex mutex_;
  std::string trouble_;
};

}  // namespace npu::cli
