// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/dpu_text.h"

#include <algorithm>

#include "hw-model/arch/tile.h"

namespace npu::xclbin {

namespace {

// clang-format off
constexpr DpuOpRow kOps[] = {
    {0,  "noop",                          1,  0},
    {1,  "write_bd",                      9,  7},
    {2,  "write32",                       3,  0},
    {3,  "sync",                          2,  0},
    {4,  "write_bd_extend_core",          8,  0},
    {5,  "write32_extend_general",        3,  0},
    {6,  "write_bd_extend_shim",          10, 0},
    {7,  "write_bd_extend_memtile",       11, 0},
    {8,  "write32_extend_different_bd",   4,  0},
    {9,  "write_bd_extend_same_bd",       9,  0},
    {10, "dump_ddr",                      44, 0},
    {11, "write_shim_bd",                 9,  0},
    {12, "write_mem_bd",                  9,  0},
    {13, "write32_rtp",                   3,  0},
    {14, "read32",                        2,  0},
    {15, "read32_poll",                   4,  0},
    {16, "record_timestamp",              1,  0},
    {17, "merge_sync",                    1,  0},
    {18, "dump_register",                 0,  0},
};
// clang-format on

constexpr size_t kPrologWords = 17;
constexpr uint32_t kPrologFirst = 0x11;
constexpr uint32_t kPrologSecond = 0x01000405;

bool has_prolog(std::span<const uint32_t> words) {
  return words.size() >= kPrologWords && words[0] == kPrologFirst && words[1] == kPrologSecond;
}

/// Version 0.1 or 1.0 and a size word that is true.
bool looks_like_txn(std::span<const uint32_t> words) {
  if (words.size() < 4)
    return false;
  const uint32_t version = words[0] & 0xFFFF;
  return (version == 0x0100 || version == 0x0001) && words[3] == 4 * words.size();
}

const DpuOpRow* row_of(uint32_t word) {
  const auto found = std::ranges::find(kOps, word >> 24, &DpuOpRow::code);
  return found == std::end(kOps) ? nullptr : &*found;
}

}  // namespace

std::span<const DpuOpRow> dpu_ops() {
  return kOps;
}

bool is_dpu_text(std::span<const uint32_t> words) {
  return !words.empty() && !looks_like_txn(words) && (has_prolog(words) || row_of(words[0]));
}

void for_each_dpu_op(std::span<const uint32_t> words,
                     const std::function<void(const DpuOpView&)>& visit) {
  for (size_t at = has_prolog(words) ? kPrologWords : 0; at < words.size();) {
    const DpuOpRow* row = row_of(words[at]);
    if (!row)
      throw Error("dpu text at word {}: operation: code {:#x} is not one", at, words[at] >> 24);
    if (row->words == 0)
      throw Error("dpu text at word {}: {}: its length is not published", at, row->name);
    const int tile_row = words[at] >> 8 & 0xFF;
    const bool core = row->core_words != 0 && tile_row >= arch::kFirstCoreRow;
    const size_t size = core ? row->core_words : row->words;
    if (size > words.size() - at)
      throw Error("dpu text at word {}: {}: needs {} words, {} left", at, row->name, size,
                  words.size() - at);
    visit({*row, words.subspan(at, size), at});
    at += size;
  }
}

}  // namespace npu::xclbin
