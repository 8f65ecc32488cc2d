// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/cdo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/error_text.h"
#include "tests/xclbin/random.h"

namespace npu::xclbin {
namespace {

using arch::Command;
using arch::Commands;
using testing::ElementsAre;
using testing::Pair;

Words words_of_file(const Cdo& cdo) {
  return words_of(write_cdo(cdo), "cdo");
}

TEST(Cdo, ItsHeaderHasLengthAndChecksum) {
  EXPECT_EQ(words_of_file({{{CdoCode::Write, {0x1D204, 5}}}}),
            (Words{4, 0x004F4443, 0x200, 3, 0xFFB0'B9B5, 0x20103, 0x1D204, 5}));
}

TEST(Cdo, AnyConfigurationComesBack) {
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    const Commands commands = random.commands(20, &Random::configuration);
    EXPECT_EQ(to_commands(read_cdo(write_cdo(to_cdo(commands)))).commands, commands);
    const std::array files{to_cdo(commands)};
    EXPECT_EQ(to_commands(read_cdo(write_cdo(pack(files)))).commands, commands);
  }
}

TEST(Cdo, EveryCommandComesBackFromItsBytes) {
  Random random(4);
  for (const CdoOpRow& row : cdo_ops())
    for (const uint32_t extra : {0u, 1u, 254u, 255u, 256u}) {
      if (extra > 0 && !row.data)
        continue;
      const Cdo cdo{{{row.code, random.words(row.words + extra)}}};
      EXPECT_EQ(read_cdo(write_cdo(cdo)), cdo) << row.name;
    }
}

TEST(Cdo, ALongPayloadHasItsLengthInAWordOfItsOwn) {
  const Words file = words_of_file({{{CdoCode::Nop, Words(255)}}});
  EXPECT_EQ(file.at(5), 0x00FF0111u);
  EXPECT_EQ(file.at(6), 255u);
}

TEST(Cdo, DriversAlignTheDataOfBlocksTo16Bytes) {
  const Cdo cdo = to_cdo(Commands{arch::Write{0, 1}, arch::BlockWrite{0x200444, {7, 8}}});
  const Words file = words_of_file(cdo);
  EXPECT_EQ(std::find(file.begin(), file.end(), 7u) - file.begin(), 16);
}

TEST(Cdo, PackingAlignsTheDataOfBlocksLikeTheirDestination) {
  const std::array files{to_cdo(Commands{arch::BlockWrite{0x200444, {7, 8}}})};
  const Words file = words_of_file(pack(files));
  EXPECT_EQ((std::find(file.begin(), file.end(), 7u) - file.begin()) % 4, 0x444 / 4 % 4);
}

TEST(Cdo, PackingNarrowsAddresses) {
  const std::array files{Cdo{{{CdoCode::Write64, {0, 0x100, 1}},
                              {CdoCode::MaskWrite64, {0, 0x100, 2, 1}},
                              {CdoCode::MaskPoll64, {0, 0x100, 2, 1, 9, 0}},
                              {CdoCode::DmaWrite, {0, 0x200, 5}}}}};
  EXPECT_THAT(pack(files).commands, ElementsAre(CdoCommand{CdoCode::Write, {0x100, 1}},
                                                CdoCommand{CdoCode::MaskWrite, {0x100, 2, 1}},
                                                CdoCommand{CdoCode::MaskPoll, {0x100, 2, 1, 9}},
                                                CdoCommand{CdoCode::Write, {0x200, 5}}));
}

TEST(Cdo, NothingAfterTheEndCounts) {
  const Cdo cdo{{{CdoCode::Write, {4, 1}}, {CdoCode::End, {}}, {CdoCode::Write, {8, 2}}}};
  EXPECT_THAT(to_commands(cdo).commands, ElementsAre(Command(arch::Write{4, 1})));
}

TEST(Cdo, AFillIsABlockOfOneValue) {
  EXPECT_THAT(to_commands(Cdo{{{CdoCode::Set, {0, 0x400, 3, 9}}}}).commands,
              ElementsAre(Command(arch::BlockWrite{0x400, {9, 9, 9}})));
}

TEST(Cdo, WhatHasNoCommandIsCounted) {
  const Decoded decoded = to_commands(Cdo{{{CdoCode::Nop, {1, 2}}, {CdoCode{0x203}, {1}}}});
  EXPECT_THAT(decoded.skipped, ElementsAre(Pair("nop", 1)));
  EXPECT_THAT(decoded.unmodelled, ElementsAre(Pair("command 0x203", 1)));
}

TEST(Cdo, PhasesAreProgramsThenAllElseThenStarts) {
  const arch::BlockWrite program{0x00220000, {1, 2}};
  const arch::Write lock{0x0021F000, 1};
  const arch::Write hold{0x00232000, 0};
  const arch::Write enable{0x00232000, 1};
  const Phases phases = split_phases(Commands{lock, enable, hold, program});
  EXPECT_THAT(phases.elfs, ElementsAre(Command(program)));
  EXPECT_THAT(phases.init, ElementsAre(Command(lock), Command(hold)));
  EXPECT_THAT(phases.enable, ElementsAre(Command(enable)));
}

TEST(CdoErrors, AHostSequenceIsNoConfiguration) {
  EXPECT_EQ(error_text([] { to_cdo(Commands{arch::Load{3}}); }),
            "a configuration cannot contain `load configuration 3`; writes, mask writes and block "
            "writes; loaders refuse all else");
}

std::string complaint(size_t index, uint32_t value) {
  Words words = words_of_file({{{CdoCode::Write, {0x1D204, 5}}}});
  words.at(index) = value;
  if (index != 4)
    words[4] = ~(words[0] + words[1] + words[2] + words[3]);
  return error_text([&] { read_cdo(bytes_of(words)); });
}

TEST(CdoErrors, NameOffsetAndField) {
  EXPECT_EQ(complaint(0, 5), "cdo at 0x0: header length: 5 words, not 4");
  EXPECT_EQ(complaint(1, 5), "cdo at 0x4: identification: 0x00000005 is not one");
  EXPECT_EQ(complaint(2, 0x105), "cdo at 0x8: version: 1.5 is not known; version 2.0");
  EXPECT_EQ(complaint(3, 9), "cdo at 0xc: length: says 9 words, there are 12 bytes");
  EXPECT_EQ(complaint(4, 0), "cdo at 0x10: checksum: 0x00000000, the header has 0xffb0b9b5");
  EXPECT_EQ(complaint(5, 0x30103), "cdo at 0x14: write: needs 3 words, 2 left");
  EXPECT_EQ(complaint(5, 0x10103), "cdo at 0x14: write: a payload of 1 words is not that of one");
}

TEST(CdoErrors, AFillOfMoreThanATile) {
  EXPECT_EQ(error_text([] {
              to_commands(Cdo{{{CdoCode::Set, {0, 0, 0x40001, 0}}}});
            }),
            "cdo at 0x14: set: 262145 words are more than a tile has");
}

}  // namespace
}  // namespace npu::xclbin
