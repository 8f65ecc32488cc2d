// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/dma.h"

#include "hw-model/arch/dma_tables.h"

namespace npu::arch {

const FieldRow<BdField>* bd_field(TileKind kind, BdField field) {
  switch (kind) {
    case TileKind::Shim:
      return kShimBd.find(field);
    case TileKind::Memtile:
      return kMemtileBd.find(field);
    case TileKind::Core:
      return kCoreBd.find(field);
  }
  return nullptr;
}

std::span<const FieldRow<BdField>> bd_fields(TileKind kind) {
  switch (kind) {
    case TileKind::Shim:
      return kShimBd.fields;
    case TileKind::Memtile:
      return kMemtileBd.fields;
    case TileKind::Core:
      return kCoreBd.fields;
  }
  return {};
}

namespace {
/// Every field has a row in at least one kind of tile.
std::string_view name_of(BdField field) {
  for (const TileKind kind : {TileKind::Memtile, TileKind::Shim, TileKind::Core})
    if (const FieldRow<BdField>* row = bd_field(kind, field))
      return row->name;
  return "field";
}
}  // namespace

int64_t get_bd(TileKind kind, std::span<const uint32_t> words, BdField field) {
  const FieldRow<BdField>* row = bd_field(kind, field);
  return row ? get(words, row->bits) : 0;
}

void put_bd(TileKind kind, std::span<uint32_t> words, BdField field, int64_t value) {
  if (const FieldRow<BdField>* row = bd_field(kind, field))
    put(words, row->bits, value, row->name);
  else if (value != 0)
    throw Error("{}: {} cannot be set: a {} descriptor has no such field", name_of(field), value,
                to_string(kind));
}

uint64_t shim_bd_address(std::span<const uint32_t> words) {
  return static_cast<uint64_t>(get_bd(TileKind::Shim, words, BdField::BaseAddressHigh)) << 32 |
         static_cast<uint64_t>(get_bd(TileKind::Shim, words, BdField::BaseAddress)) << 2;
}

void put_shim_bd_address(std::span<uint32_t> words, uint64_t address) {
  if (address % 4 != 0 || address >> 48 != 0)
    throw Error("base_address: {:#x} is not a word address of 48 bits", address);
  put_bd(TileKind::Shim, words, BdField::BaseAddress,
         static_cast<int64_t>(address >> 2 & 0x3FFF'FFFF));
  put_bd(TileKind::Shim, words, BdField::BaseAddressHigh, static_cast<int64_t>(address >> 32));
}

uint32_t channel_register(TileKind kind, RegisterId id, int channel) {
  return register_offset(kind, id, channel);
}

}  // namespace npu::arch
