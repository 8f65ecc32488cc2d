// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/transformed.h"

#include <algorithm>

namespace npu::xclbin {

namespace {

constexpr uint16_t kGeneralModule = 0x100;
constexpr uint32_t kAllZero = 1u << 16;
constexpr uint64_t kMissingTail = 4 * kCdoHeaderWords;
// Blocks may name the same data again and again; this is several times what an array holds.
constexpr uint64_t kMostBytes = uint64_t{64} << 20;

/// Where the data of blocks is.
struct DataZone {
  const Reader& partition;
  uint64_t begin;

  Words words(uint32_t offset, uint32_t count, uint64_t at) const {
    const uint64_t size = uint64_t{count} * 4;
    const uint64_t from = begin + offset;
    const uint64_t there = from > partition.size() ? 0 : partition.size() - from;
    if (size > there + kMissingTail)
      throw partition.error_at(at, "dma_write", "{} bytes at {:#x} leave the data", size, from);
    const uint64_t present = std::min(size, there) / 4;
    Words words = partition.part(std::min(from, partition.size()), present * 4, "dma_write")
                      .words(present, "dma_write");
    words.resize(count);
    return words;
  }
};

/// Words of one entry of a group: the header of a block in the command zone is longer than a block
/// in a CDO.
size_t entry_words(CdoCode code) {
  switch (code) {
    case CdoCode::DmaWrite:
      return 4;
    case CdoCode::Write:
    case CdoCode::MaskWrite:
    case CdoCode::Write64:
    case CdoCode::MaskWrite64:
      return find_cdo_op(code)->words;
    default:
      return 0;
  }
}

CdoCommand entry(CdoCode code, const Words& words, const DataZone& zone, uint64_t at) {
  if (code != CdoCode::DmaWrite)
    return {code, words};
  const uint32_t count = words[3] & 0xFFFF;
  Words payload{words[0], words[1]};
  const Words data = words[3] & kAllZero ? Words(count) : zone.words(words[2], count, at);
  payload.insert(payload.end(), data.begin(), data.end());
  return {code, std::move(payload)};
}

}  // namespace

Cdo read_transformed(Reader& partition, uint32_t zone) {
  partition.skip(4 * kCdoHeaderWords, "cdo header");
  Reader commands = partition.part(partition.position(), zone, "command zone");
  const DataZone data{partition, partition.position() + zone};
  Cdo cdo;
  uint64_t bytes = 0;
  while (!commands.done()) {
    const uint64_t at = partition.position() + commands.position();
    const CdoCode code{static_cast<uint16_t>(kGeneralModule | (commands.u32("command") & 0xFF))};
    const uint32_t count = commands.u32("count");
    const size_t words = entry_words(code);
    if (words == 0)
      throw partition.error_at(at, "command", "{:#x} is not one of a transformed PDI",
                               static_cast<uint32_t>(code));
    if (count > commands.left() / (4 * words))
      throw partition.error_at(at + 4, "count", "{} commands, {} bytes left", count,
                               commands.left());
    for (uint32_t i = 0; i < count; ++i) {
      cdo.commands.push_back(entry(code, commands.words(words, "payload"), data, at));
      bytes += 4 * cdo.commands.back().payload.size();
      if (bytes > kMostBytes)
        throw partition.error_at(at, "command zone", "asks for more than {} bytes", kMostBytes);
    }
  }
  return cdo;
}

}  // namespace npu::xclbin
