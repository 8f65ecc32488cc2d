// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/tile.h"
#include "hw-model/logic/access.h"
#include "hw-model/logic/lock.h"

namespace npu::logic {

/// A buffer descriptor as its registers say it. Addresses in words: of the tile, of the three
/// memtile windows, or of the bus in a shim.
struct Bd {
  uint32_t iteration_step = 1;
  uint32_t iteration_size = 1;
  uint32_t iteration_current = 0;

  bool valid = false;
  std::optional<uint8_t> next;
  std::optional<AcquireRequest> acquire;
  uint8_t acquire_lock = 0;
  int8_t release = 0;  ///< 0: none
  uint8_t release_lock = 0;

  bool packet = false;
  uint8_t packet_id = 0;
  uint8_t packet_type = 0;
  uint8_t out_of_order_id = 0;
  bool suppress_tlast = false;
  bool compression = false;
  Access access;

  /// Words added to every address in the execution that is loaded now.
  uint64_t iteration_offset() const { return uint64_t{iteration_current} * iteration_step; }
};

/// Reads a descriptor out of its register words (6 in a core tile, else 8).
Bd decode_bd(arch::TileKind kind, std::span<const uint32_t> words);

}  // namespace npu::logic
