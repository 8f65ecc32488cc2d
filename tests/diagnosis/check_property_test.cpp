// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gtest/gtest.h>

#include "hw-model/diagnosis/explore.h"
#include "hw-model/sim/sim.h"
#include "tests/e2e/differential/generator.h"

// What the check says of random designs is what the model does.
namespace npu::diagnosis {
namespace {

using differential::Case;
using Verdict = Exploration::Verdict;

constexpr uint64_t kDesigns = 250;  ///< of each block
constexpr int kSchedules = 4;

sim::End run(const Case& c, const Schedule& schedule, std::optional<uint64_t> seed) {
  sim::Options options{.limit_cycles = 20'000'000, .schedule_seed = seed, .progress = {}};
  options.grants = schedule;
  sim::Simulation simulation(c.lowered.design.partition, c.timing, options);
  simulation.configure(c.lowered.configuration);
  std::vector<std::vector<std::byte>> memory;
  std::vector<sim::HostBuffer> arguments;
  for (const compiler::Argument& argument : c.lowered.design.arguments)
    memory.emplace_back(argument.bytes());
  for (auto& bytes : memory)
    arguments.push_back({bytes.data(), bytes.size()});
  return simulation.run(c.sequence, arguments).end;
}

/// What the model does otherwise; empty: nothing.
std::string contradiction(const Case& c, const Exploration& found) {
  if (found.verdict == Verdict::Error && run(c, found.witness, {}) != sim::End::Hang)
    return "the witness does not hang";
  if (found.verdict != Verdict::Accept)
    return "";
  for (int i = 0; i < kSchedules; ++i)
    if (run(c, {}, i == 0 ? std::nullopt : std::optional<uint64_t>(i)) == sim::End::Hang)
      return fmt::format("accepted, and schedule {} hangs", i);
  return "";
}

class CheckProperty : public ::testing::TestWithParam<uint64_t> {};

TEST_P(CheckProperty, AcceptedDesignsNeverHangAndWitnessesAlwaysDo) {
  int accepted = 0;
  int errors = 0;
  for (uint64_t seed = GetParam() * kDesigns; seed < (GetParam() + 1) * kDesigns; ++seed) {
    const auto c = differential::generate(seed);
    if (!c)
      continue;
    Image image(c->lowered.design.partition, c->timing);
    image.configure(c->lowered.configuration);
    image.sequence(c->sequence);
    const Exploration found = explore(make_model(image, c->timing), {.states = 20'000});
    EXPECT_EQ(contradiction(*c, found), "") << "seed " << seed << '\n' << describe(*c);
    accepted += found.verdict == Verdict::Accept;
    errors += found.verdict == Verdict::Error;
  }
  EXPECT_GT(accepted, 50);
  EXPECT_GT(errors, 20);
}

INSTANTIATE_TEST_SUITE_P(Blocks, CheckProperty, ::testing::Range<uint64_t>(0, 4));

}  // namespace
}  // namespace npu::diagnosis
