// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What compiling costs: one 2048x2048x2048 matmul, and a model of 1,000 matmuls of which 50 are
// distinct, without and with deduplication, with two jobs, and with what an earlier build has kept.
#include <filesystem>
#include <fstream>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "cli/model_build.h"
#include "compiler/compile.h"
#include "compiler/lower/lower.h"

namespace npu::cli {
namespace {

namespace fs = std::filesystem;

/// A directory that is gone at the end.
class Place {
 public:
  Place() : path_(fs::temp_directory_path() / fmt::format("airlock-bench-{}", getpid())) {
    fs::create_directories(path_);
  }
  ~Place() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// 50 shapes, each 20 times, one after another as in the layers of a model.
Model thousand(const fs::path& directory) {
  const fs::path path = directory / "thousand.yaml";
  {
    std::ofstream file(path);
    file << "base: {device: npu1}\nentries:\n";
    for (int layer = 0; layer < 20; ++layer)
      for (int i = 0; i < 50; ++i)
        file << fmt::format("  - {{name: l{}.m{}, shape: {}x{}x{}}}\n", layer, i, 256 + i % 5 * 64,
                            512 + i % 2 * 512, 256 * (1 + i / 10));
  }
  return load_model(path, {}).value();
}

void one_matmul(benchmark::State& state) {
  const config::DeviceConfig device = config::builtin_device("npu1");
  const arch::Partition partition = arch::partition_of(*device.device, 4);
  compiler::matmul::Problem problem;
  problem.m = problem.k = problem.n = 2048;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        compiler::lower(compiler::build(problem, partition, device.timing, {})));
}

void gather(benchmark::State& state) {
  const Place place;
  for (auto _ : state)
    benchmark::DoNotOptimize(thousand(place.path()));
}

/// A whole build into a fresh directory; `fill` builds once before to fill the cache.
void build(benchmark::State& state, int jobs, bool dedup, bool fill) {
  const Place place;
  const Model model = thousand(place.path());
  const fs::path out = place.path() / "out";
  const fs::path kept = place.path() / "cache";
  BuildCache cache(fill ? kept : fs::path());
  if (fill)
    build_model(model, {.jobs = jobs, .cache = &cache});
  ModelReport report;
  for (auto _ : state) {
    report = build_model(
        model, {.jobs = jobs, .dedup = dedup, .directory = out.string(), .cache = &cache});
    state.PauseTiming();
    fs::remove_all(out);
    state.ResumeTiming();
  }
  state.counters["designs"] = static_cast<double>(report.designs);
  state.counters["from_cache"] = static_cast<double>(report.from_cache);
}

BENCHMARK(one_matmul)->Unit(benchmark::kMillisecond);
BENCHMARK(gather)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(build, alone, 1, false, false)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(build, dedup, 1, true, false)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(build, two_jobs, 2, true, false)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(build, warm_cache, 1, true, true)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace npu::cli
