// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/compiled.h"
#include "cli/operands.h"
#include "hw-model/observe/checker.h"
#include "hw-model/observe/counters.h"
#include "tests/arch/error_text.h"

namespace npu::cli {
namespace {

Settings edge(int64_t width, int64_t height, int threshold = 64) {
  Settings settings;
  settings.device = config::builtin_device("npu1");
  settings.computes = Computes::Edge;
  settings.image = {width, height, threshold};
  return settings;
}

struct Ran {
  sim::RunResult result;
  std::optional<Comparison> comparison;
};

Ran run(const Settings& settings, std::vector<observe::Observer*> observers = {}) {
  const std::unique_ptr<Workload> work = compile_workload(settings);
  sim::Simulation simulation(settings.partition(), settings.device.timing, sim_options(settings));
  for (observe::Observer* observer : observers)
    simulation.hub().attach(*observer);
  simulation.configure(work->lowered.configuration);
  Ran ran;
  ran.result =
      launch(simulation, settings, work->lowered, work->arguments(), [&work] { work->prepare(); });
  ran.comparison = work->check();
  return ran;
}

struct Case {
  int64_t width;
  int64_t height;
  int threshold;
  compiler::matmul::Herd cores;
};

class EveryImage : public testing::TestWithParam<Case> {};
// Bands of one line, of unequal heights, of fewer lines than the ring, and lines of one word.
INSTANTIATE_TEST_SUITE_P(Images, EveryImage,
                         testing::Values(Case{512, 256, 64, {4, 2}}, Case{4, 1, 0, {1, 1}},
                                         Case{64, 2, 10, {1, 1}}, Case{64, 3, 10, {1, 2}},
                                         Case{128, 8, 100, {4, 2}}, Case{96, 61, 30, {3, 2}},
                                         Case{10000, 5, 200, {2, 1}}));

TEST_P(EveryImage, HasTheEdgesOfTheReference) {
  Settings settings = edge(GetParam().width, GetParam().height, GetParam().threshold);
  settings.compiler.herd = GetParam().cores;
  const Ran ran = run(settings);
  ASSERT_EQ(ran.result.end, sim::End::Finished);
  EXPECT_EQ(ran.comparison->mismatches, 0u) << ran.comparison->place << ": " << ran.comparison->got
                                            << ", want " << ran.comparison->expected;
}

TEST_P(EveryImage, HasThemAgainWhenItIsDispatchedAgain) {
  Settings settings = edge(GetParam().width, GetParam().height, GetParam().threshold);
  settings.compiler.herd = GetParam().cores;
  settings.host.launches = 3;
  const Ran ran = run(settings);
  ASSERT_EQ(ran.result.end, sim::End::Finished);
  EXPECT_EQ(ran.comparison->mismatches, 0u);
}

TEST(Edge, TakesTheSameCyclesInBothFidelities) {
  Settings settings = edge(64, 24);
  const Ran flow = run(settings);
  settings.sim.fidelity = sim::Fidelity::Word;
  EXPECT_EQ(run(settings).result.cycles, flow.result.cycles);
}

TEST(Edge, TouchesNoMemoryWithoutItsLock) {
  const Settings settings = edge(64, 24);
  observe::MemoryChecker checker(lower_design(settings).names);
  run(settings, {&checker});
  EXPECT_EQ(checker.findings().size(), 0u);
}

TEST(Edge, ReadsEachLineOnceAndTheNeighboursOfEachBand) {
  Settings settings = edge(512, 256);
  settings.compiler.herd = compiler::matmul::Herd{4, 2};
  observe::Counters counters;
  run(settings, {&counters});
  EXPECT_EQ(counters.ddr_bytes_read(), 512u * (256 + 8 * 2));
  EXPECT_EQ(counters.ddr_bytes_written(), 512u * 256);
}

std::string refused(const Settings& settings) {
  return error_text([&] { build_design(settings); });
}

TEST(Edge, RefusesWhatItHasNoWordsCoresOrMemoryFor) {
  EXPECT_EQ(refused(edge(30, 8)),
            "edge: a line of 30 pixels is not made of words; a width that is a multiple of 4");
  EXPECT_EQ(refused(edge(12000, 8)),
            "edge: 6 lines of 12000 bytes do not fit the 64512 bytes of a core; a width of at "
            "most 10752");
  Settings settings = edge(64, 6);
  settings.compiler.herd = compiler::matmul::Herd{4, 2};
  EXPECT_EQ(refused(settings),
            "edge: 6 lines are not enough for 8 cores; each core computes at least one");
  settings.compiler.herd = compiler::matmul::Herd{4, 3};
  EXPECT_EQ(refused(settings),
            "edge: cores in 4x3 have no streams of their own; 1 to 4 columns, 1 to 2 rows: each "
            "core has a channel of its shim for itself, each way");
}

}  // namespace
}  // namespace npu::cli
