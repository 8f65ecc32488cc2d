// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/pdi.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "xclbin/transformed.h"

namespace npu::xclbin {

namespace {

constexpr std::string_view kFormat = "pdi";

// Bus width detection words, then three headers; their offsets count words of the file.
constexpr std::array<uint32_t, 4> kPreamble{0x000000DD, 0x11223344, 0x55667788, 0x99AABBCC};
constexpr size_t kTableWords = 32;
constexpr size_t kImageWords = 16;
constexpr size_t kPartitionWords = 32;
constexpr uint32_t kImageOffset = 4 + kTableWords;
constexpr uint32_t kPartitionOffset = kImageOffset + kImageWords;
constexpr uint32_t kDataOffset = kPartitionOffset + kPartitionWords;
constexpr uint32_t kTableVersion = 0x00040000;
constexpr uint32_t kPartialPdi = 0x50504449;
constexpr uint32_t kFullPdi = 0x46504449;
constexpr uint32_t kHeaderSizes = 0x00201020;
constexpr uint32_t kMetaWords = 0x30;
constexpr uint32_t kCdoPartition = 0x02000006;
constexpr uint32_t kTypeMask = 0x07000000;
constexpr uint32_t kAnywhere = 0xFFFFFFFF;

/// Words of the headers that have a meaning here.
namespace table {
constexpr size_t kVersion = 0, kImages = 1, kImage = 2, kPartitions = 3, kPartition = 4,
                 kIdCode = 6, kKind = 10, kSizes = 11, kMeta = 12, kExtendedIdCode = 17;
}
namespace image {
constexpr size_t kPartition = 0, kPartitions = 1, kName = 4, kId = 8, kMeasurement = 14;
}
namespace partition {
constexpr size_t kEncrypted = 0, kLength = 1, kTotal = 2, kLoad = 6, kData = 8, kAttributes = 9,
                 kSections = 10, kTransformed = 28, kZone = 29;
}

uint32_t checksum(std::span<const uint32_t> header) {
  return ~std::accumulate(header.begin(), header.end() - 1, uint32_t{0});
}

struct Headers {
  Words table;
  Words image;
  Words partition;
};

Words header_at(const Reader& file, uint32_t word, size_t words, std::string_view field) {
  return file.part(uint64_t{word} * 4, words * 4, field).words(words, field);
}

Headers read_headers(Reader& file) {
  const uint32_t first = file.u32("bus width words");
  if (first != kPreamble[0])
    throw file.error_at(0, "bus width words", "{:#010x} does not begin a PDI", first);
  Headers headers;
  headers.table = header_at(file, kPreamble.size(), kTableWords, "image header table");
  const Words& t = headers.table;
  const auto at = [&](size_t word) { return 4 * (kPreamble.size() + word); };
  if (t[table::kKind] != kPartialPdi && t[table::kKind] != kFullPdi)
    throw file.error_at(at(table::kKind), "identification", "{:#010x} is not that of a PDI",
                        t[table::kKind]);
  if (t[table::kImages] != 1 || t[table::kPartitions] != 1)
    throw file
        .error_at(at(table::kImages), "images", "{} images and {} partitions", t[table::kImages],
                  t[table::kPartitions])
        .hint("an NPU's PDI has one of each");
  headers.image = header_at(file, t[table::kImage], kImageWords, "image header");
  headers.partition = header_at(file, t[table::kPartition], kPartitionWords, "partition header");
  return headers;
}

std::string text_of(std::span<const uint32_t> words) {
  const Bytes bytes = bytes_of(words);
  return Reader(bytes, kFormat).fixed_text(bytes.size(), "image name");
}

}  // namespace

Pdi read_pdi(View bytes) {
  Reader file(bytes, kFormat);
  const Headers headers = read_headers(file);
  const Words& p = headers.partition;
  if ((p[partition::kAttributes] & kTypeMask) != (kCdoPartition & kTypeMask))
    throw file.error_at(uint64_t{headers.table[table::kPartition]} * 4 + 4 * partition::kAttributes,
                        "partition", "attributes {:#010x} are not those of a CDO",
                        p[partition::kAttributes]);
  Pdi pdi;
  pdi.image = text_of(std::span(headers.image).subspan(image::kName, 4));
  pdi.image_id = headers.image[image::kId];
  pdi.id_code = headers.table[table::kIdCode];
  pdi.extended_id_code = headers.table[table::kExtendedIdCode];
  pdi.measurement = headers.image[image::kMeasurement];
  const uint64_t data = uint64_t{p[partition::kData]} * 4;
  pdi.transformed = p[partition::kTransformed] == 1;
  if (pdi.transformed) {
    Reader rest = file.part(data, bytes.size() - std::min<uint64_t>(data, bytes.size()), "data");
    pdi.cdo = read_transformed(rest, p[partition::kZone]);
  } else {
    const Reader cdo = file.part(data, uint64_t{p[partition::kLength]} * 4, "data");
    pdi.cdo = read_cdo(cdo.all());
  }
  return pdi;
}

Bytes write_pdi(const Pdi& pdi) {
  const Bytes cdo = write_cdo(pdi.cdo);
  const uint32_t length = static_cast<uint32_t>(cdo.size() / 4);
  const uint32_t padded = (length + 3) / 4 * 4;

  std::array<uint32_t, kTableWords> t{};
  t[table::kVersion] = kTableVersion;
  t[table::kImages] = t[table::kPartitions] = 1;
  t[table::kImage] = kImageOffset;
  t[table::kPartition] = kPartitionOffset;
  t[table::kIdCode] = pdi.id_code;
  t[table::kKind] = kPartialPdi;
  t[table::kSizes] = kHeaderSizes;
  t[table::kMeta] = kMetaWords;
  t[table::kExtendedIdCode] = pdi.extended_id_code;
  t.back() = checksum(t);

  std::array<uint32_t, kImageWords> i{};
  i[image::kPartition] = kPartitionOffset;
  i[image::kPartitions] = 1;
  Writer name;
  name.fixed_text(pdi.image, 16, "image name");
  std::ranges::copy(words_of(name.take(), kFormat), i.begin() + image::kName);
  i[image::kId] = pdi.image_id;
  i[image::kMeasurement] = pdi.measurement;
  i.back() = checksum(i);

  std::array<uint32_t, kPartitionWords> p{};
  p[partition::kEncrypted] = p[partition::kTotal] = padded;
  p[partition::kLength] = length;
  p[partition::kLoad] = p[partition::kLoad + 1] = kAnywhere;
  p[partition::kData] = kDataOffset;
  p[partition::kAttributes] = kCdoPartition;
  p[partition::kSections] = 1;
  p.back() = checksum(p);

  Writer file;
  file.words(kPreamble);
  file.words(t);
  file.words(i);
  file.words(p);
  file.bytes(cdo);
  file.align(16);
  return file.take();
}

std::vector<std::string> pdi_findings(View bytes) {
  Reader file(bytes, kFormat);
  const Headers headers = read_headers(file);
  std::vector<std::string> findings;
  const auto check = [&](std::string_view name, const Words& header) {
    if (const uint32_t sum = checksum(header); sum != header.back())
      findings.push_back(
          fmt::format("pdi: {}: checksum {:#010x} should be {:#010x}", name, header.back(), sum));
  };
  check("image header table", headers.table);
  check("image header", headers.image);
  // Transformation leaves the old checksum behind.
  if (headers.partition[partition::kTransformed] == 0)
    check("partition header", headers.partition);
  return findings;
}

Pdi make_pdi(std::span<const arch::Command> configuration) {
  const Phases phases = split_phases(configuration);
  const std::array files{to_cdo(phases.elfs), to_cdo(phases.init), to_cdo(phases.enable)};
  Pdi pdi;
  pdi.cdo = pack(files);
  return pdi;
}

}  // namespace npu::xclbin
