// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/settings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/contexts.h"
#include "tests/source_directory.h"

namespace npu::cli {
namespace {

/// Files of one test, in a directory of their own.
class SettingsTest : public testing::Test {
 protected:
  SettingsTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                (std::string("airlock_settings_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
  }
  ~SettingsTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }

  Settings read(std::string_view text, const std::vector<std::string>& sets = {}) {
    Source source{write("sim.yaml", text), {}};
    for (const std::string& set : sets)
      source.overrides.push_back(parse_override(set));
    return load(source);
  }

  std::string error_of(std::string_view text, const std::vector<std::string>& sets = {}) {
    try {
      read(text, sets);
    } catch (const Error& e) {
      return std::string(e.what()) + "\n" + e.hint();
    }
    return "no error";
  }

 private:
  std::filesystem::path folder_;
};

constexpr std::string_view kSmall = "problem: {m: 64, k: 32, n: 16}\n";

TEST_F(SettingsTest, AProblemAloneTakesEveryDefault) {
  const Settings settings = read(kSmall);
  EXPECT_EQ(settings.problem.k, 32);
  EXPECT_EQ(settings.device.device->name, "npu1");
  EXPECT_EQ(settings.partition().columns, 4);
}

TEST_F(SettingsTest, AProblemFileIsLookedForBesideTheFileThatNamesIt) {
  write("problems/p.yaml", "problem: {m: 7, k: 8, n: 9}\n");
  EXPECT_EQ(read("problem: problems/p.yaml\n").problem.m, 7);
}

TEST_F(SettingsTest, ADeviceFileIsLookedForBesideTheFileThatNamesIt) {
  write("devices/d.yaml",
        "name: npu4\nlock: {wake: {value: 9, origin: assumed, source: a test}}\n");
  const Settings settings = read("device: devices/d.yaml\n" + std::string(kSmall));
  EXPECT_EQ(settings.device.device->name, "npu4");
  EXPECT_EQ(settings.device.timing.lock.wake.value, 9);
}

TEST_F(SettingsTest, AProblemFileHoldsNothingElse) {
  write("p.yaml", "problem: {m: 7, k: 8, n: 9}\nsim: {seed: 3}\n");
  EXPECT_THAT(error_of("problem: p.yaml\n"),
              testing::HasSubstr("p.yaml:2:1: unknown key `sim`\nkeys here: problem"));
}

TEST_F(SettingsTest, TheLastOverrideOfAKeyWins) {
  EXPECT_EQ(read(kSmall, {"problem.m=1", "problem.m=2"}).problem.m, 2);
}

TEST_F(SettingsTest, AnOverrideMaySetAWholeMap) {
  const Settings settings = read(kSmall, {"compiler.herd={columns: 4, rows: 2}"});
  EXPECT_EQ(settings.compiler.herd, (compiler::matmul::Herd{4, 2}));
}

TEST_F(SettingsTest, AnOverrideReachesIntoANamedFile) {
  write("p.yaml", "problem: {m: 7, k: 8, n: 9}\n");
  const Settings settings = read("problem: p.yaml\n", {"problem.k=80"});
  EXPECT_EQ(settings.problem.m, 7);
  EXPECT_EQ(settings.problem.k, 80);
}

TEST_F(SettingsTest, AnOverrideOfATimingNumberIsAssumed) {
  const Settings settings = read(kSmall, {"device.stream.hop=9"});
  EXPECT_EQ(settings.device.timing.stream.hop.value, 9);
  EXPECT_EQ(settings.device.timing.stream.hop.origin, arch::Origin::Assumed);
}

TEST_F(SettingsTest, AnOverriddenClockConvertsTheRatesOfTheFile) {
  const Settings slow = read(kSmall, {"device.clock=500 MHz"});
  const Settings fast = read(kSmall, {"device.clock=1 GHz"});
  EXPECT_DOUBLE_EQ(slow.device.timing.ddr.bytes_per_cycle.value,
                   2 * fast.device.timing.ddr.bytes_per_cycle.value);
}

TEST_F(SettingsTest, AnErrorInAnOverrideNamesTheOption) {
  EXPECT_EQ(error_of(kSmall, {"problem.m=0"}),
            "--set problem.m=0: `problem.m` cannot be 0\n1 to 1048576");
}

/// A file whose kernel has the key; that of the last kernel for the kernel itself.
std::string_view file_with(const Key& key) {
  if (key.path == "problem.kernel" || (!key.of.empty() && key.of.front() == Computes::Design))
    return "problem: {kernel: design, file: /opt/a.mlir}\n";
  if (key.of.empty() || key.of.front() == Computes::Matmul)
    return kSmall;
  return key.of.front() == Computes::Edge ? "problem: {kernel: edge, width: 64, height: 64}\n"
                                          : "problem: {kernel: select}\n";
}

TEST_F(SettingsTest, EveryKeyHasAnOverride) {
  for (const Key& key : keys()) {
    std::string value = fmt::format("{}", key.low);
    if (key.kind == Key::Kind::Choice)
      value = key.choices.back();
    else if (key.kind == Key::Kind::Words)
      value = fmt::format("[{}]", key.choices.back());
    else if (key.kind == Key::Kind::Files)
      value = "{zero: /opt/zero.so}";
    else if (key.kind == Key::Kind::Counts)
      value = "{of_in: 1}";
    else if (key.kind == Key::Kind::Text)
      value = "/opt/some.mlir";
    std::vector<std::string> sets{"device=npu4"};
    if (key.path.starts_with("compiler.herd"))
      sets.push_back("compiler.herd={columns: 1, rows: 1}");
    sets.push_back(fmt::format("{}={}", key.path, value));
    EXPECT_EQ(key.text(read(file_with(key), sets)), value) << key.path;
  }
}

TEST_F(SettingsTest, PrintsToAFileThatReadsBackToTheSame) {
  const std::string printed = print(read(
      kSmall, {"device=npu4", "columns=3", "compiler.herd={columns: 2, rows: 4}",
               "compiler.split-l2=legacy", "sim.limit-cycles=5", "sim.schedule-seed=0",
               "sim.data=timing", "sim.check=order", "host.inputs=special", "device.lock.wake=3"}));
  EXPECT_EQ(print(read(printed)), printed);
}

TEST_F(SettingsTest, FilesOfKernelsLieBesideTheFileThatNamesThem) {
  const Settings settings =
      read(std::string(kSmall) + "kernels: {matmul: mine.so}\n", {"kernels.zero=other.so"});
  EXPECT_THAT(settings.kernels.at("matmul"), testing::EndsWith("/mine.so"));
  EXPECT_EQ(settings.kernels.at("zero"), "other.so");
}

TEST_F(SettingsTest, ADesignAndTheFilesOfItsArgumentsLieBesideTheFileThatNamesThem) {
  const Settings settings = read(
      "problem: {kernel: design, file: a.mlir, arg: {0: iota, 1: sim.yaml}, expect: {2: "
      "arg0+1}}\n");
  EXPECT_THAT(settings.design.file, testing::EndsWith("/a.mlir"));
  EXPECT_EQ(settings.design.arguments.at("0"), "iota");
  EXPECT_THAT(settings.design.arguments.at("1"), testing::EndsWith("/sim.yaml"));
  EXPECT_EQ(settings.design.expected.at("2"), "arg0+1");
}

TEST_F(SettingsTest, AKeyOfAnotherKernelIsAnError) {
  EXPECT_THAT(
      error_of("problem: {kernel: edge, width: 64, height: 8, m: 3}\n"),
      testing::HasSubstr("`problem.m` is not of `kernel: edge`\nit is of `kernel: matmul`"));
}

TEST_F(SettingsTest, EachKernelHasKeysThatItNeeds) {
  EXPECT_THAT(error_of("problem: {kernel: edge, width: 64}\n"),
              testing::HasSubstr("`problem.height` is missing"));
}

TEST_F(SettingsTest, TheOtherKernelsPrintToFilesThatReadBackToTheSame) {
  for (const std::string_view text :
       {"problem: {kernel: edge, width: 64, height: 8, threshold: 9}\n",
        "problem: {kernel: select, function: edge}\nstart: 2\ncolumns: 1\n"}) {
    const std::string printed = print(read(text));
    EXPECT_EQ(print(read(printed)), printed);
  }
}

TEST_F(SettingsTest, APartitionThatStartsWhereThereIsNoneIsAnError) {
  EXPECT_THAT(error_of("columns: 2\nstart: 4\n" + std::string(kSmall)),
              testing::HasSubstr("sim.yaml:2:8: device npu1: a partition of 2 columns cannot start "
                                 "at column 4\ncolumn 1 to 3"));
}

TEST_F(SettingsTest, APartitionWiderThanTheDeviceIsAnError) {
  EXPECT_THAT(error_of("columns: 6\n" + std::string(kSmall)),
              testing::HasSubstr("sim.yaml:1:10: `columns` cannot be 6\nnpu1 has 1 to 4"));
}

TEST_F(SettingsTest, AMissingSizeIsAnError) {
  EXPECT_THAT(error_of("problem: {m: 1, k: 1}\n"),
              testing::HasSubstr("`problem.n` is missing\ncolumns of B and C"));
}

/// Not EXPECT_EQ of the texts, which would print both.
bool is_file(const std::string& text, const std::string& path) {
  return text == config::read_file(std::string(kSourceDirectory) + "/" + path);
}

TEST(Schema, OfSimFilesIsTheOneInTheTree) {
  EXPECT_TRUE(is_file(schema(), "configs/schema.json")) << "airlock schema > configs/schema.json";
}

TEST(Schema, OfDeviceFilesIsTheOneInTheTree) {
  EXPECT_TRUE(is_file(device_schema(), "configs/device-schema.json"))
      << "airlock schema device > configs/device-schema.json";
}

TEST(Schema, OfSweepFilesIsTheOneInTheTree) {
  EXPECT_TRUE(is_file(sweep_schema(), "configs/sweep-schema.json"))
      << "airlock schema sweep > configs/sweep-schema.json";
}

class ConfigFile : public testing::TestWithParam<std::string> {};
TEST_P(ConfigFile, IsRead) {
  const Source source{std::string(kSourceDirectory) + "/configs/" + GetParam(), {}};
  std::vector<std::string> warnings;
  if (has_contexts(source.file))
    EXPECT_NO_THROW(load_contexts(source, warnings));
  else
    EXPECT_NO_THROW(load(source));
}
std::vector<std::string> config_files() {
  std::vector<std::string> names;
  for (const char* folder : {"sims", "problems"})
    for (const auto& file :
         std::filesystem::directory_iterator(std::string(kSourceDirectory) + "/configs/" + folder))
      names.push_back(std::string(folder) + "/" + file.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}
INSTANTIATE_TEST_SUITE_P(InTheTree, ConfigFile, testing::ValuesIn(config_files()));

}  // namespace
}  // namespace npu::cli
