// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/dpu_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/error_text.h"

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
