// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/elf.h"

#include <array>
#include <map>

#include "hw-model/arch/device.h"
#include "hw-model/arch/program.h"
#include "hw-model/arch/register.h"

namespace npu::xclbin {

namespace {

using arch::TileKind;

constexpr std::string_view kFormat = "elf";
constexpr std::array<uint8_t, 7> kIdent{0x7F, 'E', 'L', 'F', 1, 1, 1};  // 32 bit, little endian
constexpr uint32_t kIdentBytes = 16;
constexpr uint16_t kExecutable = 2;
constexpr uint16_t kHeaderBytes = 52;
constexpr uint16_t kSegmentHeaderBytes = 32;
constexpr uint16_t kSectionHeaderBytes = 40;
constexpr uint32_t kLoad = 1;
constexpr uint32_t kOwnDataEnd = 0x80000;

ElfSegment read_segment(const Reader& file, Reader header) {
  header.skip(4, "type");
  const uint32_t offset = header.u32("offset");
  ElfSegment segment;
  segment.address = header.u32("virtual address");
  header.skip(4, "physical address");
  const uint32_t size = header.u32("file size");
  segment.memory_bytes = header.u32("memory size");
  segment.flags = header.u32("flags");
  if (segment.memory_bytes < size || segment.memory_bytes > arch::kTileWindow)
    throw header
        .error_at(20, "memory size", "{} bytes for a segment of {}", segment.memory_bytes, size)
        .hint("at least the file size, at most {}", arch::kTileWindow);
  const View data = file.part(offset, size, "segment").all();
  segment.bytes.assign(data.begin(), data.end());
  return segment;
}

/// The tile offset of a segment that stays in one of the tile's own memories.
uint32_t offset_of(const ElfSegment& segment) {
  const arch::TileFacts& facts = arch::facts(TileKind::Core);
  const auto inside = [&](uint32_t begin, uint32_t size) {
    return segment.address >= begin && segment.address - begin <= size &&
           segment.memory_bytes <= size - (segment.address - begin);
  };
  if (inside(0, facts.program_bytes))
    return arch::register_offset(TileKind::Core, arch::RegisterId::ProgramMemory) + segment.address;
  if (inside(arch::kCoreOwn, facts.memory_bytes))
    return segment.address - arch::kCoreOwn;
  throw Error("elf: a segment of {} bytes at {:#x} leaves the tile's memories",
              segment.memory_bytes, segment.address)
      .hint("program memory is 0x0 to {:#x}, own data {:#x} to {:#x}", facts.program_bytes,
            arch::kCoreOwn, kOwnDataEnd);
}

}  // namespace

Elf read_elf(View bytes) {
  Reader file(bytes, kFormat);
  const View ident = file.bytes(kIdentBytes, "identification");
  if (!std::equal(kIdent.begin(), kIdent.end(), ident.begin()))
    throw file.error_at(0, "identification", "not a 32-bit little-endian ELF file");
  file.skip(2, "type");
  if (const uint16_t machine = file.u16("machine"); machine != kElfMachineAie)
    throw file.error_at(18, "machine", "{} is not that of a core", machine)
        .hint("{}", kElfMachineAie);
  file.skip(4, "version");
  Elf elf;
  elf.entry = file.u32("entry");
  const uint32_t segments = file.u32("program header offset");
  file.skip(4, "section header offset");
  elf.flags = file.u32("flags");
  file.skip(2, "header size");
  const uint16_t entry_bytes = file.u16("program header size");
  const uint16_t count = file.u16("program header count");
  if (count > 0 && entry_bytes != kSegmentHeaderBytes)
    throw file.error_at(42, "program header size", "{} bytes, not {}", entry_bytes,
                        kSegmentHeaderBytes);
  uint64_t memory = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const Reader header = file.part(uint64_t{segments} + i * kSegmentHeaderBytes,
                                    kSegmentHeaderBytes, "program header");
    if (Reader(header).u32("type") != kLoad)
      continue;
    elf.segments.push_back(read_segment(file, header));
    memory += elf.segments.back().memory_bytes;
    if (memory > arch::kTileWindow)
      throw file.error_at(44, "program header count", "segments need {} bytes, a tile has {}",
                          memory, arch::kTileWindow);
  }
  return elf;
}

Bytes write_elf(const Elf& elf) {
  Writer file;
  file.bytes(kIdent);
  file.zeros(kIdentBytes - kIdent.size());
  file.u16(kExecutable);
  file.u16(kElfMachineAie);
  file.u32(1);
  file.u32(elf.entry);
  file.u32(kHeaderBytes);
  file.u32(0);
  file.u32(elf.flags);
  file.u16(kHeaderBytes);
  file.u16(kSegmentHeaderBytes);
  file.u16(static_cast<uint16_t>(elf.segments.size()));
  file.u16(kSectionHeaderBytes);
  file.u16(0);
  file.u16(0);
  uint32_t offset = kHeaderBytes + static_cast<uint32_t>(elf.segments.size()) * kSegmentHeaderBytes;
  for (const ElfSegment& segment : elf.segments) {
    offset = (offset + 15) / 16 * 16;
    for (const uint32_t word :
         {kLoad, offset, segment.address, segment.address,
          static_cast<uint32_t>(segment.bytes.size()), segment.memory_bytes, segment.flags, 1u})
      file.u32(word);
    offset += static_cast<uint32_t>(segment.bytes.size());
  }
  for (const ElfSegment& segment : elf.segments) {
    file.align(16);
    file.bytes(segment.bytes);
  }
  return file.take();
}

Elf program_elf(std::span<const uint32_t> image) {
  Bytes bytes = bytes_of(image);
  const uint32_t size = static_cast<uint32_t>(bytes.size());
  Elf elf;
  elf.segments.push_back({.address = 0, .bytes = std::move(bytes), .memory_bytes = size});
  return elf;
}

arch::Commands load_elf(const Elf& elf, arch::Coord tile) {
  arch::Commands commands;
  for (const ElfSegment& segment : elf.segments) {
    const uint32_t offset = offset_of(segment);
    if (segment.memory_bytes == 0)
      continue;
    Bytes bytes = segment.bytes;
    bytes.resize((segment.memory_bytes + 3) / 4 * 4);
    commands.push_back(arch::BlockWrite{arch::address_of(tile, offset), words_of(bytes, kFormat)});
  }
  return commands;
}

std::vector<CoreElf> core_elfs(std::span<const arch::Command> configuration) {
  std::map<arch::Coord, Elf> programs;
  std::map<arch::Coord, Elf> data;
  for (const arch::Command& command : configuration) {
    const auto* block = std::get_if<arch::BlockWrite>(&command);
    if (!block)
      continue;
    const arch::Coord tile = arch::tile_of(block->address);
    if (tile.row >= arch::kRows || tile.kind() != TileKind::Core)
      continue;
    const auto place = arch::find_register(TileKind::Core, arch::Generation::Aie2,
                                           arch::offset_of(block->address));
    if (!place)
      continue;
    Elf part = program_elf(block->words);
    ElfSegment& segment = part.segments.front();
    segment.address = 4 * static_cast<uint32_t>(place->word);
    if (place->row->id == arch::RegisterId::ProgramMemory) {
      programs[tile].segments.push_back(std::move(segment));
    } else if (place->row->id == arch::RegisterId::DataMemory) {
      segment.address += arch::kCoreOwn;
      segment.flags = 6;
      data[tile].segments.push_back(std::move(segment));
    }
  }
  std::vector<CoreElf> files;
  for (auto& [tile, elf] : programs) {
    for (ElfSegment& segment : data[tile].segments)
      elf.segments.push_back(std::move(segment));
    files.push_back({tile, std::move(elf)});
  }
  return files;
}

}  // namespace npu::xclbin
