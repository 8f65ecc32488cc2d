// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/partition.h"

#include <array>

namespace npu::xclbin {

namespace {

constexpr size_t kHeaderBytes = 184;
constexpr size_t kPdiBytes = 96;
constexpr size_t kGroupBytes = 96;

/// Follows the offsets of the section. What is taken in all stays in proportion to its size.
class Heap {
 public:
  explicit Heap(Reader& section) : section_(section), budget_(2 * section.size() + 65536) {}

  std::string text(uint32_t offset, std::string_view field) {
    std::string text = section_.text_at(offset, field);
    spend(text.size(), offset, field);
    return text;
  }

  /// The bytes that an array at the place of `header` names: a count and an offset.
  Reader array(Reader& header, size_t element_bytes, std::string_view field) {
    const uint32_t count = header.u32(field);
    const uint32_t offset = header.u32(field);
    if (count == 0)
      return section_.part(0, 0, field);
    const uint64_t size = uint64_t{count} * element_bytes;
    Reader part = section_.part(offset, size, field);
    spend(size, offset, field);
    return part;
  }

 private:
  void spend(uint64_t size, uint64_t offset, std::string_view field) {
    if (size > budget_)
      throw section_.error_at(offset, field, "the section names the same bytes too often");
    budget_ -= size;
  }

  Reader& section_;
  uint64_t budget_;
};

std::vector<uint64_t> numbers(Reader array, std::string_view field) {
  std::vector<uint64_t> values;
  while (!array.done())
    values.push_back(array.u64(field));
  return values;
}

CdoGroup read_group(Reader& reader, Heap& heap) {
  CdoGroup group;
  group.name = heap.text(reader.u32("group name"), "group name");
  group.type = CdoGroupType{reader.u8("group type")};
  reader.skip(3, "padding");
  group.pdi_id = reader.u64("pdi id");
  group.kernel_ids = numbers(heap.array(reader, 8, "kernel ids"), "kernel ids");
  group.pre_groups = numbers(heap.array(reader, 8, "pre groups"), "pre groups");
  reader.skip(64, "reserved");
  return group;
}

PartitionPdi read_entry(Reader& reader, Heap& heap) {
  PartitionPdi pdi;
  const View uuid = reader.bytes(pdi.uuid.bytes.size(), "uuid");
  std::copy(uuid.begin(), uuid.end(), pdi.uuid.bytes.begin());
  const View image = heap.array(reader, 1, "image").all();
  pdi.image.assign(image.begin(), image.end());
  for (Reader groups = heap.array(reader, kGroupBytes, "cdo groups"); !groups.done();)
    pdi.groups.push_back(read_group(groups, heap));
  reader.skip(64, "reserved");
  return pdi;
}

/// Builds the section: a header, then a heap of items that begin at multiples of eight bytes.
class Builder {
 public:
  Builder() { heap_.zeros(kHeaderBytes); }

  uint32_t text(std::string_view text) {
    const uint32_t offset = place();
    heap_.text(text);
    heap_.align(8);
    return offset;
  }

  /// Count and offset of an array; both 0 when it is empty.
  struct Array {
    uint32_t count = 0;
    uint32_t offset = 0;
  };
  Array array(size_t count, View bytes) {
    if (count == 0)
      return {};
    const uint32_t offset = place();
    heap_.bytes(bytes);
    heap_.align(8);
    return {static_cast<uint32_t>(count), offset};
  }
  Array numbers(const std::vector<uint64_t>& values) {
    Writer writer;
    for (const uint64_t value : values)
      writer.u64(value);
    return array(values.size(), writer.take());
  }

  /// The section with its header.
  Bytes finish(const Bytes& header) {
    Bytes bytes = heap_.take();
    std::copy(header.begin(), header.end(), bytes.begin());
    return bytes;
  }

 private:
  uint32_t place() const { return static_cast<uint32_t>(heap_.size()); }

  Writer heap_;
};

void put(Writer& writer, Builder::Array array) {
  writer.u32(array.count);
  writer.u32(array.offset);
}

Builder::Array add_groups(Builder& builder, const std::vector<CdoGroup>& groups) {
  Writer writer;
  for (const CdoGroup& group : groups) {
    writer.u32(builder.text(group.name));
    writer.u8(static_cast<uint8_t>(group.type));
    writer.zeros(3);
    writer.u64(group.pdi_id);
    put(writer, builder.numbers(group.kernel_ids));
    put(writer, builder.numbers(group.pre_groups));
    writer.zeros(64);
  }
  return builder.array(groups.size(), writer.take());
}

Builder::Array add_pdis(Builder& builder, const std::vector<PartitionPdi>& pdis) {
  Writer writer;
  for (const PartitionPdi& pdi : pdis) {
    writer.bytes(pdi.uuid.bytes);
    put(writer, builder.array(pdi.image.size(), pdi.image));
    put(writer, add_groups(builder, pdi.groups));
    writer.zeros(64);
  }
  return builder.array(pdis.size(), writer.take());
}

}  // namespace

std::string to_string(CdoGroupType type) {
  constexpr std::array<std::string_view, 4> kNames{"UNKNOWN", "PRIMARY", "LITE", "PRE_POST"};
  const size_t number = static_cast<size_t>(type);
  return number < kNames.size() ? std::string(kNames[number]) : std::to_string(number);
}

AiePartition read_partition(View bytes) {
  Reader section(bytes, "aie partition");
  Heap heap(section);
  AiePartition partition;
  partition.schema_version = section.u8("schema version");
  section.skip(3, "padding");
  partition.name = heap.text(section.u32("name"), "name");
  partition.operations_per_cycle = section.u32("operations per cycle");
  section.skip(4, "padding");
  partition.inference_fingerprint = section.u64("inference fingerprint");
  partition.pre_post_fingerprint = section.u64("pre post fingerprint");
  partition.columns = section.u16("column width");
  section.skip(6, "padding");
  for (Reader columns = heap.array(section, 2, "start columns"); !columns.done();)
    partition.start_columns.push_back(columns.u16("start columns"));
  section.skip(72, "reserved");
  Reader pdis = heap.array(section, kPdiBytes, "pdis");
  const uint32_t commit = section.u32("kernel commit id");
  section.skip(52, "reserved");
  partition.kernel_commit_id.reset();
  if (commit != 0)
    partition.kernel_commit_id = heap.text(commit, "kernel commit id");
  while (!pdis.done())
    partition.pdis.push_back(read_entry(pdis, heap));
  return partition;
}

Bytes write_partition(const AiePartition& partition) {
  Builder builder;
  const uint32_t name = builder.text(partition.name);
  const uint32_t commit =
      partition.kernel_commit_id ? builder.text(*partition.kernel_commit_id) : 0;
  Writer columns;
  for (const uint16_t column : partition.start_columns)
    columns.u16(column);
  const Builder::Array start = builder.array(partition.start_columns.size(), columns.take());
  const Builder::Array pdis = add_pdis(builder, partition.pdis);

  Writer header;
  header.u8(partition.schema_version);
  header.zeros(3);
  header.u32(name);
  header.u32(partition.operations_per_cycle);
  header.u32(0);
  header.u64(partition.inference_fingerprint);
  header.u64(partition.pre_post_fingerprint);
  header.u16(partition.columns);
  header.zeros(6);
  put(header, start);
  header.zeros(72);
  put(header, pdis);
  header.u32(commit);
  header.zeros(52);
  return builder.finish(header.take());
}

}  // namespace npu::xclbin
