// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw-model/arch/error.h"

namespace npu::cli {
namespace {

template <typename F>
std::string error_from(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(TileName, ReadsBackWhatTheProgramPrints) {
  for (uint8_t col = 0; col < arch::kMaxColumns; ++col)
    for (uint8_t row = 0; row < arch::kRows; ++row)
      EXPECT_EQ(parse_tile(arch::to_string(arch::Coord{col, row})), (arch::Coord{col, row}));
}

TEST(TileName, OfTheWrongKindIsAnError) {
  EXPECT_EQ(error_from([] { parse_tile("core(0,1)"); }), "`core(0,1)` is no tile");
}

TEST(TileName, WithoutNumbersIsAnError) {
  EXPECT_EQ(error_from([] { parse_tile("core(,)"); }), "`core(,)` is no tile");
}

TEST(TraceWindow, MayBeOpenAtItsEnd) {
  RecorderOptions options;
  options.window = "100:";
  EXPECT_EQ(filter_of(options).from, 100u);
  EXPECT_EQ(filter_of(options).to, arch::kNever);
}

TEST(TraceWindow, WithoutAColonIsAnError) {
  RecorderOptions options;
  options.window = "100";
  EXPECT_EQ(error_from([&] { filter_of(options); }), "--trace-window 100: no `:`");
}

TEST(TraceKinds, KeepTheirOrder) {
  RecorderOptions options;
  options.kinds = {"lock", "core"};
  EXPECT_THAT(filter_of(options).kinds,
              testing::ElementsAre(traces::SignalKind::Lock, traces::SignalKind::Core));
}

}  // namespace
}  // namespace npu::cli
