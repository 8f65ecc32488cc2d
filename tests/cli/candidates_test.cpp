// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string candidates(const std::string& schedule) {
  return candidates_text(load({"",
                               {parse_override("problem={m: 256, k: 256, n: 256}"),
                                parse_override("compiler.schedule=" + schedule)}}));
}

TEST(Candidates, BeginWithTheTilesThatAreTaken) {
  EXPECT_THAT(candidates("S0"), Not(HasSubstr("do not fit")));
}

TEST(Candidates, ThatDoNotFitTheScheduleAreCounted) {
  EXPECT_THAT(candidates("S6"), HasSubstr("\nschedule S6: "));
  EXPECT_THAT(candidates("S6"), HasSubstr(" that are predicted faster do not fit it\n"));
}

}  // namespace
}  // namespace npu::cli
