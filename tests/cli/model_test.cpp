// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models: what is shared, what is kept, and that the files depend on neither.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/model_build.h"
#include "compiler/compile.h"
#include "compiler/lower/lower.h"
#include "tests/source_directory.h"
#include "xclbin/design_files.h"
#include "xclbin/file.h"

namespace npu::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Files = std::map<std::string, xclbin::Bytes>;

constexpr std::string_view kLayer = R"(
entries:
  - {name: query, shape: 64x64x64, repeat: 3}
  - {name: key, shape: 64x64x32}
  - {name: output, shape: 64x64x64, repeat: 2, problem.a: bf16}
)";

class Models : public ::testing::Test {
 protected:
  Models() { fs::create_directories(root_); }
  ~Models() override { fs::remove_all(root_); }

  Model model(std::string_view text, const std::vector<Override>& overrides = {}) {
    const fs::path path = root_ / "model.yaml";
    std::ofstream(path) << text;
    return load_model(path, overrides).value();
  }
  ModelReport build(const Model& model, int jobs = 1, bool dedup = true) {
    BuildCache cache(cache_);
    return build_model(
        model,
        {.jobs = jobs, .dedup = dedup, .directory = (root_ / "out").string(), .cache = &cache});
  }
  /// All that a build has written; it is gone then.
  Files take_files() {
    Files files;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / "out"))
      if (entry.is_regular_file())
        files[fs::relative(entry.path(), root_ / "out")] = xclbin::read_file(entry.path());
    fs::remove_all(root_ / "out");
    return files;
  }
  nlohmann::json index() const {
    return nlohmann::json::parse(std::ifstream(root_ / "out" / "index.json"));
  }
  std::vector<fs::path> kept() const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(cache_))
      if (entry.is_regular_file())
        paths.push_back(entry.path());
    return paths;
  }

  fs::path root_ = fs::path(::testing::TempDir()) /
                   ::testing::UnitTest::GetInstance()->current_test_info()->name();
  fs::path cache_ = root_ / "cache";
};

TEST_F(Models, EqualMatmulsShareADesign) {
  const ModelReport report = build(model(kLayer));
  EXPECT_EQ(report.matmuls, 6);
  EXPECT_EQ(report.designs, 2U);
  EXPECT_EQ(index()["entries"][2]["kernel"], "query");
}

TEST_F(Models, WithoutDeduplicationEveryRepetitionIsADesign) {
  EXPECT_EQ(build(model(kLayer), 1, false).designs, 6U);
}

TEST_F(Models, FilesDoNotDependOnTheNumberOfJobs) {
  const Model layer = model(kLayer);
  build_model(layer, {.jobs = 1, .directory = (root_ / "out").string()});
  const Files alone = take_files();
  build_model(layer, {.jobs = 4, .directory = (root_ / "out").string()});
  EXPECT_EQ(take_files(), alone);
}

TEST_F(Models, FilesDoNotDependOnTheCache) {
  const Model layer = model(kLayer);
  build(layer);
  const Files made = take_files();
  EXPECT_EQ(build(layer).from_cache, 2U);
  EXPECT_EQ(take_files(), made);
}

TEST_F(Models, SecondBuildDoesNothing) {
  const Model layer = model(kLayer);
  build(layer);
  const ModelReport again = build(layer);
  EXPECT_EQ(again.from_cache, again.designs);
  EXPECT_EQ(again.linked, 0U);
  EXPECT_EQ(again.written, 0U);
}

TEST_F(Models, AnotherOptionIsAnotherDesign) {
  build(model(kLayer));
  const ModelReport other = build(model(kLayer, {parse_override("compiler.l2-locks=per-writer")}));
  EXPECT_EQ(other.from_cache, 0U);
}

TEST_F(Models, WhatDecidesARunOnlyIsNoOtherDesign) {
  build(model(kLayer));
  EXPECT_EQ(build(model(kLayer, {parse_override("sim.seed=7")})).from_cache, 2U);
}

TEST_F(Models, SecondBuildNoticesAnotherSharedObjectOfTheSameName) {
  const std::string file = (root_ / "zero.so").string();
  fs::copy_file(ZERO_KERNELS, file);
  const Model model = this->model(
      "entries:\n"
      "  - {name: query, shape: 256x256x256, compiler.strategy: pad-pack-2024-04-24}\n",
      {{"kernels", "{zero: " + file + "}", "--set"}});
  build(model);
  EXPECT_EQ(build(model).from_cache, 1U);
  std::ofstream(file, std::ios::app) << "x";
  EXPECT_EQ(build(model).from_cache, 0U);
}

TEST_F(Models, ReportAndIndexSayWhereTheCodeOfEachKernelComesFrom) {
  const ModelReport report =
      build(model("entries:\n"
                  "  - {name: query, shape: 32x32x32, problem.a: i8, "
                  "problem.b: i16, problem.c: i32}\n"));
  ASSERT_EQ(report.kernels.size(), 2U);
  EXPECT_THAT(report.kernels[0].kernel, HasSubstr("matmul i8 i16 i32"));
  EXPECT_EQ(report.kernels[0].origin, "generated");
  EXPECT_EQ(report.kernels[1].origin, "built in");
  EXPECT_EQ(index()["kernels"][0]["micro_kernels"][0]["origin"], "generated");
}

TEST_F(Models, DamagedFilesOfTheCacheAreMadeAnew) {
  const Model layer = model(kLayer);
  build(layer);
  const Files made = take_files();
  for (const fs::path& path : kept()) {
    xclbin::Bytes bytes = xclbin::read_file(path);
    bytes[bytes.size() / 2] ^= 1;
    xclbin::write_file(path, bytes);
  }
  const ModelReport again = build(layer);
  EXPECT_EQ(again.damaged, 3);
  EXPECT_EQ(again.from_cache, 0U);
  EXPECT_EQ(take_files(), made);
  EXPECT_EQ(build(layer).damaged, 0);
}

TEST_F(Models, FilesOfTheCacheThatAreCutAreMadeAnew) {
  const Model layer = model(kLayer);
  build(layer);
  for (size_t size = 0; const fs::path& path : kept())
    fs::resize_file(path, size += 20);
  EXPECT_EQ(build(layer).damaged, 3);
}

TEST_F(Models, CacheThatCannotBeWrittenIsNoError) {
  std::ofstream(cache_) << "a file";
  BuildCache cache(cache_);
  EXPECT_EQ(build_model(model(kLayer), {.cache = &cache}).designs, 2U);
  EXPECT_THAT(cache.trouble(), HasSubstr("cannot be written"));
}

TEST_F(Models, CacheForgetsFirstWhatWasUsedLongestAgo) {
  const Model old = model("entries:\n  - {name: query, shape: 64x64x64}\n");
  build(old);
  const std::vector<fs::path> first = kept();
  for (const fs::path& path : first)
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const Model other = model("entries:\n  - {name: query, shape: 64x64x32}\n");
  build(other);
  uint64_t all = 0;
  for (const fs::path& path : kept())
    all += fs::file_size(path);
  EXPECT_EQ(BuildCache(cache_).prune(all), 0U);
  EXPECT_EQ(BuildCache(cache_).prune(all - 1), 1U);
  EXPECT_EQ(build(other).from_cache, 1U);
  EXPECT_EQ(BuildCache(cache_).prune(0), 3U);
}

TEST_F(Models, WhatIsTakenFromTheCacheIsUsed) {
  const Model model = this->model("entries:\n  - {name: query, shape: 64x64x64}\n");
  build(model);
  const auto before = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const fs::path& path : kept())
    fs::last_write_time(path, before);
  build(model);
  for (const fs::path& path : kept())
    EXPECT_GT(fs::last_write_time(path), before);
}

TEST_F(Models, PruningLeavesFilesAloneThatAreNotTheCaches) {
  fs::create_directories(cache_ / "ab");
  std::ofstream(cache_ / "ab" / "notes.txt") << "mine";
  EXPECT_EQ(BuildCache(cache_).prune(0), 0U);
  EXPECT_TRUE(fs::exists(cache_ / "ab" / "notes.txt"));
}

TEST_F(Models, ContainersTakeSixteenKernels) {
  std::string text = "entries:\n";
  for (int i = 1; i <= 17; ++i)
    text += fmt::format("  - {{name: m{}, shape: 16x16x{}}}\n", i, 16 * i);
  build(model(text), 2);
  EXPECT_EQ(index()["containers"][0]["kernels"].size(), 16U);
  EXPECT_EQ(index()["entries"][16]["container"], "model.2.xclbin");
}

TEST_F(Models, DesignIsInEveryContainerThatUsesIt) {
  const ModelReport report = build(model(R"(
entries:
  - {name: prefill_head, shape: 16x64x64, container: prefill}
  - {name: decode_head, shape: 16x64x64, container: decode}
)"));
  EXPECT_EQ(report.designs, 1U);
  for (const char* file : {"prefill.xclbin", "decode.xclbin"})
    EXPECT_EQ(xclbin::read_contents(xclbin::read_container(xclbin::read_file(root_ / "out" / file)))
                  .kernels[0]
                  .name,
              "prefill_head");
}

TEST_F(Models, IndexLeadsToTheConfigurationAndTheInstructionsOfTheMatmul) {
  const Model layer = model(kLayer);
  build(layer);
  const auto entry = index()["entries"][1];
  const Settings& settings = layer.settings[layer.entries[1].settings];
  const compiler::Lowered lowered = compiler::lower(compiler::build(
      settings.problem, settings.partition(), settings.device.timing, settings.compiler));
  const auto container = xclbin::read_container(
      xclbin::read_file(root_ / "out" / entry["container"].get<std::string>()));
  const auto kernel = xclbin::load_kernel(container, entry["kernel"].get<std::string>());
  EXPECT_EQ(kernel.info.id, entry["kernel_id"].get<uint32_t>());
  const auto image =
      xclbin::kernel_image("", lowered.configuration, lowered.names, settings.partition());
  EXPECT_EQ(xclbin::read_contents(container).kernel(kernel.info.name).pdi->image, image.pdi);
  EXPECT_EQ(xclbin::read_file(root_ / "out" / entry["instructions"].get<std::string>()),
            xclbin::instruction_file(lowered.sequence, settings.partition()));
}

TEST_F(Models, OfTheTreeAreBuilt) {
  for (const auto& file : fs::directory_iterator(fs::path(kSourceDirectory) / "configs/models")) {
    const std::optional<Model> model = load_model(file.path().string(), {});
    ASSERT_TRUE(model) << file.path();
    EXPECT_LE(build_model(*model, {.jobs = 2}).designs, model->entries.size()) << file.path();
  }
}

TEST_F(Models, FirstEntryThatCannotBeCompiledIsNamed) {
  std::string text = "base: {compiler: {strategy: pad-pack-2024-04-24}}\nentries:\n";
  for (int i = 1; i <= 8; ++i)
    text += fmt::format("  - {{name: m{}, shape: {}x52x52}}\n", i, i == 1 ? 64 : 53 + 2 * i);
  text.replace(text.find("64x52x52"), 8, "64x64x64");
  try {
    build(model(text), 4);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("model.yaml:4:5: entry `m2`: "));
  }
}

}  // namespace
}  // namespace npu::cli
