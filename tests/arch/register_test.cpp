// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/register.h"

#include <set>

#include <gmock/gmock.h>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/register_doc.h"
#include "tests/arch/error_text.h"

namespace npu::arch {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Map {
  TileKind kind;
  Generation generation;
};
bool exists(const Register& row, Generation generation) {
  return generation == Generation::Aie2 ? row.aie2 : row.aie2p;
}

class EveryMap : public testing::TestWithParam<Map> {};
INSTANTIATE_TEST_SUITE_P(Maps, EveryMap,
                         testing::Values(Map{TileKind::Shim, Generation::Aie2},
                                         Map{TileKind::Shim, Generation::Aie2p},
                                         Map{TileKind::Memtile, Generation::Aie2},
                                         Map{TileKind::Memtile, Generation::Aie2p},
                                         Map{TileKind::Core, Generation::Aie2},
                                         Map{TileKind::Core, Generation::Aie2p}),
                         [](const auto& kind) {
                           return std::string(to_string(kind.param.kind)) +
                                  (kind.param.generation == Generation::Aie2 ? "Aie2" : "Aie2p");
                         });

TEST_P(EveryMap, FindsTheFirstAndLastWordOfEveryElement) {
  const auto [kind, generation] = GetParam();
  for (const Register& row : registers(kind)) {
    if (!exists(row, generation))
      continue;
    for (int index = 0; index < row.count; ++index) {
      const uint32_t first = row.offset + row.stride * static_cast<uint32_t>(index);
      for (const uint32_t word : {0u, row.words - 1}) {
        const auto found = find_register(kind, generation, first + 4 * word);
        ASSERT_TRUE(found) << row.name;
        EXPECT_EQ(found->row, &row) << row.name;
        EXPECT_EQ(found->index, index) << row.name;
        EXPECT_EQ(found->word, static_cast<int>(word)) << row.name;
      }
    }
  }
}

TEST_P(EveryMap, KnowsNoMoreWordsThanItsRowsHave) {
  const auto [kind, generation] = GetParam();
  uint64_t listed = 0;
  for (const Register& row : registers(kind))
    listed += exists(row, generation) ? uint64_t{row.count} * row.words : 0;
  uint64_t found = 0;
  for (uint32_t offset = 0; offset < kTileWindow; offset += 4)
    found += find_register(kind, generation, offset).has_value();
  EXPECT_EQ(found, listed);
}

TEST_P(EveryMap, GivesEveryWordANameOfItsOwn) {
  const auto [kind, generation] = GetParam();
  std::set<std::string> names;
  size_t words = 0;
  for (const Register& row : registers(kind))
    for (int index = 0; exists(row, generation) && index < row.count; ++index)
      for (uint32_t word = 0; word < std::min(row.words, 16u); ++word, ++words)
        names.insert(to_string(Location{&row, index, static_cast<int>(word)}));
  EXPECT_EQ(names.size(), words);
}

TEST_P(EveryMap, ListsEveryRegisterInItsReference) {
  const auto [kind, generation] = GetParam();
  const std::string text = register_reference(kind, generation);
  for (const Register& row : registers(kind))
    if (exists(row, generation)) {
      EXPECT_THAT(text, HasSubstr(fmt::format("| {} |", row.name)));
    }
}

TEST(FindRegister, TellsInterleavedControlAndQueueApart) {
  EXPECT_EQ(find_register(TileKind::Core, Generation::Aie2, 0x1DE08)->row->id,
            RegisterId::S2mmControl);
  EXPECT_EQ(find_register(TileKind::Core, Generation::Aie2, 0x1DE0C)->row->id,
            RegisterId::S2mmQueue);
}

TEST(FindRegister, FindsNothingInTheGapsOfALockBank) {
  EXPECT_TRUE(find_register(TileKind::Core, Generation::Aie2, 0x1F010));
  EXPECT_FALSE(find_register(TileKind::Core, Generation::Aie2, 0x1F014));
}

TEST(FindRegister, FindsNothingAfterTheLastDescriptor) {
  EXPECT_TRUE(find_register(TileKind::Shim, Generation::Aie2, 0x1D1FC));
  EXPECT_FALSE(find_register(TileKind::Core, Generation::Aie2, 0x1D1F8));
  EXPECT_FALSE(find_register(TileKind::Core, Generation::Aie2, 0x1D200));
}

TEST(FindRegister, KnowsPadValuesOnAie2pOnly) {
  EXPECT_FALSE(find_register(TileKind::Memtile, Generation::Aie2, 0xA06E4));
  EXPECT_EQ(find_register(TileKind::Memtile, Generation::Aie2p, 0xA06E4)->row->id,
            RegisterId::PadValue);
}

TEST(FindRegister, SeesTheProgramCounterMoveBetweenGenerations) {
  EXPECT_EQ(to_string(*find_register(TileKind::Core, Generation::Aie2, 0x31100)), "core.pc");
  EXPECT_EQ(to_string(*find_register(TileKind::Core, Generation::Aie2p, 0x30E00)), "core.pc");
}

TEST(FindRegister, NumbersASlotByPortAndWord) {
  const auto slot = find_register(TileKind::Core, Generation::Aie2, 0x3F258);
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->row->id, RegisterId::SwitchSlot);
  EXPECT_EQ(slot->index, 5);
  EXPECT_EQ(slot->word, 2);
}

TEST(DescribeAddress, NamesADescriptorWord) {
  EXPECT_EQ(describe_address(Generation::Aie2, 0x0221D014), "core(1,2).dma.bd0.w5 (0x0221d014)");
}

TEST(DescribeAddress, NamesASlotOfASlavePort) {
  EXPECT_EQ(describe_address(Generation::Aie2, 0x001B0274),
            "memtile(0,1).switch.slave7.slot1 (0x001b0274)");
}

TEST(DescribeAddress, NamesAByteOfMemory) {
  EXPECT_EQ(describe_address(Generation::Aie2, 0x00201000),
            "core(0,2).data_memory+0x1000 (0x00201000)");
}

TEST(DescribeAddress, GivesTheOffsetOfAnUnknownPlace) {
  EXPECT_EQ(describe_address(Generation::Aie2, 0x0221D300), "core(1,2)+0x1d300 (0x0221d300)");
}

TEST(DescribeAddress, DoesNotCallARowThatDoesNotExistACore) {
  EXPECT_EQ(describe_address(Generation::Aie2, 0x00601000), "tile(0,6)+0x1000 (0x00601000)");
}

TEST(RegisterOffset, IsThatOfTheDescriptorTables) {
  EXPECT_EQ(register_offset(TileKind::Memtile, RegisterId::Bd, 47),
            bd_offset(TileKind::Memtile, 47));
  EXPECT_EQ(register_offset(TileKind::Shim, RegisterId::Bd, 3), bd_offset(TileKind::Shim, 3));
}

TEST(RegisterOffset, SaysWhenAKindHasNoSuchRegister) {
  EXPECT_EQ(error_text([] { register_offset(TileKind::Shim, RegisterId::CoreControl); }),
            "shim: this kind of tile has no such register");
}

TEST(RegisterFields, HoldTheResetValueOfCoreControl) {
  const auto control = find_register(TileKind::Core, Generation::Aie2, 0x32000);
  ASSERT_TRUE(control);
  ASSERT_EQ(control->row->fields.size(), 2u);
  EXPECT_EQ(control->row->fields[1].name, "reset");
  EXPECT_EQ(control->row->fields[1].lsb, 1);
  EXPECT_EQ(control->row->fields[1].reset, 1u);
}

TEST(RegisterReference, LeavesOutWhatAGenerationLacks) {
  EXPECT_THAT(register_reference(TileKind::Memtile, Generation::Aie2), Not(HasSubstr("pad_value")));
}

TEST(RegisterReference, PrintsARegisterWithItsFieldsOnOneLine) {
  EXPECT_THAT(
      register_reference(TileKind::Core, Generation::Aie2),
      HasSubstr(
          "| 0x1DE04 + 0x8 n, n < 2 | dma.s2mm{}.start_queue | 1 | modelled | start_bd_id [3:0], "
          "repeat_count [23:16], enable_token_issue [31] |\n"));
}

TEST(RegisterReference, EndsWithTheDescriptor) {
  EXPECT_THAT(register_reference(TileKind::Core, Generation::Aie2),
              HasSubstr("| 2 | 12:0 | d0_step | minus one |\n"));
}

}  // namespace
}  // namespace npu::arch
