// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/diff_contents.h"

#include <algorithm>
#include <map>

#include "cli/expression.h"
#include "hw-model/arch/register.h"
#include "hw-model/arch/types.h"

namespace npu::cli {
namespace {

/// Words of the memories as a configuration leaves them, by tile and offset.
using Memory = std::map<std::pair<arch::Coord, uint32_t>, uint32_t>;

class Collector {
 public:
  explicit Collector(const DesignFacts& facts) : facts_(facts) {}

  Memory run() {
    for (const arch::Command& command : facts_.configuration) {
      if (const auto* write = std::get_if<arch::Write>(&command))
        put(write->address, ~0U, write->value);
      if (const auto* masked = std::get_if<arch::MaskWrite>(&command))
        put(masked->address, masked->mask, masked->value);
      if (const auto* block = std::get_if<arch::BlockWrite>(&command))
        for (size_t i = 0; i < block->words.size(); ++i)
          put(block->address + static_cast<uint32_t>(4 * i), ~0U, block->words[i]);
    }
    return std::move(memory_);
  }

 private:
  void put(uint32_t address, uint32_t mask, uint32_t value) {
    const arch::Coord tile = arch::tile_of(address);
    if (!facts_.partition.contains(tile))
      return;
    const auto place = arch::find_register(tile.kind(), facts_.partition.device->generation,
                                           arch::offset_of(address));
    if (!place || place->row->id != arch::RegisterId::DataMemory)
      return;
    uint32_t& word = memory_[{tile, 4 * static_cast<uint32_t>(place->word)}];
    word = (word & ~mask) | (value & mask);
  }

  const DesignFacts& facts_;
  Memory memory_;
};

uint32_t word_at(const Memory& memory, arch::Coord tile, uint32_t offset) {
  const auto found = memory.find({tile, offset});
  return found == memory.end() ? 0 : found->second;
}

/// `64x128xf32` taken apart.
struct Shape {
  std::vector<uint64_t> extents = {};
  arch::Type type = arch::Type::I32;
};
Shape parse_shape(std::string_view text) {
  Shape shape;
  for (size_t at = text.find('x'); at != std::string_view::npos; at = text.find('x')) {
    shape.extents.push_back(std::strtoull(std::string(text.substr(0, at)).c_str(), nullptr, 10));
    text.remove_prefix(at + 1);
  }
  shape.type = arch::type_named(text).value_or(arch::Type::I32);
  return shape;
}

/// `[3,5]`
std::string place_of(const Shape& shape, uint64_t element) {
  std::string text;
  for (size_t i = shape.extents.size(); i-- > 0;) {
    const uint64_t extent = i > 0 && shape.extents[i] > 0 ? shape.extents[i] : element + 1;
    text = fmt::format("{}{}{}", element % extent, text.empty() ? "" : ",", text);
    element /= extent;
  }
  return fmt::format("[{}]", text.empty() ? fmt::format("{}", element) : text);
}

std::vector<std::byte> bytes_of(const Memory& memory, const arch::BufferName& buffer) {
  std::vector<std::byte> bytes(buffer.bytes);
  for (uint32_t i = 0; i < buffer.bytes; ++i) {
    const uint32_t offset = buffer.offset + i;
    const uint32_t word = word_at(memory, buffer.tile, offset / 4 * 4);
    bytes[i] = static_cast<std::byte>(word >> (8 * (offset % 4)));
  }
  return bytes;
}

/// How a buffer begins, in both; nothing when they are equal.
std::optional<Difference> compare(const arch::BufferName& buffer, const Memory& a,
                                  const Memory& b) {
  const std::vector<std::byte> left = bytes_of(a, buffer);
  const std::vector<std::byte> right = bytes_of(b, buffer);
  if (left == right)
    return std::nullopt;
  const Shape shape = parse_shape(buffer.shape);
  const uint32_t width = arch::bytes_of(shape.type);
  std::optional<uint64_t> first;
  uint64_t count = 0;
  for (uint64_t i = 0; (i + 1) * width <= left.size(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i * width);
    if (std::equal(left.begin() + at, left.begin() + at + width, right.begin() + at))
      continue;
    first = first.value_or(i);
    ++count;
  }
  if (!first)
    return std::nullopt;
  const auto value = [&](const std::vector<std::byte>& bytes) {
    return fmt::format("{}{}", load_element(bytes, shape.type, *first),
                       count > 1 ? fmt::format(", the first of {} that differ", count) : "");
  };
  return Difference{
      fmt::format("{} `{}`{}", arch::to_string(buffer.tile), buffer.name, place_of(shape, *first)),
      value(left), value(right)};
}

/// Buffers of either side, each once.
std::vector<arch::BufferName> buffers_of(const DesignFacts& a, const DesignFacts& b) {
  std::vector<arch::BufferName> buffers = a.names.buffers;
  for (const arch::BufferName& other : b.names.buffers)
    if (std::ranges::none_of(buffers, [&](const arch::BufferName& buffer) {
          return buffer.tile == other.tile && buffer.offset == other.offset;
        }))
      buffers.push_back(other);
  return buffers;
}

}  // namespace

std::vector<Difference> content_differences(const DesignFacts& a, const DesignFacts& b,
                                            const std::set<arch::Coord>& foreign) {
  const Memory left = Collector(a).run();
  const Memory right = Collector(b).run();
  std::vector<Difference> out;
  std::set<std::pair<arch::Coord, uint32_t>> named;
  for (const arch::BufferName& buffer : buffers_of(a, b)) {
    const bool of_code = foreign.contains(buffer.tile) && buffer.source.empty();
    auto difference = of_code ? std::nullopt : compare(buffer, left, right);
    if (difference)
      out.push_back(*std::move(difference));
    for (uint32_t offset = buffer.offset / 4 * 4; offset < buffer.offset + buffer.bytes;
         offset += 4)
      named.insert({buffer.tile, offset});
  }
  Memory all = left;
  all.insert(right.begin(), right.end());
  for (const auto& [place, word] : all) {
    const auto& [tile, offset] = place;
    const uint32_t one = word_at(left, tile, offset);
    const uint32_t other = word_at(right, tile, offset);
    if (one == other || foreign.contains(tile) || named.contains(place))
      continue;
    out.push_back({fmt::format("{} memory at {:#x}", arch::to_string(tile), offset),
                   fmt::format("{:#x}", one), fmt::format("{:#x}", other)});
  }
  return out;
}

}  // namespace npu::cli
