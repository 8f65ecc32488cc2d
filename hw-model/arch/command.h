// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hw-model/arch/device.h"

namespace npu::arch {

/// Direction of a DMA channel: S2MM writes memory from a stream, MM2S reads memory into one.
enum class Direction : uint8_t { S2mm = 0, Mm2s = 1 };

// What the device understands. Addresses are partition relative: column [31:25], row [24:20],
// offset [19:0]. A configuration (PDI/CDO) and a host sequence (TXN) are both lists of these.

/// One 32-bit register or memory word.
struct Write {
  uint32_t address = 0;
  uint32_t value = 0;
  bool operator==(const Write&) const = default;
};

/// Words to consecutive word addresses.
struct BlockWrite {
  uint32_t address = 0;
  std::vector<uint32_t> words;
  bool operator==(const BlockWrite&) const = default;
};

/// Replaces the bits of `mask`.
struct MaskWrite {
  uint32_t address = 0;
  uint32_t mask = 0;
  uint32_t value = 0;
  bool operator==(const MaskWrite&) const = default;
};

/// Waits until `(register & mask) == value`.
struct MaskPoll {
  uint32_t address = 0;
  uint32_t mask = 0;
  uint32_t value = 0;
  bool operator==(const MaskPoll&) const = default;
};

/// Puts the device address of host argument `argument` plus `offset` bytes in the shim descriptor
/// whose word 1 is at `address`; what its 48 bits held before is lost (formats reference 8.5).
struct AddressPatch {
  uint32_t address = 0;
  uint32_t argument = 0;
  uint64_t offset = 0;
  bool operator==(const AddressPatch&) const = default;
};

/// Waits for one task-complete token of the channel in each of `columns` x `rows` tiles from
/// (col,row).
struct Sync {
  uint8_t col = 0;
  uint8_t row = 0;
  Direction direction = Direction::S2mm;
  uint8_t channel = 0;
  uint8_t columns = 1;
  uint8_t rows = 1;
  bool operator==(const Sync&) const = default;
};

/// Loads the configuration of that id (a PDI of the container), then goes on.
struct Load {
  uint32_t id = 0;
  bool operator==(const Load&) const = default;
};

using Command = std::variant<Write, BlockWrite, MaskWrite, MaskPoll, AddressPatch, Sync, Load>;
using Commands = std::vector<Command>;

/// The tile of a command, or the right end of the tiles of a sync; nothing for a load.
std::optional<Coord> last_tile(const Command& command);

/// One line, registers by name: `write core(1,2).dma.s2mm0.start_queue = 0x00000003: start_bd 3,
/// repeat 1`. The fields that are not zero follow where the register has fields; a block that is a
/// whole descriptor is shown by its fields.
std::string to_string(const Command& command, Generation generation = Generation::Aie2);

}  // namespace npu::arch
