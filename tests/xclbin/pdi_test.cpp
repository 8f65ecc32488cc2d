// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/pdi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/error_text.h"
#include "tests/xclbin/random.h"

namespace npu::xclbin {
namespace {

using arch::Commands;
using testing::ElementsAre;
using testing::IsEmpty;

Pdi small_pdi() {
  return make_pdi(Commands{arch::BlockWrite{0x00220000, {1, 2, 3}}, arch::Write{0x0021F000, 1},
                           arch::Write{0x00232000, 1}});
}

TEST(Pdi, AnyConfigurationComesBack) {
  Random random(5);
  for (int i = 0; i < 50; ++i) {
    Pdi pdi;
    const std::array files{to_cdo(random.commands(20, &Random::configuration))};
    pdi.cdo = pack(files);
    EXPECT_EQ(read_pdi(write_pdi(pdi)), pdi);
  }
}

TEST(Pdi, TheMeasurementIndexOfNewToolsIsKept) {
  Pdi pdi = small_pdi();
  pdi.measurement = 0xFFFFFFFF;
  EXPECT_EQ(read_pdi(write_pdi(pdi)), pdi);
}

TEST(Pdi, ItsHeadersAreTrue) {
  EXPECT_THAT(pdi_findings(write_pdi(small_pdi())), IsEmpty());
}

TEST(Pdi, TheConfigurationIsAt0x150AndTheFileIsWhole16Bytes) {
  const Bytes file = write_pdi(small_pdi());
  EXPECT_EQ(words_of(file, "pdi").at(0x150 / 4 + 1), 0x004F4443u);
  EXPECT_EQ(file.size() % 16, 0u);
}

TEST(Pdi, AHeaderThatIsNotTrueIsAFindingAndNoError) {
  Bytes file = write_pdi(small_pdi());
  file.at(0x10 + 31 * 4) ^= 1;
  EXPECT_THAT(pdi_findings(file),
              ElementsAre("pdi: image header table: checksum 0x9ac12a79 should be 0x9ac12a78"));
  EXPECT_EQ(read_pdi(file), small_pdi());
}

/// The small PDI with its configuration replaced by zones.
Bytes transformed(const Words& commands, const Words& data) {
  Bytes file = write_pdi(small_pdi());
  file.resize(0x150 + 4 * kCdoHeaderWords);
  const auto set = [&](size_t word, uint32_t value) {
    for (int i = 0; i < 4; ++i)
      file.at(0xD0 + 4 * word + i) = static_cast<uint8_t>(value >> 8 * i);
  };
  set(28, 1);
  set(29, static_cast<uint32_t>(4 * commands.size()));
  for (const Words& part : {commands, data}) {
    const Bytes bytes = bytes_of(part);
    file.insert(file.end(), bytes.begin(), bytes.end());
  }
  return file;
}

TEST(Pdi, ATransformedOneIsReadFromItsZones) {
  const Bytes file = transformed(
      {3, 2, 0x100, 1, 0x104, 2, 5, 2, 0, 0x400, 4, 2, 0, 0x800, 0, 0x1'0002, 2, 1, 0x108, 3, 1},
      {10, 11, 12});
  EXPECT_THAT(
      read_pdi(file).cdo.commands,
      ElementsAre(CdoCommand{CdoCode::Write, {0x100, 1}}, CdoCommand{CdoCode::Write, {0x104, 2}},
                  CdoCommand{CdoCode::DmaWrite, {0, 0x400, 11, 12}},
                  CdoCommand{CdoCode::DmaWrite, {0, 0x800, 0, 0}},
                  CdoCommand{CdoCode::MaskWrite, {0x108, 3, 1}}));
}

TEST(Pdi, TheTailOfATransformedOneMayMissAHeaderLength) {
  const Bytes file = transformed({5, 1, 0, 0x400, 0, 7}, {10, 11});
  EXPECT_THAT(read_pdi(file).cdo.commands,
              ElementsAre(CdoCommand{CdoCode::DmaWrite, {0, 0x400, 10, 11, 0, 0, 0, 0, 0}}));
}

TEST(PdiErrors, BlocksBehindTheData) {
  EXPECT_EQ(error_text([] {
              read_pdi(transformed({5, 1, 0, 0x400, 0, 8}, {10, 11}));
            }),
            "pdi at 0x164: dma_write: 32 bytes at 0x2c leave the data");
}

TEST(PdiErrors, NameOffsetAndField) {
  const auto complaint = [](size_t word, uint32_t value) {
    Words words = words_of(write_pdi(small_pdi()), "pdi");
    words.at(word) = value;
    return error_text([&] { read_pdi(bytes_of(words)); });
  };
  EXPECT_EQ(complaint(0, 1), "pdi at 0x0: bus width words: 0x00000001 does not begin a PDI");
  EXPECT_EQ(complaint(5, 2),
            "pdi at 0x14: images: 2 images and 1 partitions; an NPU's PDI has one of each");
  EXPECT_EQ(complaint(8, 0xFFFF),
            "pdi at 0x3fffc: partition header: needs 128 bytes, the end is at 0x1b0");
  EXPECT_EQ(complaint(61, 0x01000006),
            "pdi at 0xf4: partition: attributes 0x01000006 are not those of a CDO");
}

}  // namespace
}  // namespace npu::xclbin
