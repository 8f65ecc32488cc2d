// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/design_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw-model/arch/program.h"
#include "tests/arch/error_text.h"
#include "tests/xclbin/random.h"
#include "xclbin/hex_text.h"

namespace npu::xclbin {
namespace {

using arch::Commands;
using testing::ElementsAre;

const arch::Partition kPartition = arch::partition_of(arch::kNpu4, 8);

arch::Commands two_cores() {
  const arch::Program ours{.code = {{.op = arch::Op::Done}}};
  return {arch::BlockWrite{0x00220000, arch::encode(ours)},
          arch::BlockWrite{0x00320000, {0x12345678, 2}}, arch::Write{0x0021F000, 1},
          arch::Write{0x00232000, 1}, arch::Write{0x00332000, 1}};
}

LoadedKernel through_a_file(const arch::Names& names) {
  const KernelImage kernel = kernel_image("mm", two_cores(), names, kPartition);
  return load_kernel(
      read_container(write_container(make_container(std::vector{kernel}, *kPartition.device))));
}

TEST(DesignFiles, AConfigurationComesBackFromItsContainer) {
  EXPECT_EQ(through_a_file({}).configuration, two_cores());
  EXPECT_EQ(through_a_file({}).columns, 8);
}

TEST(DesignFiles, CoresWithCodeOfOthersAreNamed) {
  EXPECT_THAT(through_a_file({}).foreign_cores, ElementsAre(arch::Coord{0, 3}));
}

TEST(DesignFiles, AKernelHasABufferForEveryArgument) {
  arch::Names names{.design = "d"};
  names.arguments.resize(7);
  EXPECT_EQ(through_a_file(names).info.arguments.size(), 3u + 7);
}

TEST(DesignFiles, AHostSequenceComesBackFromItsFileAndItsText) {
  Random random(11);
  const Commands sequence = random.commands(30, &Random::command);
  const Bytes file = instruction_file(sequence, kPartition);
  const LoadedInstructions loaded = load_instructions(file);
  EXPECT_EQ(loaded.commands, sequence);
  EXPECT_EQ(loaded.generation, arch::Generation::Aie2p);
  EXPECT_EQ(loaded.columns, 8);
  const std::string text = hex_text(words_of(file, "txn"));
  EXPECT_EQ(load_instructions(Bytes(text.begin(), text.end())).commands, sequence);
}

TEST(DesignFilesErrors, MoreArgumentsThanACallHas) {
  arch::Names names;
  names.arguments.resize(17);
  EXPECT_EQ(error_text([&] { kernel_image("mm", two_cores(), names, kPartition); }),
            "a kernel with 17 buffers cannot be called; at most 16");
}

TEST(DesignFilesErrors, AFileThatIsNoInstructionStream) {
  EXPECT_EQ(
      error_text([] {
        load_instructions(Bytes{0xDD, 0, 0, 0, 0x44, 0x33, 0x22, 0x11});
      }),
      "this is not an instruction stream but: PDI; a binary stream, its words as text, or an ELF "
      "that holds it");
}

}  // namespace
}  // namespace npu::xclbin
