// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw-model/arch/error.h"
#include "hw-model/diagnosis/schedule.h"

namespace npu::diagnosis {
namespace {

using observe::AgentKind;

const Schedule kSchedule{{{0, 1}, false, 4, {{0, 1}, AgentKind::S2mm, 2}},
                         {{3, 5}, true, 0, {{3, 4}, AgentKind::Mm2s, 1}},
                         {{1, 2}, false, 15, {{1, 3}, AgentKind::Core, 0}}};

std::string refusal(std::string_view text) {
  try {
    parse_schedule(text, "w.txt");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Schedule, IsALineForEachGrant) {
  EXPECT_EQ(print(kSchedule),
            "lock 4 of memtile(0,1) to memtile(0,1).s2mm2\n"
            "arbiter 0 of core(3,5) to core(3,4).mm2s1\n"
            "lock 15 of core(1,2) to core(1,3)\n");
}

TEST(Schedule, IsReadBackFromItsText) {
  EXPECT_EQ(parse_schedule(print(kSchedule), ""), kSchedule);
}

TEST(Schedule, MayHaveCommentsAndEmptyLines) {
  EXPECT_EQ(parse_schedule("# from check\n\nlock 15 of core(1,2) to core(1,3)  # first\r\n", ""),
            Schedule{kSchedule[2]});
}

TEST(Schedule, NamesTheLineThatIsNoGrant) {
  EXPECT_EQ(refusal("lock 1 of core(0,2) to core(0,2)\nlock one of core(0,2) to core(0,2)\n"),
            "w.txt:2: `lock one of core(0,2) to core(0,2)` is not a grant");
}

TEST(Schedule, RefusesTilesThatAreNotOfTheirRow) {
  EXPECT_NE(refusal("lock 1 of core(0,1) to core(0,2)"), "");
}

TEST(Schedule, RefusesChannelsThatATileDoesNotHave) {
  EXPECT_NE(refusal("lock 1 of core(0,2) to core(0,2).s2mm2"), "");
}

}  // namespace
}  // namespace npu::diagnosis
