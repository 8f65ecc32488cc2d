// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/leftover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/diagnosis/healthy_run.h"

namespace npu::diagnosis {
namespace {

using observe::AgentKind;
using testing::ElementsAre;
using testing::IsEmpty;

/// A matmul that has run to its end, to which events can be added.
class Finished {
 public:
  explicit Finished(const std::vector<std::string>& keys, int launches = 1)
      : settings_(settings_of(keys)),
        facts_(lowered_facts(settings_)),
        image_(facts_.partition, facts_.timing) {
    image_.configure(facts_.configuration);
    image_.sequence(facts_.sequence);
    const auto result = run_timing(
        facts_, settings_, [&](observe::Hub& hub) { hub.attach(history_); }, launches);
    EXPECT_EQ(result.end, sim::End::Finished);
  }

  void add(const observe::Payload& payload) { history_.on({history_.end(), payload}); }
  std::vector<std::string> leftovers() const {
    std::vector<std::string> out;
    for (const Leftover& each : diagnosis::leftovers(image_, facts_.timing, history_))
      out.push_back(to_text(each, image_, facts_.names));
    return out;
  }
  const Image& image() const { return image_; }
  const History& history() const { return history_; }

 private:
  cli::Settings settings_;
  cli::DesignFacts facts_;
  Image image_;
  History history_;
};

const Agent kShimOut{{0, 0}, AgentKind::S2mm, 0};
const Agent kMemtileIn{{0, 1}, AgentKind::S2mm, 0};

TEST(Leftover, AMatmulThatFinishedLeavesNothingOver) {
  for (const std::vector<std::string>& keys : {std::vector<std::string>{},
                                               {"compiler.l2-locks=per-writer"},
                                               {"compiler.herd={columns: 2, rows: 4}"},
                                               {"problem.k=640", "problem.m=640"}})
    EXPECT_THAT(Finished(keys).leftovers(), IsEmpty());
}

TEST(Leftover, RunsThatFollowEachOtherLeaveNothingOver) {
  EXPECT_THAT(Finished({}, 3).leftovers(), IsEmpty());
}

TEST(Leftover, ATaskOfATileThatLoopsForEverDoesNotCount) {
  const Finished run({});
  const auto tasks = run.image().tasks_of(kMemtileIn);
  ASSERT_EQ(tasks.size(), 1u);
  ASSERT_TRUE(tasks.front()->endless);
  EXPECT_GT(run.history().channel(kMemtileIn).tasks_pushed,
            run.history().channel(kMemtileIn).tasks_finished);
  EXPECT_THAT(run.leftovers(), IsEmpty());
}

TEST(Leftover, ATaskThatWasPushedAndNotDoneIsLeftOver) {
  Finished run({});
  run.add(observe::TaskChanged{kShimOut, observe::TaskChanged::What::Pushed, 0, 1});
  EXPECT_THAT(run.leftovers(), ElementsAre("shim(0,0).s2mm0 `C0.out` has 1 task not done"));
}

TEST(Leftover, ATaskThatAResetHasTakenIsNot) {
  Finished run({});
  run.add(observe::TaskChanged{kShimOut, observe::TaskChanged::What::Pushed, 0, 1});
  run.add(observe::TaskChanged{kShimOut, observe::TaskChanged::What::Pushed, 1, 2});
  run.add(observe::TaskChanged{kShimOut, observe::TaskChanged::What::Reset, 0, 1});
  EXPECT_THAT(run.leftovers(), ElementsAre("shim(0,0).s2mm0 `C0.out` has 1 task not done"));
  run.add(observe::TaskChanged{kShimOut, observe::TaskChanged::What::Reset, 1, 0});
  EXPECT_THAT(run.leftovers(), IsEmpty());
}

TEST(Leftover, PartOfADescriptorIsLeftOver) {
  Finished run({});
  const uint64_t wanted = run.history().channel(kMemtileIn).wanted;
  ASSERT_TRUE(run.history().channel(kMemtileIn).moving);
  run.add(observe::WordsMoved{{{0, 0}, AgentKind::Mm2s, 0}, kMemtileIn, 3, false});
  EXPECT_THAT(
      run.leftovers(),
      ElementsAre(fmt::format("memtile(0,1).s2mm0 `A0.in` has moved 12 of {} bytes of a descriptor",
                              4 * wanted)));
}

TEST(Leftover, WordsInAPortAreLeftOver) {
  Finished run({});
  run.add(observe::RouteFill{kMemtileIn, 2});
  EXPECT_THAT(run.leftovers(), ElementsAre("memtile(0,1).s2mm0 `A0.in` has 8 bytes in its port"));
}

TEST(Leftover, ALockAboveItsRestIsLeftOver) {
  Finished run({});
  const TaskBd& bd = run.image().tasks_of(kMemtileIn).front()->chain.front();
  ASSERT_TRUE(bd.release);
  const int value = run.history().lock(*bd.release).value;
  run.add(observe::LockChanged{bd.release->tile, bd.release->lock,
                               observe::LockChanged::What::Released, kMemtileIn, 1,
                               static_cast<uint8_t>(value + 1)});
  EXPECT_THAT(run.leftovers(),
              ElementsAre(fmt::format("lock {} `A@0.read` of memtile(0,1) is {}, rests at {}",
                                      bd.release->lock, value + 1, value)));
}

}  // namespace
}  // namespace npu::diagnosis
