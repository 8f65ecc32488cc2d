// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/contexts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/error_text.h"

namespace npu::arch {
namespace {

DriverLimits limits(int contexts, bool aligned) {
  return {.contexts = {static_cast<double>(contexts)}, .aligned_columns = {aligned ? 1.0 : 0.0}};
}
const DriverLimits kPhoenix = limits(6, false);
const DriverLimits kStrix = limits(16, true);

std::vector<int> starts(const Device& device, const DriverLimits& driver,
                        const std::vector<int>& widths) {
  std::vector<ContextRequest> requests;
  for (const int width : widths)
    requests.push_back({fmt::format("c{}", requests.size()), width, {}});
  std::vector<int> columns;
  for (const Partition& partition : allocate_contexts(device, driver, requests))
    columns.push_back(partition.first_column);
  return columns;
}

TEST(Contexts, GetTheFirstFreeColumns) {
  EXPECT_EQ(starts(kNpu1, kPhoenix, {1, 2, 1}), (std::vector{1, 2, 4}));
}

TEST(Contexts, StartWhereTheirWidthIsAlignedOnStrix) {
  EXPECT_EQ(starts(kNpu4, kStrix, {1, 2, 4, 1}), (std::vector{0, 2, 4, 1}));
  EXPECT_EQ(starts(kNpu4, kStrix, {3, 3}), (std::vector{0, 4}));
}

TEST(Contexts, AreAsManyAsTheDriverTakes) {
  EXPECT_THAT(error_text([] { starts(kNpu4, kStrix, std::vector<int>(17, 1)); }),
              testing::HasSubstr("context `c16` is number 17, and the driver takes 16 on npu4"));
}

TEST(Contexts, WithoutFreeColumnsAreToldWhoHasThem) {
  EXPECT_EQ(error_text([] {
              starts(kNpu1, kPhoenix, {2, 1, 2});
            }),
            "context `c2`: npu1 finds no 2 free columns: `c0` has columns 1 to 2, `c1` has column "
            "3; the driver would let contexts take turns; runs of one context do so here");
}

TEST(Contexts, CannotStartBetweenTheAlignedColumns) {
  const ContextRequest request{"mm", 3, 2};
  EXPECT_EQ(error_text([&] {
              allocate_contexts(kNpu4, kStrix, {&request, 1});
            }),
            "context `mm`: 3 columns cannot start at column 2 of npu4; the driver aligns them to "
            "4");
  EXPECT_EQ(allocate_contexts(kNpu4, limits(16, false), {&request, 1})[0].first_column, 2);
}

TEST(Contexts, CannotHaveTheColumnWithoutADma) {
  const ContextRequest request{"mm", 2, 0};
  EXPECT_EQ(error_text([&] {
              allocate_contexts(kNpu1, kPhoenix, {&request, 1});
            }),
            "device npu1: a partition of 2 columns cannot start at column 0; column 1 to 3");
}

}  // namespace
}  // namespace npu::arch
