// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How close the default strategy's prediction is to the simulated cycles, over the problems that
// stdin lists (`M K N TYPE TYPE COLUMNS DEVICE` a line), and how often the tiles it takes are the
// best of the candidates that are simulated: its first ones, and some from further down. Prints a
// line for each problem and the mean and worst at the end; `-v` prints every candidate, the name of
// a schedule takes that one; candidates that do not fit it are passed over.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "compiler/compile.h"
#include "compiler/lower/lower.h"
#include "compiler/matmul/search.h"
#include "hw-model/arch/error.h"
#include "hw-model/config.h"
#include "hw-model/sim/sim.h"

namespace npu {
namespace {

using compiler::matmul::Candidate;
using compiler::matmul::Options;
using compiler::matmul::Problem;

struct Line {
  Problem problem;
  const arch::Device* device = nullptr;
  int columns = 0;
};

struct Totals {
  std::vector<double> errors;  ///< of the tiles taken, of the simulated cycles
  std::vector<double> losses;  ///< cycles above the best candidate's
  double slowest_ms = 0;       ///< of a compilation
};

/// Cycles; nothing when the tiles do not fit.
std::optional<uint64_t> simulate(const Line& line, const arch::Timing& timing, Options options,
                                 const compiler::matmul::Tiles& t) {
  const arch::Partition partition = arch::partition_of(*line.device, line.columns);
  options.tiles = t;
  compiler::Lowered lowered;
  try {
    lowered = compiler::lower(compiler::build(line.problem, partition, timing, options));
  } catch (const Error&) {
    return std::nullopt;
  }
  std::vector<sim::HostBuffer> buffers;
  for (const compiler::Argument& argument : lowered.design.arguments)
    buffers.push_back({nullptr, argument.bytes()});
  sim::Options timing_only;
  timing_only.timing_only = true;
  sim::Simulation simulation(partition, timing, timing_only);
  simulation.configure(lowered.configuration);
  return simulation.run(lowered.sequence, buffers).cycles;
}

/// The first ones, and every so many of the rest that differ in herd or core tile.
std::vector<Candidate> sample(const std::vector<Candidate>& all) {
  constexpr size_t kFirst = 6;
  constexpr size_t kMore = 6;
  std::vector<Candidate> some(all.begin(), all.begin() + std::min(kFirst, all.size()));
  const size_t range = std::min<size_t>(all.size(), 200);
  for (size_t i = kFirst; i < range; i += std::max<size_t>(1, range / kMore))
    some.push_back(all[i]);
  return some;
}

void measure(const Line& line, const Options& options, bool verbose, Totals& totals) {
  const arch::Timing timing = config::builtin_device(line.device->name).timing;
  const arch::Partition partition = arch::partition_of(*line.device, line.columns);
  const auto start = std::chrono::steady_clock::now();
  const auto tiles = compiler::matmul::plan(line.problem, partition, timing, options).tiles;
  const double ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  // Those before the tiles that are taken do not fit the schedule.
  auto all = compiler::matmul::search(line.problem, partition, timing, options);
  all.erase(all.begin(), std::ranges::find(all, tiles, &Candidate::tiles));
  const auto candidates = sample(all);
  uint64_t best = UINT64_MAX;
  uint64_t taken = 0;
  for (const Candidate& candidate : candidates) {
    const auto simulated = simulate(line, timing, options, candidate.tiles);
    if (!simulated)
      continue;
    const uint64_t cycles = *simulated;
    taken = taken == 0 ? cycles : taken;
    best = std::min(best, cycles);
    if (verbose)
      fmt::print("    {:>10} simulated, {:>10.0f} predicted: herd {} core {}x{}x{} l2 k {}\n",
                 cycles, candidate.prediction.cycles, to_string(candidate.tiles.herd()),
                 candidate.tiles.core.m, candidate.tiles.core.n, candidate.tiles.core.k,
                 candidate.tiles.l2.k);
  }
  const auto real = static_cast<double>(taken);
  totals.errors.push_back(candidates.front().prediction.cycles / real - 1);
  totals.losses.push_back(real / static_cast<double>(best) - 1);
  totals.slowest_ms = std::max(totals.slowest_ms, ms);
  fmt::print("{:<44} {:>10} simulated {:+6.1f} % predicted {:+6.1f} % best, {:.1f} ms\n",
             to_string(line.problem), taken, 100 * totals.errors.back(),
             -100 * totals.losses.back(), ms);
  std::fflush(stdout);
}

void summarise(const Totals& totals) {
  double sum = 0;
  double worst = 0;
  for (const double error : totals.errors) {
    sum += std::abs(error);
    worst = std::max(worst, std::abs(error));
  }
  const auto best = std::ranges::count_if(totals.losses, [](double loss) { return loss <= 0; });
  const auto near = std::ranges::count_if(totals.losses, [](double loss) { return loss < 0.02; });
  const auto count = static_cast<double>(totals.errors.size());
  fmt::print(
      "{} problems: prediction off by {:.1f} % on average, {:.1f} % at worst; the best of the "
      "simulated candidates taken in {}, within 2 % of it in {}, {:.1f} % behind at worst; "
      "compiled in {:.1f} ms at most\n",
      totals.errors.size(), 100 * sum / count, 100 * worst, best, near,
      100 * *std::ranges::max_element(totals.losses), totals.slowest_ms);
}

int run(const Options& options, bool verbose) {
  const std::map<std::string, const arch::Device*> devices{{"npu1", &arch::kNpu1},
                                                           {"npu4", &arch::kNpu4}};
  Totals totals;
  std::string operand;
  std::string result;
  std::string device;
  Line line;
  Problem& p = line.problem;
  while (std::cin >> p.m >> p.k >> p.n >> operand >> result >> line.columns >> device) {
    for (const arch::TypeRow& row : arch::kTypes) {
      if (row.name == operand)
        p.a = p.b = row.type;
      if (row.name == result)
        p.c = row.type;
    }
    line.device = devices.at(device);
    try {
      measure(line, options, verbose, totals);
    } catch (const Error& error) {
      fmt::print("{:<44} {}\n", to_string(p), error.what());
    }
  }
  if (!totals.errors.empty())
    summarise(totals);
  return 0;
}

}  // namespace
}  // namespace npu

int main(int argc, char** argv) {
  npu::compiler::matmul::Options options;
  bool verbose = false;
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "-v") == 0)
      verbose = true;
    else
      options.schedule = argv[i];
  return npu::run(options, verbose);
}
