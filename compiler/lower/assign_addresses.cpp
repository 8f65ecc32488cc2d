// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <map>

#include "compiler/lower/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

using arch::TileKind;

constexpr uint64_t kAlignment = 32;
constexpr uint64_t kCoreBank = 16 * 1024;

struct Range {
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// The free ranges of one memory, in order of address.
class Memory {
 public:
  explicit Memory(uint64_t bytes) : free_{{0, bytes}} {}

  void take(Range taken) {
    std::vector<Range> left;
    for (const Range& range : free_) {
      if (range.begin < std::min(range.end, taken.begin))
        left.push_back({range.begin, std::min(range.end, taken.begin)});
      if (std::max(range.begin, taken.end) < range.end)
        left.push_back({std::max(range.begin, taken.end), range.end});
    }
    free_ = left;
  }

  /// The lowest place inside `window` for that many bytes.
  std::optional<uint64_t> first_fit(uint64_t bytes, Range window) const {
    for (const Range& range : free_) {
      const uint64_t begin = aligned(std::max(range.begin, window.begin));
      if (begin + bytes <= std::min(range.end, window.end))
        return begin;
    }
    return std::nullopt;
  }

  uint64_t free_bytes(Range window) const {
    uint64_t bytes = 0;
    for (const Range& range : free_)
      if (const uint64_t begin = std::max(range.begin, window.begin),
          end = std::min(range.end, window.end);
          begin < end)
        bytes += end - begin;
    return bytes;
  }

 private:
  static uint64_t aligned(uint64_t address) {
    return (address + kAlignment - 1) / kAlignment * kAlignment;
  }
  std::vector<Range> free_;
};

/// The memory of one tile and who is in it.
struct Tile {
  Coord coord;
  uint64_t stack = 0;
  std::vector<Buffer*> buffers = {};

  uint64_t size() const { return arch::facts(coord.kind()).memory_bytes; }
};

Memory given(const Tile& tile) {
  Memory memory(tile.size());
  memory.take({0, tile.stack});
  for (const Buffer* buffer : tile.buffers)
    if (buffer->address)
      memory.take({*buffer->address, *buffer->address + buffer->bytes()});
  return memory;
}

/// A place inside the asked or the emptiest bank; ties go to the lowest.
std::optional<uint64_t> place_in_bank(const Memory& memory, const Buffer& buffer, uint64_t size) {
  std::optional<uint64_t> best;
  uint64_t most = 0;
  for (uint64_t bank = 0; bank * kCoreBank < size; ++bank) {
    const Range window{bank * kCoreBank, (bank + 1) * kCoreBank};
    const std::optional<uint64_t> place = memory.first_fit(buffer.bytes(), window);
    const bool asked = !buffer.bank || static_cast<uint64_t>(*buffer.bank) == bank;
    if (place && asked && memory.free_bytes(window) > most) {
      best = place;
      most = memory.free_bytes(window);
    }
  }
  return best;
}

/// Addresses for the waiting buffers in that order, or nothing when they do not fit so.
std::optional<std::vector<uint64_t>> place(const Tile& tile, const std::vector<Buffer*>& waiting,
                                           bool by_bank) {
  Memory memory = given(tile);
  std::vector<uint64_t> places;
  for (const Buffer* buffer : waiting) {
    std::optional<uint64_t> address;
    if (by_bank || buffer->bank)
      address = place_in_bank(memory, *buffer, tile.size());
    if (!address && !buffer->bank)
      address = memory.first_fit(buffer->bytes(), {0, tile.size()});
    if (!address)
      return std::nullopt;
    memory.take({*address, *address + buffer->bytes()});
    places.push_back(*address);
  }
  return places;
}

Error out_of_memory(const Tile& tile) {
  std::vector<const Buffer*> largest(tile.buffers.begin(), tile.buffers.end());
  std::stable_sort(largest.begin(), largest.end(),
                   [](const Buffer* a, const Buffer* b) { return a->bytes() > b->bytes(); });
  uint64_t needed = tile.stack;
  for (const Buffer* buffer : largest)
    needed += buffer->bytes();
  constexpr size_t kShown = 4;
  std::vector<std::string> askers;
  for (size_t i = 0; i < std::min(kShown, largest.size()); ++i)
    askers.push_back(fmt::format("{} {}", largest[i]->name, largest[i]->bytes()));
  if (largest.size() > kShown)
    askers.push_back(fmt::format("{} more", largest.size() - kShown));
  if (tile.stack)
    askers.push_back(fmt::format("stack {}", tile.stack));
  return Error("{}: needs {} bytes, has {}: {}", arch::to_string(tile.coord), needed, tile.size(),
               fmt::join(askers, ", "))
      .hint("use smaller tiles or fewer buffers{}",
            needed <= tile.size() ? "; the free bytes are in pieces that are too small" : "");
}

void assign(const Tile& tile) {
  std::vector<Buffer*> waiting;
  for (Buffer* buffer : tile.buffers)
    if (!buffer->address)
      waiting.push_back(buffer);
  const bool banks = tile.coord.kind() == TileKind::Core;
  std::optional<std::vector<uint64_t>> places;
  if (banks) {  // the largest first: a bank is never cut up by a small one that comes early
    std::stable_sort(waiting.begin(), waiting.end(),
                     [](const Buffer* a, const Buffer* b) { return a->bytes() > b->bytes(); });
    places = place(tile, waiting, true);
  }
  if (!places)
    places = place(tile, waiting, false);
  if (!places)
    throw out_of_memory(tile);
  for (size_t i = 0; i < waiting.size(); ++i)
    waiting[i]->address = static_cast<uint32_t>((*places)[i]);
}

}  // namespace

void assign_addresses(Design& design) {
  std::map<Coord, Tile> tiles;
  for (Buffer& buffer : design.buffers)
    tiles.try_emplace(buffer.tile, Tile{.coord = buffer.tile})
        .first->second.buffers.push_back(&buffer);
  for (const Core& core : design.cores)
    if (const auto tile = tiles.find(core.tile); tile != tiles.end())
      tile->second.stack = static_cast<uint64_t>(core.stack_bytes);
  for (const auto& [coord, tile] : tiles)
    assign(tile);
}

}  // namespace npu::compiler
