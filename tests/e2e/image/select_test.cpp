// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/compiled.h"
#include "cli/operands.h"
#include "tests/arch/error_text.h"

namespace npu::cli {
namespace {

using compiler::image::Function;

Settings select(Function function) {
  Settings settings;
  settings.device = config::builtin_device("npu1");
  settings.columns = 1;
  settings.computes = Computes::Select;
  settings.select.function = function;
  settings.select.threshold = 100;
  return settings;
}

TEST(Select, HasOneConfigurationForBothFunctions) {
  EXPECT_TRUE(lower_design(select(Function::Matmul)).configuration ==
              lower_design(select(Function::Edge)).configuration);
}

// One configuration, loaded once; the host's sequences alone say what is done.
TEST(Select, DoesWhatTheHostWritesInAnyOrder) {
  const Settings settings = select(Function::Matmul);
  sim::Simulation simulation(settings.partition(), settings.device.timing, {});
  const std::unique_ptr<Workload> works[] = {compile_workload(select(Function::Matmul)),
                                             compile_workload(select(Function::Edge))};
  simulation.configure(works[0]->lowered.configuration);
  for (const int i : {0, 1, 1, 0, 1, 0}) {
    Workload& work = *works[i];
    work.prepare();
    ASSERT_EQ(simulation.run(work.lowered.sequence, work.arguments()).end, sim::End::Finished) << i;
    EXPECT_EQ(work.check()->mismatches, 0u) << i;
  }
}

TEST(Select, WaitsForTheHostToSelect) {
  const std::unique_ptr<Workload> work = compile_workload(select(Function::Matmul));
  arch::Commands& sequence = work->lowered.sequence;
  // Without the write of the lock that says so.
  sequence.erase(sequence.begin() + 2);
  sim::Simulation simulation(work->settings.partition(), work->settings.device.timing, {});
  simulation.configure(work->lowered.configuration);
  EXPECT_EQ(simulation.run(sequence, work->arguments()).end, sim::End::Hang);
}

TEST(Select, RefusesTilesThatDoNotFit) {
  Settings settings = select(Function::Matmul);
  settings.select.side = 104;
  EXPECT_EQ(error_text([&] { build_design(settings); }),
            "select: tiles of 104x104 bytes do not fit a core; a multiple of 8, 7 of them in 65280 "
            "bytes");
}

}  // namespace
}  // namespace npu::cli
