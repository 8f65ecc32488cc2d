// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/control_elf.h"

#include <gtest/gtest.h>

#include "tests/arch/error_text.h"
#include "tests/xclbin/control_elf.h"

namespace npu::xclbin {
namespace {

TEST(ControlElf, ARelocationIsAnAddressPatchOfItsBuffer) {
  const LoadedInstructions loaded =
      load_instructions(control_elf("5", kShimDma48, descriptor_offset(), 24));
  ASSERT_EQ(loaded.commands.size(), 3u);
  EXPECT_EQ(std::get<arch::AddressPatch>(loaded.commands[1]),
            (arch::AddressPatch{kControlBd + 4, 2, 24}));
  EXPECT_EQ(loaded.generation, arch::Generation::Aie2);
}

TEST(ControlElf, WhatTheDescriptorHoldsIsPartOfTheOffset) {
  const auto loaded =
      load_instructions(control_elf("3", kShimDma48, descriptor_offset(), 8, 0x100));
  EXPECT_EQ(std::get<arch::AddressPatch>(loaded.commands[1]),
            (arch::AddressPatch{kControlBd + 4, 0, 0x108}));
}

TEST(ControlElf, WhoeverLoadsItTranslatesTheAddressesOfAllArguments) {
  const auto loaded = load_instructions(control_elf("12", kShimDma48, descriptor_offset(), 0));
  EXPECT_EQ(std::get<arch::AddressPatch>(loaded.commands[1]).argument, 9u);
  EXPECT_TRUE(loaded.unfolded.empty());
}

TEST(ControlElf, ASymbolThatIsNoBufferIsRefused) {
  EXPECT_EQ(error_text([] {
              control_stream(control_elf("control-packet", kShimDma48, descriptor_offset(), 0));
            }),
            "control elf at 0xbc: relocation: `control-packet` is no buffer of the call; buffers "
            "are called 3 and on");
}

TEST(ControlElf, ARelocationOfAnotherKindIsRefused) {
  EXPECT_EQ(error_text([] { control_stream(control_elf("3", 4, descriptor_offset(), 0)); }),
            "control elf at 0xaf: relocation: type 4 is not known; 5, a shim descriptor");
}

TEST(ControlElf, ARelocationOutsideOfADescriptorIsRefused) {
  EXPECT_EQ(error_text([] { control_stream(control_elf("3", kShimDma48, 4096, 0)); }),
            "control elf: relocation of byte 0x1000: .ctrltext has 88 bytes");
}

TEST(ControlElf, TheProgramOfACoreHoldsNoStream) {
  EXPECT_EQ(error_text([] {
              ControlElf file;
              file.add(".text", Bytes(16));
              control_stream(file.write());
            }),
            "control elf: there is no section .ctrltext; an ELF with instructions has one; that "
            "of a core is no instruction stream");
}

TEST(ControlElf, ThatIsCutShortIsRefusedWithTheOffset) {
  const Bytes whole = control_elf("3", kShimDma48, descriptor_offset(), 0);
  for (size_t size = 16; size < whole.size(); size += 7)
    EXPECT_NE(error_text([&] { control_stream(View(whole).first(size)); }), "") << size;
}

}  // namespace
}  // namespace npu::xclbin
