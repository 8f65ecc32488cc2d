// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/container.h"

#include <algorithm>

#include "xclbin/mirror.h"

namespace npu::xclbin {

namespace {

constexpr std::string_view kFormat = "xclbin";
constexpr std::string_view kMagic{"xclbin2\0", 8};
constexpr size_t kHeaderBytes = 0x1C8;
constexpr size_t kLengthAt = 0x130;
constexpr size_t kSectionHeaderBytes = 40;
constexpr size_t kNameBytes = 16;
constexpr size_t kPlatformBytes = 64;
constexpr uint32_t kMostSections = 10000;
constexpr uint32_t kUnsigned = 0xFFFFFFFF;

// clang-format off
constexpr std::array<std::string_view, 37> kNames{
    "BITSTREAM", "CLEARING_BITSTREAM", "EMBEDDED_METADATA", "FIRMWARE", "DEBUG_DATA", "SCHED_FIRMWARE", "MEM_TOPOLOGY",
    "CONNECTIVITY", "IP_LAYOUT", "DEBUG_IP_LAYOUT", "DESIGN_CHECK_POINT", "CLOCK_FREQ_TOPOLOGY", "MCS", "BMC",
    "BUILD_METADATA", "KEYVALUE_METADATA", "USER_METADATA", "DNA_CERTIFICATE", "PDI", "BITSTREAM_PARTIAL_PDI",
    "PARTITION_METADATA", "EMULATION_DATA", "SYSTEM_METADATA", "SOFT_KERNEL", "ASK_FLASH", "AIE_METADATA",
    "GROUP_TOPOLOGY", "GROUP_CONNECTIVITY", "SMARTNIC", "AIE_RESOURCES", "OVERLAY", "VENDER_METADATA", "AIE_PARTITION",
    "IP_METADATA", "AIE_RESOURCES_BIN", "AIE_TRACE_METADATA", "DTBO"};
// clang-format on

uint64_t aligned(uint64_t offset) {
  return (offset + 7) / 8 * 8;
}

template <size_t kSize>
void read_into(Reader& reader, std::array<uint8_t, kSize>& bytes, std::string_view field) {
  const View taken = reader.bytes(kSize, field);
  std::copy(taken.begin(), taken.end(), bytes.begin());
}

struct Fixed {
  ContainerHeader header;
  uint32_t signature_bytes = 0;
  uint32_t sections = 0;
};

Fixed read_fixed(Reader& file) {
  Fixed fixed;
  ContainerHeader& header = fixed.header;
  const View magic = file.bytes(kMagic.size(), "magic");
  if (!std::equal(magic.begin(), magic.end(), kMagic.begin()))
    throw file.error_at(0, "magic", "these bytes do not begin an xclbin").hint("xclbin2");
  const uint32_t signature = file.u32("signature length");
  fixed.signature_bytes = signature == kUnsigned ? 0 : signature;
  read_into(file, header.reserved, "reserved");
  read_into(file, header.key_block, "key block");
  header.unique_id = file.u64("unique id");
  const uint64_t length = file.u64("length");
  if (length != file.size())
    throw file.error_at(kLengthAt, "length", "says {} bytes, the file has {}", length, file.size());
  header.timestamp = file.u64("timestamp");
  header.feature_rom_timestamp = file.u64("feature rom timestamp");
  header.version_patch = file.u16("version patch");
  header.version_major = file.u8("version major");
  header.version_minor = file.u8("version minor");
  header.mode = file.u16("mode");
  header.actions = file.u16("action mask");
  read_into(file, header.interface.bytes, "interface uuid");
  header.platform = file.fixed_text(kPlatformBytes, "platform");
  read_into(file, header.uuid.bytes, "xclbin uuid");
  read_into(file, header.debug_bin, "debug bin");
  const uint64_t at = file.position();
  fixed.sections = file.u32("section count");
  file.skip(4, "padding");
  if (fixed.sections > kMostSections)
    throw file.error_at(at, "section count", "{} sections", fixed.sections)
        .hint("at most {}", kMostSections);
  return fixed;
}

struct Range {
  uint64_t begin;
  uint64_t end;
  uint32_t section;
};

/// The end of the last section. Sections that share bytes are refused: they could make a small file
/// need any amount of memory.
uint64_t end_of(std::vector<Range> ranges, uint64_t headers_end, const Reader& file) {
  std::ranges::sort(ranges, {}, &Range::begin);
  uint64_t end = headers_end;
  for (const Range& range : ranges) {
    if (range.begin < end && range.begin != range.end)
      throw file.error_at(range.begin, "section offset", "section {} overlaps what ends at {:#x}",
                          range.section, end);
    end = std::max(end, range.end);
  }
  return end;
}

void write_fixed(Writer& file, const ContainerHeader& header, size_t sections, View signature) {
  file.bytes({reinterpret_cast<const uint8_t*>(kMagic.data()), kMagic.size()});
  file.u32(signature.empty() ? kUnsigned : static_cast<uint32_t>(signature.size()));
  file.bytes(header.reserved);
  file.bytes(header.key_block);
  file.u64(header.unique_id);
  file.u64(0);
  file.u64(header.timestamp);
  file.u64(header.feature_rom_timestamp);
  file.u16(header.version_patch);
  file.u8(header.version_major);
  file.u8(header.version_minor);
  file.u16(header.mode);
  file.u16(header.actions);
  file.bytes(header.interface.bytes);
  file.fixed_text(header.platform, kPlatformBytes, "platform");
  file.bytes(header.uuid.bytes);
  file.bytes(header.debug_bin);
  file.u32(static_cast<uint32_t>(sections));
  file.u32(0);
}

bool contains_mirror(View tail) {
  return std::search(tail.begin(), tail.end(), kMirrorBegin.begin(), kMirrorBegin.end()) !=
         tail.end();
}

}  // namespace

std::string to_string(SectionKind kind) {
  const size_t number = static_cast<size_t>(kind);
  return number < kNames.size() ? std::string(kNames[number]) : fmt::format("kind {}", number);
}

std::span<const std::string_view> section_names() {
  return kNames;
}

std::optional<SectionKind> section_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end())
    return std::nullopt;
  return SectionKind{static_cast<uint32_t>(found - kNames.begin())};
}

void Container::changed() {
  tail_.clear();
  signature_.clear();
}

void Container::set_header(ContainerHeader header) {
  header_ = std::move(header);
  changed();
}

const Section* Container::find(SectionKind kind) const {
  const auto found = std::ranges::find(sections_, kind, &Section::kind);
  return found == sections_.end() ? nullptr : &*found;
}

View Container::bytes_of(SectionKind kind) const {
  if (const Section* section = find(kind))
    return section->bytes;
  throw Error("xclbin: there is no section {}", to_string(kind));
}

void Container::set(SectionKind kind, std::string name, Bytes bytes) {
  const auto found = std::ranges::find(sections_, kind, &Section::kind);
  if (found == sections_.end())
    return append({kind, std::move(name), std::move(bytes)});
  *found = {kind, std::move(name), std::move(bytes)};
  changed();
}

void Container::append(Section section) {
  sections_.push_back(std::move(section));
  changed();
}

void Container::remove(SectionKind kind) {
  std::erase_if(sections_, [&](const Section& section) { return section.kind == kind; });
  changed();
}

void Container::remove_at(size_t index) {
  sections_.erase(sections_.begin() + static_cast<ptrdiff_t>(index));
  changed();
}

void Container::set_mirror(bool mirror) {
  mirror_ = mirror;
  changed();
}

std::vector<Placed> layout(std::span<const Section> sections) {
  std::vector<Placed> placed;
  uint64_t offset = kHeaderBytes + kSectionHeaderBytes * sections.size();
  for (const Section& section : sections) {
    offset = aligned(offset);
    placed.push_back({&section, offset});
    offset += section.bytes.size();
  }
  return placed;
}

Container read_container(View bytes) {
  Reader file(bytes, kFormat);
  const Fixed fixed = read_fixed(file);
  Container container(fixed.header);
  std::vector<Range> ranges;
  for (uint32_t i = 0; i < fixed.sections; ++i) {
    Section section;
    section.kind = SectionKind{file.u32("section kind")};
    section.name = file.fixed_text(kNameBytes, "section name");
    file.skip(4, "padding");
    const uint64_t offset = file.u64("section offset");
    const uint64_t size = file.u64("section size");
    file.part(offset, size, to_string(section.kind));
    ranges.push_back({offset, offset + size, i});
    container.sections_.push_back(std::move(section));
  }
  const uint64_t end = end_of(ranges, file.position(), file);
  for (const Range& range : ranges) {
    const View data = bytes.subspan(range.begin, range.end - range.begin);
    container.sections_[range.section].bytes.assign(data.begin(), data.end());
  }
  const Reader rest = file.part(end, file.size() - end, "mirror");
  if (fixed.signature_bytes > rest.size())
    throw file.error_at(8, "signature length", "{} bytes, {} follow the sections",
                        fixed.signature_bytes, rest.size());
  const View tail = rest.all().first(rest.size() - fixed.signature_bytes);
  container.tail_.assign(tail.begin(), tail.end());
  container.signature_.assign(rest.all().begin() + static_cast<ptrdiff_t>(tail.size()),
                              rest.all().end());
  container.mirror_ = contains_mirror(tail);
  return container;
}

Bytes write_container(const Container& container) {
  Writer file;
  const ContainerHeader& header = container.header_;
  write_fixed(file, header, container.sections_.size(), container.signature_);
  const std::vector<Placed> placed = layout(container.sections_);
  for (const Placed& place : placed) {
    file.u32(static_cast<uint32_t>(place.section->kind));
    file.fixed_text(place.section->name, kNameBytes, "section name");
    file.u32(0);
    file.u64(place.offset);
    file.u64(place.section->bytes.size());
  }
  for (const Placed& place : placed) {
    file.align(8);
    file.bytes(place.section->bytes);
  }
  if (container.mirror_ &&
      (container.tail_.empty() || !mirror_findings(container.tail_, header, placed).empty())) {
    const std::string mirror = mirror_text(header, placed);
    file.bytes({reinterpret_cast<const uint8_t*>(mirror.data()), mirror.size()});
  } else {
    file.bytes(container.tail_);
  }
  file.bytes(container.signature_);
  file.put_u32(kLengthAt, static_cast<uint32_t>(file.size()));
  return file.take();
}

}  // namespace npu::xclbin
