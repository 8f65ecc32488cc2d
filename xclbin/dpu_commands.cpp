// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/tile.h"
#include "xclbin/dpu_text.h"

namespace npu::xclbin {

namespace {

/// Builds the Commands of a stream, operation by operation (formats reference 9).
class Decoder {
 public:
  void take(const DpuOpView& op) {
    switch (op.row.code) {
      case kWrite32:
        return add(arch::Write{arch::address_of(tile(op), op.words[1]), op.words[2]});
      case kSync:
        return add(sync(op));
      case kWriteBdExtendShim:
        return descriptors(op, byte(op.words[0], 8), op.words[1], op.words.subspan(2));
      case kWriteShimBd:
        return descriptors(op, 1, 0, op.words.subspan(1));
      case kReadPoll:
        return add(arch::MaskPoll{arch::address_of(tile(op), op.words[1]), ~0U, op.words[2]});
      case kNoop:
      case kRecordTimestamp:
        ++result_.skipped[std::string(op.row.name)];
        return;
      default:
        ++result_.unmodelled[std::string(op.row.name)];
    }
  }

  Decoded result() { return std::move(result_); }

 private:
  enum Code : uint8_t {
    kNoop = 0,
    kWrite32 = 2,
    kSync = 3,
    kWriteBdExtendShim = 6,
    kWriteShimBd = 11,
    kReadPoll = 15,
    kRecordTimestamp = 16,
  };

  void add(arch::Command command) { result_.commands.push_back(std::move(command)); }

  static uint8_t byte(uint32_t word, int shift) { return static_cast<uint8_t>(word >> shift); }
  static arch::Coord tile(const DpuOpView& op) {
    return existing(op, byte(op.words[0], 16), byte(op.words[0], 8));
  }
  static arch::Coord existing(const DpuOpView& op, int col, int row) {
    if (col >= arch::kMaxColumns || row >= arch::kRows)
      throw Error("dpu text at word {}: {}: there is no tile in column {}, row {}", op.index,
                  op.row.name, col, row);
    return {static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
  }

  static arch::Sync sync(const DpuOpView& op) {
    const bool out = op.words[0] & 1;
    return {.col = byte(op.words[0], 16),
            .row = byte(op.words[0], 8),
            .direction = out ? arch::Direction::Mm2s : arch::Direction::S2mm,
            .channel = byte(op.words[1], 24),
            .columns = byte(op.words[1], 16),
            .rows = byte(op.words[1], 8)};
  }

  /// The same descriptor in shims side by side, each `increment` bytes further.
  void descriptors(const DpuOpView& op, int columns, uint32_t increment,
                   std::span<const uint32_t> words) {
    const int id = op.words[0] & 0xF;
    const uint32_t argument = op.words[0] >> 4 & 0xF;
    for (int i = 0; i < std::max(columns, 1); ++i) {
      const arch::Coord shim = existing(op, byte(op.words[0], 16) + i, 0);
      const uint32_t address = arch::address_of(shim, arch::bd_offset(arch::TileKind::Shim, id));
      add(arch::BlockWrite{address, Words(words.begin(), words.end())});
      add(arch::AddressPatch{address + 4, argument,
                             words[1] + uint64_t{increment} * static_cast<uint32_t>(i)});
    }
  }

  Decoded result_;
};

}  // namespace

Decoded dpu_commands(std::span<const uint32_t> words) {
  Decoder decoder;
  for_each_dpu_op(words, [&](const DpuOpView& op) { decoder.take(op); });
  return decoder.result();
}

}  // namespace npu::xclbin
