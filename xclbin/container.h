// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xclbin/bytes.h"
#include "xclbin/uuid.h"

namespace npu::xclbin {

/// What a section is. Numbers that are not here are carried through.
enum class SectionKind : uint32_t {
  EmbeddedMetadata = 2,
  MemTopology = 6,
  Connectivity = 7,
  IpLayout = 8,
  UserMetadata = 16,
  GroupTopology = 26,
  GroupConnectivity = 27,
  AiePartition = 32,
};

/// `MEM_TOPOLOGY`; `kind 99` for a number without a name.
std::string to_string(SectionKind kind);
/// The names in order of their numbers.
std::span<const std::string_view> section_names();
std::optional<SectionKind> section_named(std::string_view name);

struct Section {
  SectionKind kind = SectionKind::EmbeddedMetadata;
  std::string name;  ///< at most 15 characters
  Bytes bytes;
  bool operator==(const Section&) const = default;
};

inline constexpr size_t kReservedBytes = 28;
inline constexpr size_t kKeyBlockBytes = 256;
template <size_t kSize>
constexpr std::array<uint8_t, kSize> filled(uint8_t value) {
  std::array<uint8_t, kSize> bytes{};
  bytes.fill(value);
  return bytes;
}

/// The fixed part of a container. Defaults are those of an unsigned file of a compiler.
struct ContainerHeader {
  std::array<uint8_t, kReservedBytes> reserved = filled<kReservedBytes>(0xFF);
  std::array<uint8_t, kKeyBlockBytes> key_block = filled<kKeyBlockBytes>(0xFF);
  uint64_t unique_id = 0;
  uint64_t timestamp = 0;  ///< seconds since 1970
  uint64_t feature_rom_timestamp = 0;
  uint16_t version_patch = 0;
  uint8_t version_major = 2;
  uint8_t version_minor = 20;
  uint16_t mode = 0;
  uint16_t actions = 0;  ///< bit 0 load AIE, bit 1 load PDI
  Uuid interface;
  std::string platform;
  Uuid uuid;
  std::array<uint8_t, 16> debug_bin{};
  bool operator==(const ContainerHeader&) const = default;
};

/// An XCLBIN file: a header and sections. What is read is written again byte for byte when it has
/// the layout of the common tool, the textual copy of the headers at the end included; when that
/// copy is no longer true it is written anew.
class Container {
 public:
  Container() = default;
  explicit Container(ContainerHeader header) : header_(std::move(header)) {}

  const ContainerHeader& header() const { return header_; }
  void set_header(ContainerHeader header);

  std::span<const Section> sections() const { return sections_; }
  /// The first section of that kind, or nullptr.
  const Section* find(SectionKind kind) const;
  /// The bytes of the first section of that kind; throws Error when there is none.
  View bytes_of(SectionKind kind) const;
  /// Replaces the first section of that kind, in its place, or appends one.
  void set(SectionKind kind, std::string name, Bytes bytes);
  void append(Section section);
  void remove(SectionKind kind);
  void remove_at(size_t index);

  bool has_mirror() const { return mirror_; }
  /// Whether the file is to end with the textual copy of its headers.
  void set_mirror(bool mirror);
  View signature() const { return signature_; }

 private:
  friend Container read_container(View bytes);
  friend Bytes write_container(const Container& container);

  void changed();

  ContainerHeader header_;
  std::vector<Section> sections_;
  bool mirror_ = false;
  Bytes tail_;       ///< what followed the sections when the file was read; empty once they change
  Bytes signature_;  ///< of the file as it was read
};

/// Throws Error with the offset for sections that leave the file or overlap.
Container read_container(View bytes);
Bytes write_container(const Container& container);

/// Sections and their places when they are written one after another.
struct Placed {
  const Section* section;
  uint64_t offset;
};
std::vector<Placed> layout(std::span<const Section> sections);

}  // namespace npu::xclbin
