// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/host_cache.h"

#include <algorithm>
#include <utility>

#include "hw-model/arch/error.h"

namespace npu::sim {

HostCache::HostCache(HostBuffer memory, std::string name, uint32_t line)
    : memory_(memory), name_(std::move(name)), line_(line) {
  if (line == 0)
    throw Error("a host cache has lines of 0 bytes").hint("64 bytes are usual");
}

std::span<std::byte> HostCache::memory_of(uint64_t number) const {
  const uint64_t first = number * line_;
  return {memory_.data + first, std::min<uint64_t>(line_, memory_.bytes - first)};
}

HostCache::Line& HostCache::line_at(uint64_t number) {
  const auto [at, is_new] = lines_.try_emplace(number);
  if (is_new) {
    const auto memory = memory_of(number);
    at->second.data.assign(memory.begin(), memory.end());
    at->second.filled = at->second.data;
  }
  return at->second;
}

bool HostCache::device_wrote(uint64_t number, const Line& line) const {
  return !std::ranges::equal(memory_of(number), line.filled);
}

void HostCache::find(uint64_t number, std::string_view what) {
  const uint64_t first = number * line_;
  findings_.push_back(fmt::format(
      "bytes {}..{} of `{}` are {} in the host's cache, and the device has written them", first,
      first + memory_of(number).size() - 1, name_, what));
}

template <typename F>
void HostCache::for_each_part(uint64_t offset, uint64_t bytes, F f) {
  if (offset > memory_.bytes || bytes > memory_.bytes - offset)
    throw Error("bytes {}..{} of `{}`, which has {}", offset, offset + bytes, name_, memory_.bytes);
  for (uint64_t done = 0; done < bytes;) {
    const uint64_t at = offset + done;
    const uint64_t part = std::min<uint64_t>(line_ - at % line_, bytes - done);
    f(at / line_, at % line_, done, part);
    done += part;
  }
}

void HostCache::write(uint64_t offset, std::span<const std::byte> bytes) {
  for_each_part(offset, bytes.size(),
                [&](uint64_t number, uint64_t at, uint64_t from, uint64_t count) {
                  Line& line = line_at(number);
                  std::ranges::copy(bytes.subspan(from, count),
                                    line.data.begin() + static_cast<std::ptrdiff_t>(at));
                  line.dirty = true;
                });
}

void HostCache::read(uint64_t offset, std::span<std::byte> bytes) {
  for_each_part(offset, bytes.size(),
                [&](uint64_t number, uint64_t at, uint64_t to, uint64_t count) {
                  const Line& line = line_at(number);
                  if (device_wrote(number, line))
                    find(number, "old");
                  std::ranges::copy(std::span(line.data).subspan(at, count),
                                    bytes.begin() + static_cast<std::ptrdiff_t>(to));
                });
}

void HostCache::write_back() {
  for (auto& [number, line] : lines_) {
    if (!line.dirty)
      continue;
    if (device_wrote(number, line))
      find(number, "dirty");
    std::ranges::copy(line.data, memory_of(number).begin());
    line.filled = line.data;
    line.dirty = false;
  }
}

void HostCache::sync_to_device() {
  write_back();
}

void HostCache::sync_from_device() {
  write_back();
  lines_.clear();
}

}  // namespace npu::sim
