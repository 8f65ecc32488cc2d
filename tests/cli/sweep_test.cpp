// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/sweep_find.h"
#include "cli/sweep_run.h"

namespace npu::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kThree =
    "base: {problem: {k: 64, n: 64}}\n"
    "rows:\n"
    "  - {problem.m: 64, expect: pass}\n"
    "  - {problem.m: 128}\n"
    "  - {problem.m: 192, expect: {outcome: hang, text: C@64}}\n";

RowResult passed(const Settings& settings) {
  return {.end = RowEnd::Pass, .cycles = static_cast<arch::Cycle>(settings.problem.m)};
}

class SweepTest : public testing::Test {
 protected:
  SweepTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                (std::string("airlock_sweep_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
  }
  ~SweepTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }

  std::string write(std::string_view text) const {
    std::ofstream(path("table.yaml")) << text;
    return path("table.yaml");
  }

  Sweep read(std::string_view text, const std::vector<std::string>& sets = {}) const {
    std::vector<Override> overrides;
    for (const std::string& set : sets)
      overrides.push_back(parse_override(set));
    return load_sweep(write(text), overrides);
  }

  /// The message without the folder.
  std::string error_of(std::string_view text) const {
    try {
      read(text);
    } catch (const Error& error) {
      std::string message = std::string(error.what()) + "\n" + error.hint();
      for (size_t at; (at = message.find(folder_.string() + "/")) != std::string::npos;)
        message.erase(at, folder_.string().size() + 1);
      return message;
    }
    return "no error";
  }

  static std::vector<std::string> labels(const Sweep& sweep) {
    std::vector<std::string> all;
    for (const SweepRow& row : sweep.rows)
      all.push_back(row.label);
    return all;
  }

  static SweepReport report(const Sweep& sweep, SweepRunOptions options) {
    options.quiet = true;
    return {.sweep = sweep, .lines = run_sweep(sweep, shard(sweep, 1, 1), options)};
  }

  /// Exit status of `airlock sweep ARGUMENTS`.
  static int status_of(std::vector<std::string> arguments) {
    CLI::App app("airlock");
    int status = -1;
    add_sweep(app, status);
    arguments.insert(arguments.begin(), {"sweep", "-q"});
    std::ranges::reverse(arguments);
    app.parse(arguments);
    return status;
  }

  std::filesystem::path folder_;
};

// What a file means.

TEST_F(SweepTest, VaryIsACrossProductWhoseLastKeyTurnsFastest) {
  const Sweep sweep =
      read("base: {problem: {k: 64}}\nvary: {problem.m: [64, 128], problem.n: [64, 128]}\n");
  EXPECT_THAT(labels(sweep), ElementsAre("m=64 n=64", "m=64 n=128", "m=128 n=64", "m=128 n=128"));
  EXPECT_EQ(sweep.rows[1].settings.problem.n, 128);
}

TEST_F(SweepTest, EachRowMeetsEachCombinationOfVary) {
  const Sweep sweep = read(
      "rows: [{shape: [64x64x64, 64x64x128]}]\n"
      "vary: {compiler.split-l2: [fixed, legacy]}\n");
  EXPECT_THAT(labels(sweep), ElementsAre("64x64x64 split-l2=fixed", "64x64x64 split-l2=legacy",
                                         "64x64x128 split-l2=fixed", "64x64x128 split-l2=legacy"));
}

TEST_F(SweepTest, ARowsOwnKeyReplacesTheOneOfVary) {
  const Sweep sweep = read(
      "rows: [{shape: 64x64x64, sim.seed: 7}]\n"
      "vary: {sim.seed: [1, 2]}\n");
  EXPECT_THAT(labels(sweep), ElementsAre("64x64x64 seed=7"));
}

TEST_F(SweepTest, AMapInARowLeavesTheOtherKeysOfTheBase) {
  const Sweep sweep = read("base: {problem: {m: 64, k: 32, n: 16}}\nrows: [{problem: {k: 128}}]\n");
  EXPECT_EQ(sweep.rows[0].settings.problem.m, 64);
  EXPECT_EQ(sweep.rows[0].settings.problem.k, 128);
}

TEST_F(SweepTest, ABareNumberOfTheDeviceIsTaken) {
  const Sweep sweep = read("rows: [{shape: 64x64x64, device.stream.circuit.core: 3}]\n");
  EXPECT_EQ(sweep.rows[0].settings.device.timing.stream.circuit.core.value, 3);
}

TEST_F(SweepTest, ValuesAreNotMovedUnlessTheFileSaysSo) {
  EXPECT_TRUE(read("rows: [{shape: 64x64x64}]\n").rows[0].settings.sim.timing_only());
  EXPECT_FALSE(read("base: {sim: {data: full}}\nrows: [{shape: 64x64x64}]\n")
                   .rows[0]
                   .settings.sim.timing_only());
}

TEST_F(SweepTest, TheCommandLineOverridesAllRows) {
  const Sweep sweep =
      read("rows: [{shape: [64x64x64, 64x64x128], sim.data: timing}]\n", {"sim.data=full"});
  for (const SweepRow& row : sweep.rows)
    EXPECT_FALSE(row.settings.sim.timing_only());
}

TEST_F(SweepTest, ABaseFileIsLookedForBesideTheSweep) {
  std::ofstream(path("sim.yaml")) << "problem: {m: 64, k: 32, n: 16}\n";
  const Sweep sweep = read("base: sim.yaml\nvary: {problem.m: [128]}\n");
  EXPECT_EQ(sweep.rows[0].settings.problem.k, 32);
}

// What is wrong with a file.

TEST_F(SweepTest, AnUnknownKeyOfARowIsToldWithItsLine) {
  EXPECT_THAT(error_of("rows:\n  - {shape: 64x64x64}\n  - {shape: 64x64x64, compiler.spilt-l2: "
                       "legacy}\n"),
              HasSubstr("table.yaml:3:42: unknown key `spilt-l2`"));
}

TEST_F(SweepTest, AnImpossibleValueOfVaryIsToldWithItsLine) {
  EXPECT_THAT(error_of("rows: [{shape: 64x64x64}]\nvary:\n  sim.seed: [1, many]\n"),
              HasSubstr("table.yaml:3:17: `sim.seed` is `many`, not a whole number"));
}

TEST_F(SweepTest, AShapeOfTwoSizesIsToldWithItsLine) {
  EXPECT_EQ(error_of("rows:\n  - {shape: 64x64}\n"),
            "table.yaml:2:13: `shape` cannot be `64x64`\n512x512x640: m, k, n");
}

TEST_F(SweepTest, AnUnknownOutcomeIsToldWithItsLine) {
  EXPECT_THAT(error_of("rows:\n  - {shape: 64x64x64, expect: deadlock}\n"),
              HasSubstr("table.yaml:2:31: `expect` cannot be `deadlock`\npass, wrong, hang"));
}

TEST_F(SweepTest, ARowThatOccursTwiceIsToldWithBothLines) {
  EXPECT_EQ(error_of("rows:\n  - {shape: 64x64x64}\n  - {shape: 64x64x64}\n"),
            "table.yaml:3:5: `64x64x64` occurs twice\nfirst at table.yaml:2:5");
}

TEST_F(SweepTest, AnEmptyListIsToldWithItsLine) {
  EXPECT_THAT(error_of("vary:\n  problem.m: []\n"),
              HasSubstr("table.yaml:2:3: `problem.m` has no value"));
}

TEST_F(SweepTest, AQuestionForAKeyThatDoesNotExistIsToldWithItsLine) {
  EXPECT_THAT(error_of("rows: [{shape: 64x64x64}]\n"
                       "find: {smallest: device.stream.depth, from: 1, to: 4}\n"),
              HasSubstr("table.yaml:2:7: unknown key `depth`"));
}

// What a run of it does.

TEST_F(SweepTest, OneRowThatCrashesCostsNoOther) {
  const Sweep sweep = read(kThree);
  const SweepReport r = report(sweep, {.jobs = 2, .work = [](const Settings& settings) {
                                         if (settings.problem.m == 128)
                                           std::raise(SIGKILL);
                                         return passed(settings);
                                       }});
  ASSERT_EQ(r.lines.size(), 3u);
  EXPECT_EQ(r.lines[0].result.end, RowEnd::Pass);
  EXPECT_EQ(r.lines[1].result.end, RowEnd::Crash);
  EXPECT_EQ(r.lines[1].result.cause, "signal 9: Killed");
  EXPECT_EQ(r.lines[2].result.end, RowEnd::Pass);
}

TEST_F(SweepTest, ARowThatThrowsIsACrashWithTheMessage) {
  const Sweep sweep = read(kThree);
  const SweepReport r = report(sweep, {.work = [](const Settings&) -> RowResult {
                                 throw std::logic_error("no such tile");
                               }});
  EXPECT_EQ(r.lines[0].result.end, RowEnd::Crash);
  EXPECT_EQ(r.lines[0].result.cause, "internal error: no such tile");
}

TEST_F(SweepTest, ARowThatDoesNotEndIsStopped) {
  const Sweep sweep = read(std::string(kThree) + "timeout: 0.05\n");
  const SweepReport r = report(sweep, {.jobs = 3, .work = [](const Settings& settings) {
                                         while (settings.problem.m == 64)
                                           pause();
                                         return passed(settings);
                                       }});
  EXPECT_EQ(r.lines[0].result.end, RowEnd::Timeout);
  EXPECT_EQ(r.lines[0].result.cause, "no end after 0.05 s");
  EXPECT_EQ(r.lines[1].result.end, RowEnd::Pass);
}

TEST_F(SweepTest, ACrashIsNotExpectedEvenWhereNothingIs) {
  EXPECT_FALSE(is_met({}, {.end = RowEnd::Crash}));
  EXPECT_FALSE(is_met({}, {.end = RowEnd::Timeout}));
  EXPECT_TRUE(is_met({}, {.end = RowEnd::Hang}));
}

TEST_F(SweepTest, AnExpectationWithATextWantsItInTheCause) {
  const Expectation expect{RowEnd::Hang, "C@64"};
  EXPECT_TRUE(is_met(expect, {.end = RowEnd::Hang, .cause = "lock 4 C@64.write is 0"}));
  EXPECT_FALSE(is_met(expect, {.end = RowEnd::Hang, .cause = "lock 4 C@128.write is 0"}));
}

TEST_F(SweepTest, ShardsTogetherHoldEachRowOnce) {
  const Sweep sweep = read(
      "base: {problem: {m: 64, k: 64, n: 64}}\n"
      "vary: {sim.seed: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}\n");
  std::vector<const SweepRow*> all;
  std::vector<const SweepRow*> wanted;
  for (const SweepRow& row : sweep.rows)
    wanted.push_back(&row);
  for (int i = 1; i <= 4; ++i)
    for (const SweepRow* row : shard(sweep, i, 4))
      all.push_back(row);
  EXPECT_THAT(all, testing::UnorderedElementsAreArray(wanted));
}

TEST_F(SweepTest, AKilledSweepGoesOnWhereItWas) {
  const Sweep sweep = read(kThree);
  const std::string file = path("results");
  const pid_t killed = fork();
  if (killed == 0) {
    report(sweep, {.resume = file, .work = [](const Settings& settings) {
                     if (settings.problem.m == 192)
                       kill(getppid(), SIGKILL);
                     return passed(settings);
                   }});
    _exit(0);
  }
  int status = 0;
  waitpid(killed, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  std::ofstream(file, std::ios::app) << "{\"key\": \"cut in the mid";

  const SweepReport r = report(sweep, {.resume = file, .work = [](const Settings& settings) {
                                         RowResult result = passed(settings);
                                         result.cycles = 1;  // not what the first run said
                                         return result;
                                       }});
  ASSERT_EQ(r.lines.size(), 3u);
  EXPECT_EQ(r.lines[0].result.cycles, 64u);
  EXPECT_EQ(r.lines[1].result.cycles, 128u);
  EXPECT_EQ(r.lines[2].result.cycles, 1u);
}

TEST_F(SweepTest, AResultIsNotTakenForOtherSettings) {
  const SweepRunOptions options{.resume = path("results"), .work = passed};
  const Sweep first = read(kThree);
  report(first, options);
  const Sweep other = read(kThree, {"sim.seed=2"});
  SweepRunOptions crash = options;
  crash.work = [](const Settings&) -> RowResult { throw std::logic_error("runs again"); };
  EXPECT_EQ(report(other, crash).lines[0].result.end, RowEnd::Crash);
  EXPECT_EQ(report(first, crash).lines[0].result.end, RowEnd::Pass);
}

TEST_F(SweepTest, AResultIsNotTakenForOtherContentsOfTheUsersKernels) {
  const SweepRunOptions options{.resume = path("results"), .work = passed};
  std::ofstream(path("mine.so")) << "before";
  const Sweep sweep = read(kThree, {"kernels={matmul: " + path("mine.so") + "}"});
  report(sweep, options);
  SweepRunOptions crash = options;
  crash.work = [](const Settings&) -> RowResult { throw std::logic_error("runs again"); };
  EXPECT_EQ(report(sweep, crash).lines[0].result.end, RowEnd::Pass);
  std::ofstream(path("mine.so")) << "after";
  EXPECT_EQ(report(sweep, crash).lines[0].result.end, RowEnd::Crash);
}

// A question.

TEST_F(SweepTest, HalvingFindsTheSmallestValueInFewRuns) {
  const Find find{.keys = {"sim.seed"}, .from = 0, .to = 1000};
  Search search(find);
  int runs = 0;
  for (std::vector<int64_t> values; !(values = search.wanted()).empty();)
    for (int64_t value : values) {
      ++runs;
      search.tell(value, {.end = value < 617 ? RowEnd::Hang : RowEnd::Pass,
                          .cycles = 9,
                          .cause = value < 617 ? "starved" : ""});
    }
  EXPECT_EQ(search.answer().end, RowEnd::Pass);
  EXPECT_EQ(search.answer().cause, "hang below sim.seed = 617: starved; 9 cycles, 9 at 1000");
  EXPECT_LE(runs, 12);
}

TEST_F(SweepTest, AScanTellsWhereALargerValueFailsAgain) {
  const Find find{.keys = {"sim.seed"}, .from = 1, .to = 4, .scan = true};
  Search search(find);
  for (int64_t value : search.wanted())
    search.tell(value, {.end = value % 2 == 0 ? RowEnd::Pass : RowEnd::Hang});
  EXPECT_THAT(search.answer().cause, HasSubstr("hang below sim.seed = 2"));
  EXPECT_THAT(search.answer().cause, HasSubstr("and again at 3"));
}

TEST_F(SweepTest, AQuestionWithoutAnswerSaysSo) {
  const Find find{.keys = {"sim.seed"}, .from = 1, .to = 4};
  Search search(find);
  for (int64_t value : search.wanted())
    search.tell(value, {.end = RowEnd::Hang, .cause = "stuck"});
  EXPECT_EQ(search.answer().end, RowEnd::Hang);
  EXPECT_EQ(search.answer().cause, "no sim.seed of 1 to 4 gives pass: stuck");
}

TEST_F(SweepTest, EachRowOfAQuestionIsAnsweredByItself) {
  const Sweep sweep = read(
      "base: {problem: {k: 64, n: 64}}\nvary: {problem.m: [64, 128]}\n"
      "find: {smallest: sim.seed, from: 0, to: 500}\n");
  const SweepReport r =
      report(sweep, {.jobs = 2, .work = [](const Settings& settings) {
                       RowResult result = passed(settings);
                       if (static_cast<int64_t>(settings.sim.seed) < settings.problem.m)
                         result.end = RowEnd::Hang;
                       return result;
                     }});
  EXPECT_THAT(r.lines[0].result.cause, HasSubstr("hang below sim.seed = 64"));
  EXPECT_THAT(r.lines[1].result.cause, HasSubstr("hang below sim.seed = 128"));
}

TEST_F(SweepTest, RowsMayAskDifferentQuestions) {
  const Sweep sweep = read(
      "base: {problem: {m: 64, k: 64, n: 64}}\nrows:\n"
      "  - find: {smallest: sim.seed, from: 3, to: 4}\n"
      "  - find: {smallest: compiler.depth.a-l1, from: 1, to: 2}\n");
  const SweepReport r = report(sweep, {.jobs = 2, .work = passed});
  EXPECT_EQ(r.lines[0].row->label, "base find sim.seed");
  EXPECT_THAT(r.lines[0].result.cause, HasSubstr("pass from sim.seed = 3 on"));
  EXPECT_THAT(r.lines[1].result.cause, HasSubstr("pass from compiler.depth.a-l1 = 1 on"));
}

// Reports.

/// A report with every kind of trouble in its texts.
SweepReport troubled(const Sweep& sweep) {
  SweepReport r{.sweep = sweep};
  r.lines.push_back({&sweep.rows[0], {.end = RowEnd::Pass, .cycles = 7}});
  r.lines.push_back({&sweep.rows[1],
                     {.end = RowEnd::Wrong,
                      .cycles = 8,
                      .cause = "a < b & \"c\" | \x01",
                      .detail = "<script>\n"}});
  r.lines.push_back({&sweep.rows[2], {.end = RowEnd::Crash, .cause = "signal 9"}});
  return r;
}

TEST_F(SweepTest, JUnitIsWellFormedAndCountsWhatWasNotExpected) {
  const Sweep sweep = read(kThree);
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(sweep_junit(troubled(sweep)).c_str()));
  EXPECT_EQ(xml.child("testsuite").attribute("tests").as_int(), 3);
  EXPECT_EQ(xml.child("testsuite").attribute("failures").as_int(), 1);
}

TEST_F(SweepTest, JsonHoldsEachRowInTheOrderOfTheFile) {
  const Sweep sweep = read(kThree);
  const auto json = nlohmann::json::parse(sweep_json(troubled(sweep)));
  EXPECT_FALSE(json["as_expected"]);
  EXPECT_EQ(json["rows"][0]["expected"], "pass");
  EXPECT_EQ(json["rows"][1]["outcome"], "wrong");
  EXPECT_EQ(json["rows"][2]["as_expected"], false);
}

TEST_F(SweepTest, ThePageHoldsNoTextThatIsNotEscaped) {
  const Sweep sweep = read(kThree);
  const std::string page = sweep_html(troubled(sweep));
  EXPECT_THAT(page, HasSubstr("a &lt; b &amp; &quot;c&quot; | ?"));
  EXPECT_THAT(page, testing::Not(HasSubstr("<script>")));
  EXPECT_THAT(page, testing::Not(HasSubstr("src=")));
}

TEST_F(SweepTest, ASweepThatTheUserStoppedSaysSo) {
  const Sweep sweep = read(kThree);
  SweepReport r{.sweep = sweep, .whole = false, .stopped = true};
  EXPECT_THAT(summary(r), HasSubstr("stopped before the last row"));
}

TEST_F(SweepTest, TheTableShowsTheBytesOfEachHopWhenAsked) {
  const std::string body = "base: {problem: {m: 64, k: 64, n: 64}}\nrows: [{expect: pass}]\n";
  const auto line = [&](const Sweep& sweep) {
    return table_line({&sweep.rows[0], run_row(sweep.rows[0].settings)}, 10, false);
  };
  // 64x64 f32 results come down once.
  EXPECT_THAT(line(read("traffic: true\n" + body)),
              HasSubstr("l1_l2 16384, l2_l3 16384, bound by "));
  EXPECT_THAT(line(read(body)), Not(HasSubstr("l3_l2")));
}

TEST_F(SweepTest, AResultSurvivesItsLineOfJson) {
  const RowResult result{RowEnd::Hang, 12, false, "a \"b\"\n", "c\n", "l3_l2 4", 0.5};
  EXPECT_EQ(row_from_json(to_json(result)), result);
}

// The command.

constexpr std::string_view kTwo =
    "base: {compiler: {strategy: pad-pack-2024-04-24}}\n"
    "rows:\n"
    "  - {shape: 64x64x64, expect: pass}\n"
    "  - {shape: 9x16x7, types: i8 i8 i32, expect: {outcome: refused, text: m=9}}\n";

TEST_F(SweepTest, ExitStatusIsZeroWhenEveryRowCameOutAsExpected) {
  EXPECT_EQ(status_of({write(kTwo)}), kRight);
}

TEST_F(SweepTest, ExitStatusIsThreeWhenOneRowDidNot) {
  EXPECT_EQ(status_of({write(kTwo), "--set", "sim.limit-cycles=10"}), kWrong);
}

TEST_F(SweepTest, ExitStatusIsThreeWhenACountDoesNotHold) {
  EXPECT_EQ(status_of({write(std::string(kTwo) + "counts: {hang: 1}\n")}), kWrong);
}

TEST_F(SweepTest, CountsAreOfTheWholeFileOnly) {
  EXPECT_EQ(
      status_of({write(std::string(kTwo) + "counts: {pass: 1, refused: 1}\n"), "--shard", "2/2"}),
      kRight);
}

TEST_F(SweepTest, ASingleRowIsChosenByItsLabel) {
  EXPECT_EQ(status_of({write(kTwo), "--row", "64x64x64", "--json", path("out.json")}), kRight);
  std::ifstream file(path("out.json"));
  const auto json = nlohmann::json::parse(file);
  ASSERT_EQ(json["rows"].size(), 1u);
  EXPECT_EQ(json["rows"][0]["label"], "64x64x64");
}

TEST_F(SweepTest, AShardThatIsNoneIsAnError) {
  for (const std::string text : {"0/2", "3/2", "1", "a/b", "1/2/3"})
    EXPECT_THROW(status_of({write(kTwo), "--shard", text}), Error) << text;
}

}  // namespace
}  // namespace npu::cli
