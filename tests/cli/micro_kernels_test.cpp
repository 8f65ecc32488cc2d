// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Micro-kernels of the user's in place of those that are built in.
#include "cli/micro_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/matmul_workload.h"
#include "cli/operands.h"

namespace npu::cli {
namespace {

using ::testing::HasSubstr;

struct Ran {
  Comparison comparison;
  arch::Cycle cycles = 0;
};

/// A matmul whose cores zero 4096 elements and multiply 64x64x64.
Ran run(const std::string& kernels) {
  std::vector<Override> overrides;
  for (const std::string& text :
       {std::string("problem={m: 256, k: 256, n: 256}"),
        std::string("compiler.strategy=pad-pack-2024-04-24"), "kernels=" + kernels})
    overrides.push_back(parse_override(text));
  const std::unique_ptr<Workload> work = compile_matmul(load({"", overrides}));
  const auto& lowered = work->lowered;
  sim::Simulation simulation(work->settings.partition(), work->settings.device.timing,
                             sim_options(work->settings, lowered.configuration));
  simulation.configure(lowered.configuration);
  const sim::RunResult result =
      launch(simulation, work->settings, lowered, work->arguments(), [&work] { work->prepare(); });
  EXPECT_EQ(result.end, sim::End::Finished);
  return {work->check().value(), result.cycles};
}

/// What is said of kernels that cannot be had.
std::string refusal(const std::string& kernels) {
  try {
    run(kernels);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(MicroKernels, ResultsComeFromTheFileOfTheUser) {
  const Ran ran = run("{zero: " ONES "}");
  EXPECT_EQ(ran.comparison.mismatches, ran.comparison.elements);
}

TEST(MicroKernels, ExampleMultipliesToTheBitsOfTheReference) {
  EXPECT_EQ(run("{matmul: " EXAMPLE "}").comparison.mismatches, 0U);
}

TEST(MicroKernels, RunTakesTheCyclesThatTheUsersKernelSpends) {
  EXPECT_GT(run("{matmul: " EXAMPLE "}").cycles, run("{}").cycles);
}

TEST(MicroKernels, FileWithoutTheKernelIsRefusedWithTheSymbolThatIsMissing) {
  EXPECT_THAT(refusal("{matmul: " ONES "}"),
              HasSubstr("the symbol `matmul_bf16_bf16_f32_64x64x64` is missing"));
}

TEST(MicroKernels, FileThatNeedsASymbolThatNobodyHasIsRefusedWithIt) {
  EXPECT_THAT(refusal("{zero: " NEEDS_MORE "}"), HasSubstr("undefined symbol: not_there"));
}

TEST(MicroKernels, FileForAKernelThatNoCoreCallsIsRefused) {
  EXPECT_EQ(refusal("{add: " ONES "}"), "kernels: no core calls a kernel `add`");
}

}  // namespace
}  // namespace npu::cli
