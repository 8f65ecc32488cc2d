// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/events.h"

#include <gtest/gtest.h>

namespace npu::arch {
namespace {

constexpr EventModule kModules[] = {EventModule::Core, EventModule::Memory, EventModule::Memtile,
                                    EventModule::Shim};

class EveryModule : public testing::TestWithParam<EventModule> {};
INSTANTIATE_TEST_SUITE_P(Modules, EveryModule, testing::ValuesIn(kModules),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

TEST_P(EveryModule, NumbersItsNamesAsItNamesItsNumbers) {
  for (const Generation generation : {Generation::Aie2, Generation::Aie2p})
    for (int number = 0; number < event_count(GetParam()); ++number)
      if (const auto name = event_name(GetParam(), generation, number)) {
        EXPECT_EQ(event_number(GetParam(), generation, *name), number) << *name;
      }
}

TEST(Events, AreCountedPerModule) {
  EXPECT_EQ(event_count(EventModule::Core), 128);
  EXPECT_EQ(event_count(EventModule::Memory), 128);
  EXPECT_EQ(event_count(EventModule::Memtile), 161);
  EXPECT_EQ(event_count(EventModule::Shim), 128);
}

// Hardware reference, appendix B.
TEST(Events, HaveTheNumbersOfTheReference) {
  EXPECT_EQ(event_name(EventModule::Core, Generation::Aie2, 26), "LOCK_STALL");
  EXPECT_EQ(event_name(EventModule::Core, Generation::Aie2, 79), "PORT_RUNNING_1");
  EXPECT_EQ(event_name(EventModule::Memory, Generation::Aie2, 24), "DMA_S2MM_1_FINISHED_BD");
  EXPECT_EQ(event_name(EventModule::Memory, Generation::Aie2, 93), "DM_PARITY_ERROR_BANK_4");
  EXPECT_EQ(event_name(EventModule::Memtile, Generation::Aie2, 36), "DMA_MM2S_SEL1_STALLED_LOCK");
  EXPECT_EQ(event_name(EventModule::Memtile, Generation::Aie2, 157), "BROADCAST_15");
  EXPECT_EQ(event_name(EventModule::Shim, Generation::Aie2, 17), "DMA_MM2S_1_START_TASK");
  EXPECT_EQ(event_name(EventModule::Shim, Generation::Aie2, 127), "USER_EVENT_1");
}

TEST(Events, HaveGaps) {
  EXPECT_EQ(event_name(EventModule::Core, Generation::Aie2, 54), std::nullopt);
}

TEST(Events, DifferInOneCoreEventBetweenGenerations) {
  EXPECT_EQ(event_name(EventModule::Core, Generation::Aie2, 70), "DECOMPRESSION_UNDERFLOW");
  EXPECT_EQ(event_name(EventModule::Core, Generation::Aie2p, 70), "SPARSITY_OVERFLOW");
  EXPECT_EQ(event_number(EventModule::Core, Generation::Aie2p, "DECOMPRESSION_UNDERFLOW"),
            std::nullopt);
}

TEST(Events, OfAnUnknownNameHaveNoNumber) {
  EXPECT_EQ(event_number(EventModule::Shim, Generation::Aie2, "LOCK_STALL"), std::nullopt);
}

}  // namespace
}  // namespace npu::arch
