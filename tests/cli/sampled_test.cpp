// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs in which cores compute a sample of C: what is right passes, what is wrong does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/matmul_workload.h"
#include "cli/operands.h"

namespace npu::cli {
namespace {

using testing::IsEmpty;

struct Ran {
  sim::RunResult result;
  std::optional<Comparison> comparison;
};

Ran run(Workload& work) {
  const Settings& settings = work.settings;
  sim::Simulation simulation(settings.partition(), settings.device.timing,
                             sim_options(settings, work.lowered.configuration));
  simulation.configure(work.lowered.configuration);
  Ran ran;
  ran.result =
      launch(simulation, settings, work.lowered, work.arguments(), [&work] { work.prepare(); });
  ran.comparison = work.check();
  return ran;
}

std::unique_ptr<Workload> matmul(int m, int k, int n, const std::string& data,
                                 const std::vector<Override>& more = {}) {
  std::vector<Override> overrides{{"problem.m", std::to_string(m), "test"},
                                  {"problem.k", std::to_string(k), "test"},
                                  {"problem.n", std::to_string(n), "test"},
                                  {"sim.data", data, "test"}};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return compile_matmul(load({"", overrides}));
}

/// Types of A and B, and of C, with an epilogue.
struct Case {
  const char* operand;
  const char* result;
  std::vector<Override> epilogue;
};

class SampledRun : public testing::TestWithParam<Case> {
 protected:
  std::unique_ptr<Workload> problem(const std::string& data) const {
    std::vector<Override> more{{"problem.a", GetParam().operand, "test"},
                               {"problem.b", GetParam().operand, "test"},
                               {"problem.c", GetParam().result, "test"},
                               {"problem.batch", "2", "test"},
                               {"host.launches", "2", "test"}};
    more.insert(more.end(), GetParam().epilogue.begin(), GetParam().epilogue.end());
    return matmul(100, 70, 90, data, more);
  }
};

TEST_P(SampledRun, OfARightDesignPasses) {
  const Ran ran = run(*problem("sampled"));
  ASSERT_EQ(ran.result.end, sim::End::Finished);
  EXPECT_EQ(ran.comparison->mismatches, 0U) << ran.comparison->got << ran.comparison->expected;
}

TEST_P(SampledRun, LooksAtAllOfCAndMultipliesFew) {
  const Ran ran = run(*problem("sampled"));
  EXPECT_EQ(ran.comparison->elements, 2U * 100 * 90);
  EXPECT_LT(ran.comparison->sampled, ran.comparison->elements / 2);
}

TEST_P(SampledRun, TakesTheCyclesOfAFullOne) {
  EXPECT_EQ(run(*problem("sampled")).result.cycles, run(*problem("full")).result.cycles);
}

const Override kBias{"problem.epilogue.bias", "row", "test"};
const Override kRelu{"problem.epilogue.activation", "relu", "test"};
const Override kScale{"problem.epilogue.scale", "0.125", "test"};

INSTANTIATE_TEST_SUITE_P(
    Types, SampledRun,
    testing::Values(Case{"bf16", "f32", {}}, Case{"bf16", "bf16", {kBias, kRelu}},
                    Case{"bf16", "f32", {kBias, kScale}}, Case{"i8", "i32", {kBias}},
                    Case{"i8", "i8", {{"problem.epilogue.shift", "8", "test"}, kRelu}},
                    Case{"i8", "i8", {kScale}}, Case{"i16", "i32", {}}, Case{"f32", "f32", {}}));

/// Swaps two dimensions of a descriptor: as many words, in another order.
bool permute(compiler::Descriptor& descriptor) {
  auto& dims = descriptor.dims;
  for (size_t i = dims.size(); i-- > 1;)
    if (dims[i].size > 1 && dims[i - 1].size > 1) {
      std::swap(dims[i], dims[i - 1]);
      return true;
    }
  return false;
}

TEST(Sampled, FindsEachDescriptorThatIsPermuted) {
  const auto work = matmul(128, 128, 128, "sampled");
  const compiler::Design right = work->lowered.design;
  int wrong = 0;
  std::vector<std::string> missed;
  for (size_t channel = 0; channel < right.channels.size(); ++channel)
    for (size_t bd = 0; bd < right.channels[channel].descriptors.size(); ++bd) {
      compiler::Design design = right;
      if (!permute(design.channels[channel].descriptors[bd]))
        continue;
      ++wrong;
      work->lowered = compiler::lower(design);
      const Ran ran = run(*work);
      if (ran.comparison->mismatches == 0)
        missed.push_back(fmt::format("channel {} descriptor {}", channel, bd));
    }
  EXPECT_GT(wrong, 0);
  EXPECT_THAT(missed, IsEmpty());
}

TEST(Sampled, FindsAnElementOutsideTheSampleThatIsNotInItsPlace) {
  const auto work = matmul(64, 64, 64, "sampled");
  ASSERT_EQ(run(*work).comparison->mismatches, 0U);
  const sim::HostBuffer c = work->arguments()[2];
  std::swap_ranges(c.data, c.data + 64, c.data + 64);
  EXPECT_GT(work->check()->mismatches, 0U);
}

TEST(Sampled, FindsASumThatIsWrong) {
  const auto work = matmul(64, 64, 64, "sampled");
  ASSERT_EQ(run(*work).comparison->mismatches, 0U);
  const sim::HostBuffer c = work->arguments()[2];
  c.data[5] ^= std::byte{1};
  EXPECT_EQ(work->check()->mismatches, 1U);
}

}  // namespace
}  // namespace npu::cli
