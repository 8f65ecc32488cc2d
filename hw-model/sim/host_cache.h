// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "hw-model/sim/sim.h"

namespace npu::sim {

/// The cache between a host's program and a buffer that the device reads and writes behind its
/// back. Nothing keeps the two coherent but the syncs; a dirty line may go back to memory at any
/// time. Whoever tests a host's syncs lets the program use the cache and the device the memory.
class HostCache {
 public:
  /// `memory` must outlive the cache; `name` is for findings. `line` is in bytes.
  explicit HostCache(HostBuffer memory, std::string name, uint32_t line = 64);

  // What a program does. Throws Error when the range leaves the buffer.
  void write(uint64_t offset, std::span<const std::byte> bytes);
  void read(uint64_t offset, std::span<std::byte> bytes);

  /// Writes dirty lines back, so that the device sees them.
  void sync_to_device();
  /// Writes dirty lines back and forgets all lines, so that the program sees what the device wrote.
  void sync_from_device();
  /// Writes dirty lines back, as a cache does when it needs room.
  void write_back();

  /// Lines that were written back over, or read instead of, what the device had written.
  const std::vector<std::string>& findings() const { return findings_; }

 private:
  struct Line {
    std::vector<std::byte> data;
    std::vector<std::byte> filled;  ///< what memory held when the line was filled
    bool dirty = false;
  };
  Line& line_at(uint64_t number);
  std::span<std::byte> memory_of(uint64_t number) const;
  bool device_wrote(uint64_t number, const Line& line) const;
  void find(uint64_t number, std::string_view what);
  /// Calls `f(line number, offset in the line, offset in the range, bytes)`.
  template <typename F>
  void for_each_part(uint64_t offset, uint64_t bytes, F f);

  HostBuffer memory_;
  std::string name_;
  uint32_t line_;
  std::map<uint64_t, Line> lines_;
  std::vector<std::string> findings_;
};

}  // namespace npu::sim
