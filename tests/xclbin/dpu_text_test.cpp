// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/dpu_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/error_text.h"
#include "xclbin/design_files.h"
#include "xclbin/hex_text.h"

namespace npu::xclbin {
namespace {

using testing::ElementsAre;

std::vector<std::string> names(const Words& words) {
  std::vector<std::string> names;
  for_each_dpu_op(words, [&](const DpuOpView& op) { names.emplace_back(op.row.name); });
  return names;
}

TEST(DpuText, OperationsHaveTheLengthOfTheirCode) {
  EXPECT_THAT(names({0x02000000, 0x1D204, 1, 0x00000000, 0x03000001, 0x01010100}),
              ElementsAre("write32", "noop", "sync"));
}

TEST(DpuText, ADescriptorIsShorterInCoreTiles) {
  Words words(9 + 7);
  words[0] = 0x01000000;
  words[9] = 0x01000200;
  EXPECT_THAT(names(words), ElementsAre("write_bd", "write_bd"));
}

TEST(DpuText, APrologIsSteppedOver) {
  Words words(18);
  words[0] = 0x11;
  words[1] = 0x01000405;
  words[17] = 0x10000000;
  EXPECT_TRUE(is_dpu_text(words));
  EXPECT_THAT(names(words), ElementsAre("record_timestamp"));
}

TEST(DpuText, ATransactionIsNotTakenForOne) {
  EXPECT_FALSE(is_dpu_text(Words{0x06030100, 0x104, 0, 16}));
}

// Descriptor 3 of columns 1 and 2, of argument 2 from byte 64 on, 256 further in each column; a
// task of it; its token.
const Words kTransfer{0x06010223, 256,        32,      64,         0,          0,         0, 0, 0,
                      0x02000000, 0x02010000, 0x1D204, 0x80000003, 0x03010000, 0x00020100};

TEST(DpuText, ADescriptorIsPatchedInEveryColumn) {
  const arch::Commands commands = dpu_commands(kTransfer).commands;
  ASSERT_EQ(commands.size(), 6u);
  const uint32_t first = arch::address_of({1, 0}, 0x1D060);
  EXPECT_EQ(std::get<arch::BlockWrite>(commands[0]).address, first);
  EXPECT_EQ(std::get<arch::AddressPatch>(commands[1]), (arch::AddressPatch{first + 4, 2, 64}));
  const uint32_t second = arch::address_of({2, 0}, 0x1D060);
  EXPECT_EQ(std::get<arch::AddressPatch>(commands[3]), (arch::AddressPatch{second + 4, 2, 320}));
}

TEST(DpuText, WritesAndSyncsNameTheirTile) {
  const arch::Commands commands = dpu_commands(kTransfer).commands;
  EXPECT_EQ(std::get<arch::Write>(commands[4]),
            (arch::Write{arch::address_of({1, 0}, 0x1D204), 0x80000003}));
  EXPECT_EQ(std::get<arch::Sync>(commands[5]), (arch::Sync{1, 0, arch::Direction::S2mm, 0, 2, 1}));
}

TEST(DpuText, IsReadAsInstructions) {
  const std::string text = hex_text(kTransfer);
  const Bytes file(text.begin(), text.end());
  const LoadedInstructions loaded = load_instructions(file);
  EXPECT_EQ(loaded.commands, dpu_commands(kTransfer).commands);
  EXPECT_EQ(loaded.generation, arch::Generation::Aie2);
}

TEST(DpuText, WhatHasNoEquivalentIsCounted) {
  const Decoded decoded = dpu_commands(Words{0, 0x11000000});
  EXPECT_EQ(decoded.skipped.at("noop"), 1u);
  EXPECT_EQ(decoded.unmodelled.at("merge_sync"), 1u);
}

TEST(DpuTextErrors, NameTilesThatThereAreNot) {
  EXPECT_EQ(error_text([] {
              dpu_commands(Words{0, 0x02000900, 0x1D204, 1});
            }),
            "dpu text at word 1: write32: there is no tile in column 0, row 9");
}

TEST(DpuTextErrors, NameTheWord) {
  EXPECT_EQ(error_text([] {
              names({0, 0xFF000000});
            }),
            "dpu text at word 1: operation: code 0xff is not one");
  EXPECT_EQ(error_text([] {
              names({0x02000000, 1});
            }),
            "dpu text at word 0: write32: needs 3 words, 2 left");
}

}  // namespace
}  // namespace npu::xclbin
