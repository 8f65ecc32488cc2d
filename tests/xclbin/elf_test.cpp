// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/elf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/error_text.h"
#include "tests/xclbin/random.h"

namespace npu::xclbin {
namespace {

using arch::Command;
using arch::Commands;
using testing::ElementsAre;

TEST(Elf, AProgramIsALoadableSegmentOfACoreFile) {
  const Words image{1, 2, 3};
  const Words file = words_of(write_elf(program_elf(image)), "elf");
  EXPECT_EQ(file.at(0), 0x464C457Fu);
  EXPECT_EQ(file.at(4), 2u | kElfMachineAie << 16);
  EXPECT_EQ(file.at(13), 1u);  // the first program header is that of a loadable segment
}

TEST(Elf, AFileComesBack) {
  Random random(6);
  Elf elf;
  elf.flags = 3;
  for (uint32_t i = 1; i < 5; ++i)
    elf.segments.push_back({0x1000 * i, bytes_of(random.words(i)), 4 * i + random.below(9), i});
  EXPECT_EQ(read_elf(write_elf(elf)), elf);
}

TEST(Elf, ProgramAndOwnDataHavePlacesInTheTile) {
  const Elf elf{.segments = {{0x10, {1, 0, 0, 0}, 4}, {0x70400, {2, 0, 0, 0}, 8}}};
  EXPECT_THAT(load_elf(elf, {1, 2}), ElementsAre(Command(arch::BlockWrite{0x02220010, {1}}),
                                                 Command(arch::BlockWrite{0x02200400, {2, 0}})));
}

TEST(Elf, TheCoresOfAConfigurationAreFiles) {
  const Commands configuration{arch::BlockWrite{0x02220000, {1, 2}},
                               arch::BlockWrite{0x02200400, {3}}, arch::Write{0x0221F000, 1}};
  const std::vector<CoreElf> files = core_elfs(configuration);
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].tile, (arch::Coord{1, 2}));
  EXPECT_THAT(load_elf(files[0].elf, files[0].tile),
              ElementsAre(configuration[0], configuration[1]));
}

TEST(ElfErrors, NameOffsetAndField) {
  const auto complaint = [](size_t word, uint32_t value) {
    Words words = words_of(write_elf(program_elf(Words{1, 2})), "elf");
    words.at(word) = value;
    return error_text([&] { read_elf(bytes_of(words)); });
  };
  EXPECT_EQ(complaint(0, 0), "elf at 0x0: identification: not a 32-bit little-endian ELF file");
  EXPECT_EQ(complaint(4, 0x3E0002), "elf at 0x12: machine: 62 is not that of a core; 264");
  EXPECT_EQ(complaint(7, 0x1000),
            "elf at 0x1000: program header: needs 32 bytes, the end is at 0x68");
  EXPECT_EQ(complaint(18, 4),
            "elf at 0x48: memory size: 4 bytes for a segment of 8; at least the "
            "file size, at most 1048576");
}

TEST(ElfErrors, ASegmentThatLeavesTheTile) {
  EXPECT_EQ(error_text([] {
              load_elf({.segments = {{0x3FFC, {}, 8}}}, {0, 2});
            }),
            "elf: a segment of 8 bytes at 0x3ffc leaves the tile's memories; program memory is 0x0 "
            "to 0x4000, own data 0x70000 to 0x80000");
}

}  // namespace
}  // namespace npu::xclbin
