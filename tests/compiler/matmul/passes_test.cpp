// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "tests/compiler/matmul/plans.h"

namespace npu::compiler::testing {
namespace {

using matmul::Pass;
using matmul::PassHooks;
using matmul::Schedule;

/// What a pass has changed: lines that are not in the text before.
std::string added(const std::string& before, const std::string& after) {
  std::istringstream old_lines(before);
  std::multiset<std::string> old;
  for (std::string line; std::getline(old_lines, line);)
    old.insert(line);
  std::istringstream lines(after);
  std::string text;
  for (std::string line; std::getline(lines, line);)
    if (const auto same = old.find(line); same != old.end())
      old.erase(same);
    else
      text += line + "\n";
  return text;
}

/// The text that each pass adds, under its name.
std::string story(const Problem& problem, const Options& options) {
  std::string text;
  std::string before;
  PassHooks hooks;
  hooks.after = [&](const Pass& pass, const Schedule& schedule) {
    const std::string after = print(schedule);
    text += fmt::format("// {}: {}\n{}", pass.name, pass.sentence, added(before, after));
    before = after;
  };
  plan(problem, options, 4, arch::kNpu1, hooks);
  return text;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(AIRLOCK_GOLDEN_DIR) + "/" + name;
  if (std::getenv("NPU_UPDATE_GOLDEN")) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  std::ostringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(text, expected.str()) << "NPU_UPDATE_GOLDEN=1 rewrites " << name;
}

TEST(Passes, EachSaysWhatItDidToASmallMatmul) {
  Problem problem = bf16(30, 126, 14);
  problem.c = Type::Bf16;
  const matmul::Tiles tiles{
      .l2 = {.m = 32, .n = 16, .k = 128}, .core = {16, 16, 128}, .pack = {4, 4, 8}};
  expect_golden("matmul_passes.txt", story(problem, {.tiles = tiles}));
}

TEST(Passes, HaveNamesOfTheirOwnAndASentence) {
  std::set<std::string_view> names;
  for (const Pass& pass : matmul::passes()) {
    EXPECT_TRUE(names.insert(pass.name).second) << pass.name;
    EXPECT_FALSE(pass.sentence.empty()) << pass.name;
  }
}

TEST(Passes, StopAfterTheOneThatIsNamed) {
  std::vector<std::string> seen;
  PassHooks hooks{.after = [&](const Pass& pass, const Schedule&) { seen.emplace_back(pass.name); },
                  .stop_after = "place"};
  const Schedule s = plan(bf16(64, 64, 64), {}, 4, arch::kNpu1, hooks);
  EXPECT_EQ(seen.back(), "place");
  EXPECT_TRUE(s.l2.empty());
}

TEST(Passes, RefuseToStopAfterAnUnknownOne) {
  EXPECT_EQ(refusal([] {
              plan(bf16(64, 64, 64), {}, 4, arch::kNpu1, {.after = {}, .stop_after = "route"});
            }),
            "stop-after: no pass is called `route`");
}

TEST(Passes, GiveTheSameDesignEachTime) {
  EXPECT_EQ(print(plan(bf16(512, 512, 640))), print(plan(bf16(512, 512, 640))));
}

TEST(Build, ReturnsADesignWithItsArguments) {
  const Design design =
      build(bf16(64, 128, 64), arch::partition_of(arch::kNpu1, 4), arch::Timing{}, Options{});
  ASSERT_EQ(design.arguments.size(), 3u);
  EXPECT_EQ(design.arguments[1].bytes(), 128u * 64 * 2);
  EXPECT_FALSE(design.sequence.empty());
}

}  // namespace
}  // namespace npu::compiler::testing
