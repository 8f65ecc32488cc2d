// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a simulated matmul costs, against single-threaded OpenBLAS sgemm of the same shape in the
// same run. Inputs, compilation and the reference check are not part of the simulated time. The
// ratios are what counts; `bench_matmul` prints them at the end.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <cblas.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "compiler/compile.h"
#include "compiler/lower/lower.h"
#include "hw-model/config.h"
#include "hw-model/diagnosis/history.h"
#include "hw-model/observe/counters.h"
#include "hw-model/sim/sim.h"

namespace npu {
namespace {

struct Shape {
  int64_t m, k, n;
};
constexpr Shape kLarge{2048, 2432, 2048};

/// A compiled problem with its operands.
struct Prepared {
  explicit Prepared(const Shape& of)
      : shape(of),
        device(config::builtin_device("npu1")),
        partition(arch::partition_of(*device.device, 4)) {
    compiler::matmul::Problem problem;
    problem.m = shape.m;
    problem.k = shape.k;
    problem.n = shape.n;
    lowered = compiler::lower(compiler::build(problem, partition, device.timing, {}));
    std::mt19937 random(1);
    const auto fill = [&](std::vector<uint16_t>& matrix, int64_t elements) {
      matrix.resize(static_cast<size_t>(elements));
      // bf16 of magnitude around 1, any mantissa.
      std::generate(matrix.begin(), matrix.end(),
                    [&] { return static_cast<uint16_t>(0x3F00 | (random() & 0x80FF)); });
    };
    fill(a, shape.m * shape.k);
    fill(b, shape.k * shape.n);
    c.resize(static_cast<size_t>(shape.m * shape.n));
  }

  sim::RunResult run(const sim::Options& options, std::vector<observe::Observer*> observers) {
    sim::Simulation simulation(partition, device.timing, options);
    for (observe::Observer* observer : observers)
      simulation.hub().attach(*observer);
    simulation.configure(lowered.configuration);
    const sim::HostBuffer arguments[] = {{reinterpret_cast<std::byte*>(a.data()), a.size() * 2},
                                         {reinterpret_cast<std::byte*>(b.data()), b.size() * 2},
                                         {reinterpret_cast<std::byte*>(c.data()), c.size() * 4}};
    return simulation.run(lowered.sequence, arguments);
  }

  Shape shape;
  config::DeviceConfig device;
  arch::Partition partition;
  compiler::Lowered lowered;
  std::vector<uint16_t> a;
  std::vector<uint16_t> b;
  std::vector<float> c;
};

Prepared& large() {
  static Prepared prepared(kLarge);
  return prepared;
}

void sgemm(benchmark::State& state) {
  const auto [m, k, n] = kLarge;
  std::vector<float> a(static_cast<size_t>(m * k), 0.5f);
  std::vector<float> b(static_cast<size_t>(k * n), 0.25f);
  std::vector<float> c(static_cast<size_t>(m * n));
  openblas_set_num_threads(1);
  for (auto _ : state)
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(m), static_cast<int>(n),
                static_cast<int>(k), 1, a.data(), static_cast<int>(k), b.data(),
                static_cast<int>(n), 0, c.data(), static_cast<int>(n));
}

void functional(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(large().run({}, {}));
}

void with_counters(benchmark::State& state) {
  for (auto _ : state) {
    observe::Counters counters;
    benchmark::DoNotOptimize(large().run({}, {&counters}));
  }
}

void with_diagnosis(benchmark::State& state) {
  for (auto _ : state) {
    diagnosis::History history;
    benchmark::DoNotOptimize(large().run({}, {&history}));
  }
}

void timing_only(benchmark::State& state) {
  sim::Options options;
  options.timing_only = true;
  for (auto _ : state)
    benchmark::DoNotOptimize(large().run(options, {}));
}

/// Collects medians, and prints their ratios.
class Ratios final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs)
      if (run.aggregate_name == "median")
        medians_[run.run_name.function_name] = run.GetAdjustedRealTime();
  }
  void Finalize() override {
    ConsoleReporter::Finalize();
    const auto ratio = [&](const char* a, const char* b) {
      if (medians_.contains(a) && medians_.contains(b))
        fmt::print("{} / {}: {:.3f}\n", a, b, medians_[a] / medians_[b]);
    };
    ratio("functional", "sgemm");
    ratio("timing_only", "sgemm");
    ratio("with_counters", "functional");
    ratio("with_diagnosis", "functional");
  }

 private:
  std::map<std::string, double> medians_;
};

}  // namespace
}  // namespace npu

int main(int argc, char** argv) {
  // A core type forced by the environment would make the comparison meaningless.
  if (std::getenv("OPENBLAS_CORETYPE")) {
    unsetenv("OPENBLAS_CORETYPE");
    execv("/proc/self/exe", argv);
  }
  fmt::print("OpenBLAS core type: {}\n", openblas_get_corename());
  const auto add = [](const char* name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name, run)
        ->Unit(benchmark::kMillisecond)
        ->MinTime(0.2)
        ->Repetitions(7)
        ->UseRealTime()
        ->ReportAggregatesOnly();
  };
  add("sgemm", npu::sgemm);
  add("functional", npu::functional);
  add("with_counters", npu::with_counters);
  add("with_diagnosis", npu::with_diagnosis);
  add("timing_only", npu::timing_only);
  benchmark::Initialize(&argc, argv);
  npu::Ratios reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("peak memory: {} MiB\n", usage.ru_maxrss / 1024);
  return 0;
}
