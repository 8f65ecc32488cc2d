// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/command.h"

#include <gtest/gtest.h>

namespace npu::arch {
namespace {

std::string text(const Command& command) {
  return to_string(command);
}

TEST(CommandText, ShowsATaskByItsFields) {
  EXPECT_EQ(text(Write{0x0221DE04, 0x80070003}),
            "write core(1,2).dma.s2mm0.start_queue = 0x80070003: start_bd 3, repeat 8, token 1");
}

TEST(CommandText, ShowsTheFieldsOfARegisterThatAreSet) {
  EXPECT_EQ(text(Write{0x0003F030, 0x80000005}),
            "write shim(0,0).switch.master12 = 0x80000005: configuration 5, master_enable 1");
}

TEST(CommandText, ShowsOneWholeFieldByItsValueAlone) {
  EXPECT_EQ(text(Write{0x001C0020, 2}), "write memtile(0,1).lock2.value = 0x00000002");
}

TEST(CommandText, ShowsAnUnknownRegisterByItsOffset) {
  EXPECT_EQ(text(Write{0x0021D300, 1}), "write core(0,2)+0x1d300 = 0x00000001");
}

TEST(CommandText, ShowsAWholeDescriptorByItsFields) {
  EXPECT_EQ(text(BlockWrite{0x0021D000, {0x01000400, 0, 0, 0, 0, 0x0e043fe0}}),
            "write core(0,2).dma.bd0: length 1024, base_address 1024, acquire_value -1, "
            "acquire_enable 1, release_id 1, release_value 1, valid 1, use_next_bd 1, next_bd 1");
}

TEST(CommandText, ShowsPartOfADescriptorAsABlock) {
  EXPECT_EQ(text(BlockWrite{0x0021D004, {0, 0}}), "write core(0,2).dma.bd0.w1 .. 2 words");
}

TEST(CommandText, ShowsABlockOfMemoryByItsPlace) {
  EXPECT_EQ(text(BlockWrite{0x00220000, std::vector<uint32_t>(20)}),
            "write core(0,2).program_memory+0x0 .. 20 words");
}

TEST(CommandText, ShowsMasksAndPolls) {
  EXPECT_EQ(text(MaskWrite{0x00232000, 1, 1}),
            "mask write core(0,2).core.control = 0x00000001 under 0x00000001");
  EXPECT_EQ(text(MaskPoll{0x00232004, 0x100000, 0x100000}),
            "poll core(0,2).core.status & 0x00100000 == 0x00100000");
}

TEST(CommandText, ShowsAPatchByArgumentAndOffset) {
  EXPECT_EQ(text(AddressPatch{0x0001D024, 2, 4096}),
            "patch shim(0,0).dma.bd1.w1 += argument 2 + 4096");
}

TEST(CommandText, ShowsASyncByChannelAndRange) {
  EXPECT_EQ(text(Sync{1, 0, Direction::S2mm, 1, 1, 1}), "sync shim(1,0).s2mm1");
  EXPECT_EQ(text(Sync{0, 0, Direction::Mm2s, 0, 4, 1}),
            "sync shim(0,0).mm2s0 over 4 columns x 1 rows");
}

TEST(CommandText, ShowsALoadByItsId) {
  EXPECT_EQ(text(Load{7}), "load configuration 7");
}

TEST(CommandText, NamesRegistersOfTheGenerationAskedFor) {
  EXPECT_EQ(to_string(Command(Write{0x001A06E0, 9}), Generation::Aie2p),
            "write memtile(0,1).dma.mm2s0.pad_value = 0x00000009");
}

}  // namespace
}  // namespace npu::arch
