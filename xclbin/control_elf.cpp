// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/control_elf.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "xclbin/metadata.h"
#include "xclbin/txn.h"

namespace npu::xclbin {

namespace {

constexpr std::string_view kFormat = "control elf";
constexpr std::string_view kStream = ".ctrltext";
constexpr std::string_view kRelocations = ".rela.dyn";
constexpr uint32_t kClass32 = 1;
constexpr uint32_t kSectionHeaderBytes = 40;
constexpr uint32_t kSymbolBytes = 16;
constexpr uint32_t kRelocationBytes = 12;
constexpr uint8_t kShimDma48 = 5;

struct Section {
  std::string name;
  uint32_t offset = 0;
  uint32_t size = 0;
  uint32_t link = 0;  ///< of relocations their symbols, of symbols their names
};

/// A shim descriptor whose address is that of an argument.
struct Relocation {
  uint32_t offset = 0;  ///< of the descriptor's first word in the stream
  uint32_t argument = 0;
  int32_t addend = 0;
};

std::vector<Section> read_sections(Reader& file) {
  if (file.part(4, 1, "class").u8("class") != kClass32)
    throw file.error_at(4, "class", "not a 32-bit ELF file");
  file.seek(32, "section header offset");
  const uint32_t headers = file.u32("section header offset");
  file.seek(46, "section header size");
  const uint16_t bytes = file.u16("section header size");
  const uint16_t count = file.u16("section header count");
  const uint16_t names = file.u16("section names");
  if (count > 0 && bytes != kSectionHeaderBytes)
    throw file.error_at(46, "section header size", "{} bytes, not {}", bytes, kSectionHeaderBytes);
  std::vector<Section> sections;
  std::vector<uint32_t> name_offsets;
  for (uint32_t i = 0; i < count; ++i) {
    Reader header = file.part(headers + uint64_t{i} * bytes, bytes, "section header");
    name_offsets.push_back(header.u32("name"));
    header.skip(12, "type, flags, address");
    Section section;
    section.offset = header.u32("offset");
    section.size = header.u32("size");
    section.link = header.u32("link");
    sections.push_back(std::move(section));
  }
  if (names >= sections.size())
    throw file.error_at(50, "section names", "section {} of {}", names, sections.size());
  const Section& table = sections[names];
  const Reader text = file.part(table.offset, table.size, "section names");
  for (size_t i = 0; i < sections.size(); ++i)
    sections[i].name = text.text_at(name_offsets[i], "section name");
  return sections;
}

const Section* find(const std::vector<Section>& sections, std::string_view name) {
  const auto found = std::ranges::find(sections, name, &Section::name);
  return found == sections.end() ? nullptr : &*found;
}

Reader linked(const Reader& file, const std::vector<Section>& sections, const Section& from,
              std::string_view what) {
  if (from.link >= sections.size())
    throw file.error_at(from.offset, from.name, "its {} are section {} of {}", what, from.link,
                        sections.size());
  const Section& to = sections[from.link];
  return file.part(to.offset, to.size, what);
}

/// The argument that a symbol is called after: "3" is the first buffer of a call.
uint32_t argument_of(const Reader& file, uint64_t at, const std::string& symbol) {
  uint32_t number = 0;
  const char* end = symbol.data() + symbol.size();
  const auto [stop, problem] = std::from_chars(symbol.data(), end, number);
  if (problem != std::errc{} || stop != end || number < kFirstBufferArgument)
    throw file.error_at(at, "relocation", "`{}` is no buffer of the call", symbol)
        .hint("buffers are called {} and on", kFirstBufferArgument);
  return number - kFirstBufferArgument;
}

std::vector<Relocation> read_relocations(const Reader& file, const std::vector<Section>& sections) {
  const Section* section = find(sections, kRelocations);
  if (!section)
    return {};
  if (section->link >= sections.size())
    throw file.error_at(section->offset, section->name, "its symbols are section {} of {}",
                        section->link, sections.size());
  const Reader symbols = linked(file, sections, *section, "symbols");
  const Reader names = linked(file, sections, sections[section->link], "symbol names");
  std::vector<Relocation> relocations;
  for (uint32_t at = 0; at + kRelocationBytes <= section->size; at += kRelocationBytes) {
    Reader row = file.part(uint64_t{section->offset} + at, kRelocationBytes, "relocation");
    Relocation relocation{.offset = row.u32("offset")};
    const uint32_t info = row.u32("info");
    relocation.addend = static_cast<int32_t>(row.u32("addend"));
    const uint32_t type = info & 0xFF;
    if (type != kShimDma48)
      throw file.error_at(section->offset + at, "relocation", "type {} is not known", type)
          .hint("{}, a shim descriptor", kShimDma48);
    Reader symbol = symbols.part(uint64_t{info >> 8} * kSymbolBytes, kSymbolBytes, "symbol");
    relocation.argument =
        argument_of(file, section->offset + at, names.text_at(symbol.u32("name"), "symbol name"));
    relocations.push_back(relocation);
  }
  std::ranges::sort(relocations, {}, &Relocation::offset);
  return relocations;
}

/// The patch that a relocation stands for, of a descriptor in the data of a block write.
TxnOp patch_of(const TxnOpView& op, TxnVersion version, const Relocation& relocation) {
  const uint64_t data = op.offset + 4 * (op.words.size() - op.data().size());
  const uint64_t word = (relocation.offset - data) / 4;
  if (op.row.code != TxnCode::BlockWrite || relocation.offset < data ||
      word + 2 >= op.data().size())
    throw Error("control elf: relocation of byte {:#x} of {}: no descriptor in a block write",
                relocation.offset, kStream);
  const uint64_t there = uint64_t{op.data()[word + 2] & 0xFFFF} << 32 | op.data()[word + 1];
  const uint64_t offset = there + static_cast<uint64_t>(int64_t{relocation.addend});
  const auto address = static_cast<uint32_t>(op.get(TxnField::Address) + 4 * (word + 1));
  return make_op(version, TxnCode::AddressPatch,
                 {{TxnField::Address, address},
                  {TxnField::Argument, relocation.argument},
                  {TxnField::Addend, static_cast<uint32_t>(offset)},
                  {TxnField::AddendHigh, static_cast<uint32_t>(offset >> 32)}});
}

}  // namespace

Bytes control_stream(View elf) {
  Reader file(elf, kFormat);
  const std::vector<Section> sections = read_sections(file);
  const Section* stream = find(sections, kStream);
  if (!stream)
    throw Error("control elf: there is no section {}", kStream)
        .hint("an ELF with instructions has one; that of a core is no instruction stream");
  const std::vector<Relocation> relocations = read_relocations(file, sections);
  auto next = relocations.begin();
  Txn txn;
  const View bytes = file.part(stream->offset, stream->size, kStream).all();
  const TxnVersion version = for_each_op(bytes, [](const TxnOpView&) {}).version();
  txn.header = for_each_op(bytes, [&](const TxnOpView& op) {
    txn.ops.push_back({Words(op.words.begin(), op.words.end())});
    for (; next != relocations.end() && next->offset < op.offset + 4 * op.words.size(); ++next)
      txn.ops.push_back(patch_of(op, version, *next));
  });
  if (next != relocations.end())
    throw Error("control elf: relocation of byte {:#x}: {} has {} bytes", next->offset, kStream,
                stream->size);
  return write_txn(txn);
}

}  // namespace npu::xclbin
