// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hw-model/arch/device.h"
#include "xclbin/design_files.h"

// Control ELFs as an assembler of control code writes them.
namespace npu::xclbin {

inline constexpr uint32_t kControlBd = 0x1D000;
inline constexpr uint8_t kShimDma48 = 5;

/// An ELF of sections.
class ControlElf {
 public:
  void add(const std::string& name, Bytes bytes, uint32_t link = 0) {
    sections_.push_back({name, std::move(bytes), link});
  }
  Bytes write() const {
    Writer names;
    names.u8(0);
    std::vector<uint32_t> at;
    const auto name = [&](const std::string& text) {
      at.push_back(static_cast<uint32_t>(names.size()));
      for (const char c : text)
        names.u8(static_cast<uint8_t>(c));
      names.u8(0);
    };
    for (const Section& section : sections_)
      name(section.name);
    name(".shstrtab");
    std::vector<Section> all = sections_;
    all.push_back({".shstrtab", names.take(), 0});
    Writer file;
    for (const uint8_t byte : {0x7F, 0x45, 0x4C, 0x46, 1, 1, 1, 0x45, 2})
      file.u8(byte);
    file.zeros(7);
    file.u16(2);
    file.u16(0);
    file.u32(1);
    file.u32(0);
    file.u32(0);
    uint32_t end = 52;
    for (const Section& section : all)
      end += static_cast<uint32_t>(section.bytes.size());
    file.u32(end);
    file.u32(0);
    for (const uint16_t half : {52, 0, 0, 40})
      file.u16(half);
    file.u16(static_cast<uint16_t>(all.size()));
    file.u16(static_cast<uint16_t>(all.size() - 1));
    for (const Section& section : all)
      file.bytes(section.bytes);
    uint32_t offset = 52;
    for (size_t i = 0; i < all.size(); ++i) {
      const auto size = static_cast<uint32_t>(all[i].bytes.size());
      for (const uint32_t word : {at[i], 1U, 0U, 0U, offset, size, all[i].link, 0U, 4U, 0U})
        file.u32(word);
      offset += size;
    }
    return file.take();
  }

 private:
  struct Section {
    std::string name;
    Bytes bytes;
    uint32_t link;
  };
  std::vector<Section> sections_;
};

/// The stream of a descriptor whose own address is `there`.
inline Bytes control_text(uint32_t there) {
  const arch::Commands commands{
      arch::BlockWrite{kControlBd, {64, there, 0, 0, 0, 0, 0, 0}},
      arch::Write{0x1D214, 0},
  };
  return instruction_file(commands, arch::partition_of(arch::kNpu1, 1));
}

/// The words of that descriptor come after the stream's header and the operation's.
inline uint32_t descriptor_offset() {
  return 16 + 16;
}

/// Sections 0 to 3: the stream, names of symbols, symbols, relocations.
inline Bytes control_elf(const std::string& symbol, uint32_t type, uint32_t offset, uint32_t addend,
                         uint32_t there = 0) {
  ControlElf file;
  file.add(".ctrltext", control_text(there));
  Writer names;
  names.u8(0);
  for (const char c : symbol)
    names.u8(static_cast<uint8_t>(c));
  names.u8(0);
  file.add(".dynstr", names.take());
  Writer symbols;
  symbols.zeros(16);
  for (const uint32_t word : {1U, 0U, 256U, 0U})
    symbols.u32(word);
  file.add(".dynsym", symbols.take(), 1);
  Writer rows;
  for (const uint32_t word : {offset, 1U << 8 | type, addend})
    rows.u32(word);
  file.add(".rela.dyn", rows.take(), 2);
  return file.write();
}

}  // namespace npu::xclbin
