// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hw-model/arch/device.h"
#include "hw-model/arch/error.h"
#include "hw-model/arch/tile.h"

namespace npu::arch {

/// Where a field sits in a block of words, and how its value is coded.
struct Bits {
  uint8_t word = 0;
  uint8_t msb = 0;
  uint8_t lsb = 0;
  bool stored_minus_one = false;
  bool is_signed = false;

  constexpr int width() const { return msb - lsb + 1; }
  constexpr uint32_t mask() const { return (width() == 32 ? ~0u : (1u << width()) - 1) << lsb; }
  constexpr Bits minus_one() const {
    Bits b = *this;
    b.stored_minus_one = true;
    return b;
  }
  constexpr Bits signed_() const {
    Bits b = *this;
    b.is_signed = true;
    return b;
  }
};
/// `bits(word, msb, lsb)`, as the manual writes it.
constexpr Bits bits(uint8_t word, uint8_t msb, uint8_t lsb) {
  return {word, msb, lsb};
}

/// The value of a field in words.
constexpr int64_t get(std::span<const uint32_t> words, Bits b) {
  const uint32_t raw = (words[b.word] & b.mask()) >> b.lsb;
  if (b.is_signed && (raw >> (b.width() - 1)))
    return static_cast<int64_t>(raw) - (int64_t{1} << b.width());
  return static_cast<int64_t>(raw) + (b.stored_minus_one ? 1 : 0);
}

/// Sets a field; all other bits stay. Throws Error naming the field when the value does not fit.
void put(std::span<uint32_t> words, Bits b, int64_t value, std::string_view name);

/// One field of a typed block.
template <typename Id>
struct FieldRow {
  Id id;
  std::string_view name;
  Bits bits;
};

/// `count` groups of `words` registers with the same fields: buffer descriptors.
template <typename Id, size_t N>
struct Block {
  std::string_view name;
  uint32_t base;
  uint32_t stride;
  uint8_t words;
  uint8_t count;
  std::array<FieldRow<Id>, N> fields;

  constexpr const FieldRow<Id>* find(Id id) const {
    for (const FieldRow<Id>& row : fields)
      if (row.id == id)
        return &row;
    return nullptr;
  }
};

/// True when no two fields share a bit, none leaves its word, and no id occurs twice.
template <typename Id, size_t N>
constexpr bool well_formed(const Block<Id, N>& block) {
  for (size_t i = 0; i < N; ++i) {
    const Bits& a = block.fields[i].bits;
    if (a.word >= block.words || a.msb > 31 || a.lsb > a.msb)
      return false;
    for (size_t j = 0; j < i; ++j) {
      const Bits& b = block.fields[j].bits;
      if (block.fields[i].id == block.fields[j].id)
        return false;
      if (a.word == b.word && (a.mask() & b.mask()))
        return false;
    }
  }
  return block.stride >= block.words * 4u;
}

/// Registers with behaviour have an id of their own; the rest are `Storage` (kept and read back)
/// and are counted as not modelled when written.
enum class RegisterId : uint8_t {
  Storage,   ///< known by name; value kept, no effect in the model
  Accepted,  ///< known, and having no effect is right (clocks, isolation, event selection)
  DataMemory,
  ProgramMemory,
  Bd,
  S2mmControl,
  S2mmQueue,
  S2mmStatus,
  S2mmWriteCount,
  S2mmFotCount,
  Mm2sControl,
  Mm2sQueue,
  Mm2sStatus,
  PadValue,
  LockValue,
  LockRequest,
  LocksOverflow,
  LocksUnderflow,
  SwitchMaster,
  SwitchSlave,
  SwitchSlot,   ///< element: slave port, word: slot
  SwitchMerge,  ///< deterministic merge; element: arbiter, word: positions 0 and 1, positions 2 and
                ///< 3, enable
  ShimMux,
  ShimDemux,
  CoreControl,
  CoreStatus,
  CascadeControl,  ///< Accumulator_Control
  MemoryControl,   ///< zeroisation (and interleaving of the memtile)
  EventStatus,
  EventGenerate,
  TimerLow,
  TimerHigh,
  TimerControl,
};

/// A field of a register, for printing and checking.
struct RegisterField {
  std::string_view name;
  uint8_t msb;
  uint8_t lsb;
  uint32_t reset = 0;
};

/// One row of the register map: `count` registers (or blocks of `words` words) from `offset`,
/// `stride` bytes apart.
struct Register {
  RegisterId id;
  std::string_view name;  ///< dotted, lower case, `{}` for the element, a second `{}` for its word:
                          ///< `switch.slave{}.slot{}`
  uint32_t offset;
  uint32_t stride;
  uint16_t count;
  uint32_t words;  ///< of one element; memories have one element of many words
  bool aie2;
  bool aie2p;
  std::span<const RegisterField> fields;
};

/// The register map of one kind of tile, ordered by offset. The one table that model, emitter,
/// disassembler, error texts and documentation read.
std::span<const Register> registers(TileKind kind);

/// An address inside a row.
struct Location {
  const Register* row = nullptr;
  int index = 0;  ///< element
  int word = 0;   ///< word inside the element
};

/// The row that holds `offset` in that kind of tile and generation, or nothing.
std::optional<Location> find_register(TileKind kind, Generation generation, uint32_t offset);

/// The offset of element `index` of the first row with that id; throws Error when the tile has
/// none.
uint32_t register_offset(TileKind kind, RegisterId id, int index = 0);

/// `dma.bd0.w5`, `data_memory+0x400`: the name of a place without its tile.
std::string to_string(const Location& location);

/// `core(1,2).dma.bd0.w5`; an unknown place by offset: `core(1,2)+0x1d300`.
std::string name_address(Generation generation, uint32_t address);

/// `core(1,2).dma.bd0.w5 (0x0221d014)`, for every text that mentions an address.
std::string describe_address(Generation generation, uint32_t address);

}  // namespace npu::arch
