// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/error_text.h"
#include "tests/xclbin/containers.h"
#include "xclbin/mirror.h"
#include "xclbin/names_json.h"
#include "xclbin/sections.h"
#include "xclbin/verify.h"

namespace npu::xclbin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes file_of(const std::string& name) {
  return write_container(container_of({kernel_named(name)}));
}

std::string text_of(View bytes) {
  return std::string(bytes.begin(), bytes.end());
}

TEST(Container, AFileComesBackByteForByte) {
  const Bytes file = file_of("mm");
  EXPECT_EQ(write_container(read_container(file)), file);
}

TEST(Container, EverySectionKindHasItsName) {
  EXPECT_EQ(section_names().size(), 37u);
  EXPECT_EQ(to_string(SectionKind::AiePartition), "AIE_PARTITION");
  EXPECT_EQ(to_string(SectionKind{36}), "DTBO");
  EXPECT_EQ(to_string(SectionKind{99}), "kind 99");
  EXPECT_EQ(section_named("GROUP_CONNECTIVITY"), SectionKind::GroupConnectivity);
}

TEST(Container, UnknownSectionsAreCarriedThrough) {
  Container container = container_of({kernel_named("mm")});
  const Section unknown{SectionKind{99}, "what", {1, 2, 3}};
  container.append(unknown);
  EXPECT_EQ(read_container(write_container(container)).sections().back(), unknown);
}

TEST(Container, SectionsBeginAtMultiplesOfEight) {
  const Container container = container_of({kernel_named("mm")});
  for (const Placed& place : layout(container.sections()))
    EXPECT_EQ(place.offset % 8, 0u);
}

TEST(Container, ItsLengthIsThatOfTheFile) {
  const Bytes file = file_of("mm");
  EXPECT_EQ(words_of(View(file).subspan(0x130, 4), "length").at(0), file.size());
}

TEST(Container, WhatCompilersWriteIsThere) {
  const Container container = container_of({kernel_named("mm")});
  EXPECT_EQ(read_topology(container.bytes_of(SectionKind::MemTopology)), npu_topology());
  EXPECT_THAT(read_ip_layout(container.bytes_of(SectionKind::IpLayout)),
              ElementsAre(Ip{.properties = 0x0901'0001, .name = "mm:MLIRAIE"}));
  EXPECT_THAT(read_connectivity(container.bytes_of(SectionKind::Connectivity)),
              ElementsAre(Connection{1, 0, 1}, Connection{3, 0, 0}, Connection{4, 0, 0},
                          Connection{5, 0, 0}, Connection{6, 0, 0}, Connection{7, 0, 0}));
  EXPECT_EQ(read_connectivity(container.bytes_of(SectionKind::GroupConnectivity)).size(), 12u);
  EXPECT_EQ(container.find(SectionKind::GroupTopology)->bytes,
            container.find(SectionKind::MemTopology)->bytes);
}

TEST(Container, ThePartitionOfAWholeDeviceStartsAtZeroAndAPartAnywhere) {
  EXPECT_THAT(start_columns(arch::kNpu1, 4), ElementsAre(0));
  EXPECT_THAT(start_columns(arch::kNpu1, 1), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(start_columns(arch::kNpu4, 8), ElementsAre(0));
  EXPECT_THAT(start_columns(arch::kNpu4, 1), ElementsAre(1, 2, 3, 4));
}

TEST(Container, AKernelIsFoundByItsNameWithItsImage) {
  const NpuContents contents = read_contents(container_of({kernel_named("mm")}));
  EXPECT_EQ(contents.kernel("mm").pdi->image, kernel_named("mm").pdi);
  EXPECT_EQ(contents.kernel("").info.name, "mm");
}

TEST(Container, EqualInputsAreEqualFiles) {
  EXPECT_EQ(file_of("mm"), file_of("mm"));
}

TEST(Container, DifferentImagesAreDifferentUuids) {
  EXPECT_NE(container_of({kernel_named("mm", 1)}).header().uuid,
            container_of({kernel_named("mm", 2)}).header().uuid);
}

TEST(Container, WhatWeWriteIsInOrder) {
  EXPECT_THAT(verify(file_of("mm")), IsEmpty());
}

TEST(Mirror, SaysWhatIsThere) {
  const std::string text = text_of(file_of("mm"));
  const std::string mirror = text.substr(text.find(kMirrorBegin));
  EXPECT_THAT(mirror, HasSubstr(R"("section_header":{"Kind":"6","Name":"mem_topology")"));
  EXPECT_THAT(mirror, HasSubstr(R"("m_tag":"HOST","m_base_address":"0x4000000")"));
  EXPECT_THAT(mirror, HasSubstr(R"("Version":"\u0002.\u0014.0")"));
}

TEST(Mirror, IsWrittenAnewWhenSectionsChange) {
  Container container = read_container(file_of("mm"));
  container.set(SectionKind{14}, "build", {1, 2, 3});
  const Bytes file = write_container(container);
  EXPECT_THAT(text_of(file), HasSubstr(R"("Kind":"14","Name":"build")"));
  EXPECT_THAT(verify(file), IsEmpty());
}

TEST(Mirror, OfAnotherToolStaysAsItIsWhileItIsTrue) {
  std::string text = text_of(file_of("mm"));
  text.insert(text.find(kMirrorEnd), "\n");
  Bytes file(text.begin(), text.end());
  for (int i = 0; i < 4; ++i)
    file[0x130 + i] = static_cast<uint8_t>(file.size() >> 8 * i);
  EXPECT_EQ(write_container(read_container(file)), file);
}

TEST(Mirror, ThatIsNotTrueIsFound) {
  std::string text = text_of(file_of("mm"));
  const size_t at = text.find(R"("Name":"mem_topology")") + 8;
  text.at(at) = 'M';
  const Bytes file(text.begin(), text.end());
  EXPECT_THAT(verify(file), ElementsAre(HasSubstr("the copy of the headers")));
}

TEST(Names, TravelInASectionOfTheirOwn) {
  KernelImage kernel = kernel_named("mm");
  kernel.names = {.design = "d",
                  .buffers = {{{1, 2}, 0x400, 64, "A@64", "8x8xi8", "a.mlir:3"}},
                  .locks = {{{1, 2}, 3, 2, "A.free", ""}},
                  .flows = {{{1, 0}, arch::Direction::S2mm, 1, "C", ""}},
                  .cores = {{{1, 2}, "matmul"}},
                  .arguments = {{0, "A", 64, "i8"}},
                  .notes = {"split: fixed"}};
  const arch::Names names = names_of(read_container(write_container(container_of({kernel}))), "mm");
  EXPECT_EQ(names.buffer_at({1, 2}, 0x420)->name, "A@64");
  EXPECT_EQ(names.lock({1, 2}, 3)->initial, 2);
  EXPECT_EQ(names.flow({1, 0}, arch::Direction::S2mm, 1)->name, "C");
  EXPECT_EQ(names.cores.at(0).name, "matmul");
  EXPECT_EQ(names.arguments.at(0).bytes, 64u);
  EXPECT_THAT(names.notes, ElementsAre("split: fixed"));
}

TEST(Partition, ComesBackWithAllItsParts) {
  const AiePartition partition{
      .name = "p",
      .columns = 2,
      .start_columns = {1, 2, 3},
      .pdis = {{.uuid = parse_uuid("1"),
                .image = Bytes(33, 7),
                .groups = {{.name = "DPU", .pdi_id = 0xF0, .kernel_ids = {0x201, 0x204}},
                           {.name = "CONTEXT", .type = CdoGroupType::Lite, .pre_groups = {}}}}},
      .kernel_commit_id = std::nullopt};
  EXPECT_EQ(read_partition(write_partition(partition)), partition);
}

TEST(Partition, ItsHeapIsInTheOrderOfTheCommonTool) {
  const AiePartition partition{
      .start_columns = {1, 2, 3, 4},
      .pdis = {{.image = Bytes(2640), .groups = {{.kernel_ids = {0x901}}}}}};
  const Bytes bytes = write_partition(partition);
  const Words words = words_of(bytes, "partition");
  EXPECT_EQ(bytes.size(), 3064u);
  EXPECT_EQ(words.at(1), 0xB8u);                  // name
  EXPECT_EQ(words.at(44 / 4), 0xC8u);             // start columns
  EXPECT_EQ(words.at(124 / 4), 0xB98u);           // pdis
  EXPECT_EQ(words.at(128 / 4), 0xC0u);            // commit id
  EXPECT_EQ(words.at((0xB98 + 20) / 4), 0xD0u);   // image
  EXPECT_EQ(words.at((0xB98 + 28) / 4), 0xB38u);  // groups
  EXPECT_EQ(words.at(0xB38 / 4), 0xB20u);         // group name
}

TEST(Partition, PartsThatNameTheSameBytesTooOftenAreRefused) {
  AiePartition partition;
  partition.pdis.assign(64, {.image = Bytes(100'000)});
  Bytes bytes = write_partition(partition);
  const size_t table = bytes.size() - 64 * 96;
  for (size_t i = 0; i < 64; ++i) {
    Writer entry;
    entry.u32(6'000'000);
    entry.u32(0);
    const Bytes array = entry.take();
    std::copy(array.begin(), array.end(),
              bytes.begin() + static_cast<ptrdiff_t>(table + 96 * i + 16));
  }
  EXPECT_EQ(error_text([&] { read_partition(bytes); }),
            "aie partition at 0x0: image: the section names the same bytes too often");
}

TEST(Metadata, ComesBackAsTheCommonToolPrintsIt) {
  const KernelInfo kernel{
      .name = "MLIR_AIE", .id = 0x901, .arguments = npu_arguments(1), .instances = {"MLIRAIE"}};
  const Bytes xml = add_kernels({}, std::vector{kernel});
  EXPECT_THAT(read_metadata(xml), ElementsAre(kernel));
  EXPECT_EQ(add_kernels(xml, {}), xml);
  EXPECT_THAT(text_of(xml), HasSubstr("        <arg name=\"instr\" addressQualifier=\"1\" id=\"1\" "
                                      "size=\"0x8\" offset=\"0x08\" "
                                      "hostOffset=\"0x0\" hostSize=\"0x8\" type=\"char *\"/>\n"));
  EXPECT_THAT(text_of(xml), HasSubstr("<extended-data subtype=\"1\" functional=\"0\" "
                                      "dpu_kernel_id=\"0x901\"/>"));
}

TEST(Metadata, AttributesOfAKernelMayBeMissingOrEmpty) {
  const std::string xml =
      "<project><platform><device><core><kernel name=\"k\" type=\"dpu\">"
      "<extended-data subtype=\"\" dpu_kernel_id=\"0x100\"/></kernel></core></device></platform>"
      "</project>";
  EXPECT_THAT(read_metadata(Bytes(xml.begin(), xml.end())),
              ElementsAre(KernelInfo{.name = "k", .subtype = 0, .id = 0x100}));
}

TEST(Metadata, AKernelHasAtLeastFiveBuffers) {
  EXPECT_EQ(npu_arguments(2).size(), 8u);
  EXPECT_EQ(npu_arguments(16).back().offset, 0x14u + 8 * 15);
}

TEST(Uuid, ShortOnesAreFilledFromTheLeft) {
  EXPECT_EQ(to_string(parse_uuid("0x1111")), "00000000-0000-0000-0000-000000001111");
}

std::string complaint(size_t at, uint8_t value) {
  Bytes file = file_of("mm");
  file.at(at) = value;
  return error_text([&] { read_container(file); });
}

TEST(ContainerErrors, NameOffsetAndField) {
  EXPECT_EQ(complaint(0, 'y'), "xclbin at 0x0: magic: these bytes do not begin an xclbin; xclbin2");
  EXPECT_THAT(complaint(0x137, 1), HasSubstr("xclbin at 0x130: length: says 7205759403"));
  EXPECT_EQ(complaint(0x1C2, 1), "xclbin at 0x1c0: section count: 65543 sections; at most 10000");
  EXPECT_THAT(complaint(0x1C8 + 24 + 3, 1), HasSubstr("MEM_TOPOLOGY: needs 88 bytes"));
}

TEST(ContainerErrors, SectionsThatOverlap) {
  Bytes file = file_of("mm");
  for (int i = 0; i < 8; ++i)  // the second section lies where the first does
    file[0x1C8 + 40 + 24 + i] = file[0x1C8 + 24 + i];
  EXPECT_THAT(error_text([&] { read_container(file); }), HasSubstr("overlaps what ends at"));
}

TEST(ContainerErrors, ASectionThatIsMissing) {
  Container container = container_of({kernel_named("mm")});
  container.remove(SectionKind::AiePartition);
  EXPECT_EQ(error_text([&] { read_contents(container); }),
            "xclbin: there is no section AIE_PARTITION");
}

TEST(ContainerErrors, AKernelThatIsNotThere) {
  EXPECT_EQ(error_text([] { read_contents(container_of({kernel_named("mm")})).kernel("edge"); }),
            "xclbin: there is no kernel `edge`; kernels: mm");
}

TEST(MetadataErrors, NameTheOffset) {
  const std::string xml = "<project><platform></project>";
  EXPECT_THAT(error_text([&] { read_metadata(Bytes(xml.begin(), xml.end())); }),
              HasSubstr("embedded metadata at 0x15: xml: "));
}

}  // namespace
}  // namespace npu::xclbin
