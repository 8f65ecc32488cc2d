// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdlib>
#include <functional>

#include <gtest/gtest.h>

#include "tests/e2e/differential/machine.h"
#include "tests/e2e/differential/seeds.h"

namespace npu::differential {
namespace {

using sim::Fidelity;

/// What is wrong with a design, or an empty text.
using Check = std::function<std::string(const Case&)>;

/// The design without the parts that its failure does not need.
Case shrink(Case c, const Check& check) {
  for (size_t i = 0; i < c.kept.size(); ++i) {
    std::vector<bool> fewer = c.kept;
    if (!fewer[i])
      continue;
    fewer[i] = false;
    const auto smaller = generate(c.seed, fewer);
    if (smaller && !check(*smaller).empty())
      c = *smaller;
  }
  return c;
}

/// Designs that order cannot change, as far as it can be told: no race was seen, and no two senders
/// share a way.
bool ordered(const Case& c, const Outcome& outcome) {
  return !outcome.order_dependent && !c.contended;
}

class Differential : public testing::TestWithParam<int> {
 protected:
  /// Applies a check to the designs of this test's block of seeds.
  void for_each_design(int designs, const Check& check) {
    const uint64_t first = seeds().first + static_cast<uint64_t>(GetParam() * designs);
    for (uint64_t seed = first; seed < first + static_cast<uint64_t>(designs); ++seed) {
      const auto c = generate(seed);
      if (!c || check(*c).empty())
        continue;
      const Case small = shrink(*c, check);
      ADD_FAILURE() << check(small) << describe(small);
      return;
    }
  }
};

TEST_P(Differential, BothFidelitiesLeaveTheSameMemoryLocksAndVerdict) {
  for_each_design(seeds().many, [](const Case& c) {
    const Outcome flow = run(c, {.observed = true});
    const Outcome word = run(c, {.fidelity = Fidelity::Word, .observed = true});
    if (!ordered(c, flow) || !ordered(c, word))
      return std::string();
    return differences(c, flow, word);
  });
}

TEST_P(Differential, DesignsThatFixTheirOrderAreNotFlagged) {
  for_each_design(seeds().some, [](const Case& c) {
    // Data that is taken for a header may name the descriptor of another channel.
    if (c.racing || c.contended || c.data_steers)
      return std::string();
    const Outcome flow = run(c, {.observed = true});
    const Outcome word = run(c, {.fidelity = Fidelity::Word, .observed = true});
    return flow.race + word.race;
  });
}

TEST_P(Differential, RacesAreFlaggedInBothFidelities) {
  for_each_design(seeds().some, [](const Case& c) -> std::string {
    if (!c.racing)
      return "";
    for (const Fidelity fidelity : {Fidelity::Flow, Fidelity::Word})
      if (!run(c, {.fidelity = fidelity, .observed = true}).order_dependent)
        return "a race is not flagged\n";
    return "";
  });
}

/// Closed forms may differ from single words by a few cycles a descriptor; where several shim
/// channels ask DDR in the same cycles, who comes first moves a whole transfer.
TEST_P(Differential, CyclesDifferByAFewADescriptor) {
  for_each_design(seeds().some, [](const Case& c) -> std::string {
    const Outcome flow = run(c, {.observed = true});
    const Outcome word = run(c, {.fidelity = Fidelity::Word});
    if (!ordered(c, flow))
      return "";
    const int64_t difference =
        static_cast<int64_t>(flow.result.cycles) - static_cast<int64_t>(word.result.cycles);
    const int64_t allowed = cycles_allowed(c, flow);
    if (std::abs(difference) <= allowed)
      return "";
    return "cycles differ by " + std::to_string(difference) + ", allowed " +
           std::to_string(allowed) + "\n";
  });
}

TEST_P(Differential, TheScheduleSeedChangesNothingInADesignThatFixesItsOrder) {
  for_each_design(seeds().some, [](const Case& c) {
    const Outcome base = run(c, {.observed = true});
    if (!ordered(c, base))
      return std::string();
    for (const uint64_t seed : {c.seed, c.seed + 77}) {
      for (const Fidelity fidelity : {Fidelity::Flow, Fidelity::Word}) {
        const Outcome other = run(c, {.fidelity = fidelity, .schedule_seed = seed});
        if (const std::string found = differences(c, base, other); !found.empty())
          return found;
      }
    }
    return std::string();
  });
}

TEST_P(Differential, ObserversChangeNothing) {
  for_each_design(seeds().some, [](const Case& c) {
    std::string found;
    for (const Fidelity fidelity : {Fidelity::Flow, Fidelity::Word}) {
      const Outcome alone = run(c, {.fidelity = fidelity});
      const Outcome observed = run(c, {.fidelity = fidelity, .observed = true});
      found += differences(c, alone, observed);
      if (alone.result.cycles != observed.result.cycles ||
          alone.result.events != observed.result.events)
        found += "cycles or events differ\n";
    }
    return found;
  });
}

TEST_P(Differential, ATimingOnlyRunTakesTheSameCyclesToTheSameVerdictAndLocks) {
  for_each_design(seeds().some, [](const Case& c) {
    std::string found;
    if (c.data_steers)
      return found;
    for (const Fidelity fidelity : {Fidelity::Flow, Fidelity::Word}) {
      const Outcome full = run(c, {.fidelity = fidelity});
      const Outcome timing = run(c, {.fidelity = fidelity, .timing_only = true});
      found += control_differences(c, full, timing);
      if (full.result.cycles != timing.result.cycles)
        found += "cycles differ\n";
    }
    return found;
  });
}

/// A generator whose designs all finished, or all hung, would prove little.
TEST_P(Differential, ManyDesignsFinishAndManyHangWithTransfersCutShort) {
  int finished = 0;
  int hung = 0;
  int partial = 0;
  for_each_design(seeds().some, [&](const Case& c) {
    const Outcome flow = run(c, {});
    ++(flow.result.end == sim::End::Finished ? finished : hung);
    partial += flow.cut_short;
    return flow.result.end == sim::End::Limit || flow.after[0].end != sim::End::Hang
               ? "the design does not come to rest\n"
               : std::string();
  });
  EXPECT_GT(finished, seeds().some / 4);
  EXPECT_GT(hung, seeds().some / 8);
  EXPECT_GT(partial, seeds().some / 10);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Differential, testing::Range(0, seeds().blocks));

}  // namespace
}  // namespace npu::differential
