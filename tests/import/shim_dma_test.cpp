// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <array>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compiler/import/import.h"
#include "compiler/lower/lower.h"
#include "compiler/mlir/reader.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/register.h"

namespace npu::compiler {
namespace {

using arch::BdField;
using arch::TileKind;

constexpr arch::Coord kShim{0, 0};
constexpr uint32_t kStride = 0x20;  ///< from descriptor to descriptor

arch::Commands sequence_of(const std::string& body) {
  const std::string text = fmt::format(R"(module {{
  aie.device(npu1_1col) {{
    %shim = aie.tile(0, 0)
    %x = aie.external_buffer {{sym_name = "x"}} : memref<256xi32>
    aie.flow(%shim, DMA : 0, %shim, DMA : 0)
    aie.flow(%shim, DMA : 1, %shim, DMA : 1)
    {}
  }}
}})",
                                       body);
  return lower(import_module(mlir::read(text, "a.mlir"), {.file = "a.mlir"})).sequence;
}

template <typename Kind>
std::vector<Kind> of_kind(const arch::Commands& commands) {
  std::vector<Kind> found;
  for (const arch::Command& command : commands)
    if (const auto* one = std::get_if<Kind>(&command))
      found.push_back(*one);
  return found;
}

int number_of(const arch::BlockWrite& write) {
  return static_cast<int>(
      (write.address - arch::address_of(kShim, arch::bd_offset(TileKind::Shim, 0))) / kStride);
}

/// Blocks of one to six descriptors, the last of which leads to `then`, under a name each.
std::string random_chain(std::mt19937& random, const std::string& then) {
  const int count = 1 + static_cast<int>(random() % 6);
  std::string text;
  for (int i = 0; i < count; ++i) {
    const unsigned rows = 1 + random() % 4;
    const unsigned words = 1 + random() % 8;
    const unsigned step = words + random() % 8;
    text += fmt::format(
        "^b{}:\n aie.dma_bd(%x : memref<256xi32>, {}, {}, [<size = {}, stride = {}>, <size = {}, "
        "stride = 1>])\n",
        i, random() % 64, rows * words, rows, step, words);
    text += i + 1 < count ? fmt::format("aie.next_bd ^b{}\n", i + 1) : then;
  }
  return text;
}

/// A descriptor without what its number decides.
std::vector<uint32_t> without_next(arch::BlockWrite write) {
  arch::put_bd(TileKind::Shim, write.words, BdField::NextBd, 0);
  return write.words;
}

TEST(ShimDma, WritesWhatATaskOfTheSameChainDoes) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::mt19937 same = random;
    const auto program =
        sequence_of("aie.shim_dma(%shim) {\n aie.dma_start(S2MM, 0, ^b0, ^end)\n" +
                    random_chain(random, "aie.next_bd ^end\n") + "^end:\n aie.end\n}");
    const auto task = sequence_of(
        "aie.runtime_sequence() {\n %t = aiex.dma_configure_task(%shim, S2MM, 0) {\n"
        "cf.br ^b0\n" +
        random_chain(same, "aie.end\n") +
        "} {issue_token = true}\n aiex.dma_start_task(%t)\n aiex.dma_await_task(%t)\n}");
    const auto written = of_kind<arch::BlockWrite>(program);
    const auto expected = of_kind<arch::BlockWrite>(task);
    ASSERT_EQ(written.size(), expected.size());
    for (size_t i = 0; i < written.size(); ++i) {
      EXPECT_EQ(without_next(written[i]), without_next(expected[i]));
      EXPECT_EQ(of_kind<arch::AddressPatch>(program)[i].offset,
                of_kind<arch::AddressPatch>(task)[i].offset);
    }
    EXPECT_EQ(of_kind<arch::Sync>(program), of_kind<arch::Sync>(task));
  }
}

std::string starts(const std::string& channel, const std::string& to,
                   const std::string& other = "") {
  return fmt::format(
      "aie.shim_dma(%shim) {{\n aie.dma_start({}, ^b, ^more)\n^b:\n aie.dma_bd(%x : "
      "memref<256xi32>)\n"
      "aie.next_bd ^{}\n^more:\n {}\n^end:\n aie.end\n}}\n",
      channel, to, other.empty() ? "aie.end" : other);
}

TEST(ShimDma, TakesDescriptorsFromTheLastOn) {
  const auto writes = of_kind<arch::BlockWrite>(sequence_of(starts("S2MM, 0", "end")));
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(number_of(writes[0]), 15);
}

TEST(ShimDma, ALoopLeadsToItself) {
  const auto writes = of_kind<arch::BlockWrite>(
      sequence_of(starts("MM2S, 0", "b") + "aie.runtime_sequence() {\n}"));
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(arch::get_bd(TileKind::Shim, writes[0].words, BdField::UseNextBd), 1);
  EXPECT_EQ(arch::get_bd(TileKind::Shim, writes[0].words, BdField::NextBd), number_of(writes[0]));
}

TEST(ShimDma, WaitsForWhatIsReceivedAndNotForWhatIsSent) {
  const auto syncs = of_kind<arch::Sync>(sequence_of(
      starts("S2MM, 1", "end",
             "aie.dma_start(MM2S, 1, ^c, ^end)\n^c:\n aie.dma_bd(%x : memref<256xi32>)\n"
             "aie.next_bd ^end")));
  ASSERT_EQ(syncs.size(), 1u);
  EXPECT_EQ(syncs[0], (arch::Sync{.direction = arch::Direction::S2mm, .channel = 1}));
}

TEST(ShimDma, WaitsForWhatIsSentWhenNothingIsReceived) {
  const auto syncs = of_kind<arch::Sync>(sequence_of(starts("MM2S, 1", "end")));
  ASSERT_EQ(syncs.size(), 1u);
  EXPECT_EQ(syncs[0], (arch::Sync{.direction = arch::Direction::Mm2s, .channel = 1}));
}

TEST(ShimDma, ASequenceThatWaitsIsNotWaitedForTwice) {
  const auto syncs = of_kind<arch::Sync>(sequence_of(
      starts("S2MM, 0", "end") +
      "aie.runtime_sequence() {\n aiex.npu.sync {channel = 0 : i32, column = 0 : i32, "
      "column_num = 1 : i32, direction = 0 : i32, row = 0 : i32, row_num = 1 : i32}\n}"));
  EXPECT_EQ(syncs.size(), 1u);
}

TEST(ShimDma, StartsBeforeTheSequenceAndIsAwaitedBehindIt) {
  const auto commands = sequence_of(starts("S2MM, 0", "end") +
                                    "aie.runtime_sequence() {\n aiex.npu.write32 {address = 64 : "
                                    "ui32, value = 1 : ui32}\n}");
  ASSERT_GE(commands.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<arch::BlockWrite>(commands.front()));
  EXPECT_EQ(std::get<arch::Write>(commands[commands.size() - 2]), (arch::Write{64, 1}));
  EXPECT_TRUE(std::holds_alternative<arch::Sync>(commands.back()));
}

/// The last push to the queue of channel 0.
uint32_t pushed(const arch::Commands& commands, arch::RegisterId queue) {
  uint32_t word = 0;
  for (const arch::Write& write : of_kind<arch::Write>(commands))
    if (write.address == arch::address_of(kShim, arch::channel_register(TileKind::Shim, queue, 0)))
      word = write.value;
  return word;
}

TEST(ShimDma, TakesNoDescriptorThatTheSequenceNames) {
  const auto writes = of_kind<arch::BlockWrite>(sequence_of(
      "aie.shim_dma_allocation @m (%shim, MM2S, 1)\n" + starts("S2MM, 0", "end") +
      "aie.runtime_sequence(%y: memref<16xi32>) {\n aiex.npu.dma_memcpy_nd(%y[0, 0, 0, "
      "0][1, 1, 1, 16][0, 0, 0, 1]) {id = 15 : i64, metadata = @m} : memref<16xi32>\n}"));
  ASSERT_EQ(writes.size(), 2u);
  EXPECT_EQ(number_of(writes[0]), 14);
  EXPECT_EQ(number_of(writes[1]), 15);
}

TEST(ShimDma, ATaskThatTheSequenceWaitsForIssuesATokenUnasked) {
  const auto commands = sequence_of(
      starts("S2MM, 0", "end") +
      "aie.runtime_sequence() {\n aiex.npu.sync {channel = 0 : i32, column = 0 : i32, "
      "column_num = 1 : i32, direction = 0 : i32, row = 0 : i32, row_num = 1 : i32}\n}");
  EXPECT_EQ(
      arch::get(std::array{pushed(commands, arch::RegisterId::S2mmQueue)}, arch::queue::kToken), 1);
}

std::string locked_loop(int initial, int value) {
  return fmt::format(
      "%l = aie.lock(%shim, 1) {{init = {} : i32, sym_name = \"l\"}}\n aie.shim_dma(%shim) {{\n "
      "aie.dma_start(S2MM, 0, ^b, ^end)\n^b:\n aie.use_lock(%l, AcquireGreaterEqual, {})\n "
      "aie.dma_bd(%x : memref<256xi32>)\n aie.next_bd ^b\n^end:\n aie.end\n}}\n",
      initial, value);
}

TEST(ShimDma, ALoopEndsAfterTheTurnsThatTheHostLetsIt) {
  const auto commands = sequence_of(locked_loop(6, 2));
  const auto writes = of_kind<arch::BlockWrite>(commands);
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(arch::get_bd(TileKind::Shim, writes[0].words, BdField::UseNextBd), 0);
  EXPECT_EQ(
      arch::get(std::array{pushed(commands, arch::RegisterId::S2mmQueue)}, arch::queue::kRepeat),
      3);
  EXPECT_EQ(of_kind<arch::Sync>(commands).size(), 1u);
}

TEST(ShimDma, ALoopWhoseLockTheSequenceSetsDoesNotEnd) {
  const auto commands =
      sequence_of(locked_loop(2, 2) + "aie.runtime_sequence() {\n aiex.set_lock(%l, 2)\n}");
  const auto writes = of_kind<arch::BlockWrite>(commands);
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(arch::get_bd(TileKind::Shim, writes[0].words, BdField::UseNextBd), 1);
  EXPECT_TRUE(of_kind<arch::Sync>(commands).empty());
}

}  // namespace
}  // namespace npu::compiler
