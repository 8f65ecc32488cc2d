// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/checker.h"

#include <gmock/gmock.h>

namespace npu::observe {
namespace {

constexpr Coord kTile{0, 2};
constexpr Agent kIn{kTile, AgentKind::S2mm, 0};
constexpr Agent kOut{kTile, AgentKind::Mm2s, 0};
constexpr Agent kCore{kTile, AgentKind::Core, 0};
constexpr Agent kHost{};

/// A tile with buffers A at 0x400 and B at 0x800, and a stack below them.
class MemoryCheckerTest : public testing::Test {
 protected:
  static arch::Names names() {
    arch::Names names;
    names.buffers = {{kTile, 0x400, 0x400, "A", "", ""},
                     {kTile, 0x800, 0x400, "B", "", ""},
                     {kTile, 0, 0x400, "stack", "", ""}};
    return names;
  }
  void at(Cycle cycle, const Payload& payload) { checker_.on({cycle, payload}); }
  /// A descriptor of `agent` that uses the range from `cycle` on.
  void begin(Cycle cycle, const Agent& agent, uint32_t address, uint32_t bytes) {
    at(cycle, DescriptorChanged{agent, false, 0, bytes / 4, address});
    at(cycle, MemoryAccess{agent, kTile, address, bytes, agent.kind == AgentKind::S2mm, true});
  }
  void end(Cycle cycle, const Agent& agent, uint32_t words) {
    at(cycle, DescriptorChanged{agent, true, 0, words, 0});
  }
  /// The host fills all of the tile.
  void fill() { at(0, MemoryAccess{kHost, kTile, 0, 0x10000, true, false}); }
  /// One releases a lock that the other acquires.
  void hand_over(Cycle cycle, const Agent& from, const Agent& to) {
    at(cycle, LockChanged{kTile, 0, LockChanged::What::Released, from, 1, 1});
    at(cycle, LockChanged{kTile, 0, LockChanged::What::Acquired, to, -1, 0});
  }
  std::vector<MemoryMistake> mistakes() const {
    std::vector<MemoryMistake> out;
    for (const MemoryFinding& finding : checker_.findings())
      out.push_back(finding.mistake);
    return out;
  }

  MemoryChecker checker_{names()};
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(MemoryCheckerTest, AReadOfBytesThatNobodyWroteIsFoundWithItsBuffer) {
  begin(7, kOut, 0x400, 64);
  ASSERT_THAT(mistakes(), ElementsAre(MemoryMistake::UninitialisedRead));
  EXPECT_EQ(checker_.findings()[0].text(),
            "cycle 7: core(0,2).mm2s0 reads buffer A, which nobody wrote, at core(0,2) 0x400");
}

TEST_F(MemoryCheckerTest, AReadAfterATransferIsFine) {
  begin(1, kIn, 0x400, 64);
  end(5, kIn, 16);
  hand_over(6, kIn, kOut);
  begin(6, kOut, 0x400, 64);
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(MemoryCheckerTest, ATransferThatEndedEarlyWroteOnlyItsWords) {
  begin(1, kIn, 0x400, 64);
  end(5, kIn, 3);
  hand_over(6, kIn, kOut);
  begin(6, kOut, 0x400, 64);
  ASSERT_THAT(mistakes(), ElementsAre(MemoryMistake::UninitialisedRead));
  EXPECT_EQ(checker_.findings()[0].address, 0x40Cu);
}

TEST_F(MemoryCheckerTest, ACoreThatReadsWhatIsBeingTransferredConflicts) {
  fill();
  begin(1, kIn, 0x400, 64);
  at(3, MemoryAccess{kCore, kTile, 0x43C, 4, false, false});
  ASSERT_THAT(mistakes(), ElementsAre(MemoryMistake::Conflict));
  EXPECT_EQ(
      checker_.findings()[0].text(),
      "cycle 3: core(0,2) and core(0,2).s2mm0 use buffer A at the same time, at core(0,2) 0x43c");
}

TEST_F(MemoryCheckerTest, ATransferIntoWhatAKernelReadsConflicts) {
  fill();
  at(1, CoreChanged{kCore, CoreState::Kernel, 0, 100});
  at(1, MemoryAccess{kCore, kTile, 0x400, 64, false, true});
  begin(2, kIn, 0x400, 64);
  EXPECT_THAT(mistakes(), ElementsAre(MemoryMistake::Conflict));
}

TEST_F(MemoryCheckerTest, ATransferAfterTheKernelIsFine) {
  fill();
  at(1, CoreChanged{kCore, CoreState::Kernel, 0, 100});
  at(1, MemoryAccess{kCore, kTile, 0x400, 64, false, true});
  at(101, CoreChanged{kCore, CoreState::Running});
  hand_over(101, kCore, kIn);
  begin(101, kIn, 0x400, 64);
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(MemoryCheckerTest, AReadWithoutALockIsFoundAlthoughTheTransferWasOver) {
  begin(1, kIn, 0x400, 64);
  end(5, kIn, 16);
  begin(90, kOut, 0x420, 4);
  ASSERT_THAT(mistakes(), ElementsAre(MemoryMistake::Unordered));
  EXPECT_EQ(
      checker_.findings()[0].text(),
      "cycle 90: core(0,2).mm2s0 uses buffer A after core(0,2).s2mm0, and no lock stands between "
      "them, at core(0,2) 0x420");
}

TEST_F(MemoryCheckerTest, AWriteOverWhatWasReadNeedsALockToo) {
  fill();
  begin(1, kOut, 0x400, 64);
  end(5, kOut, 16);
  begin(90, kIn, 0x400, 64);
  EXPECT_THAT(mistakes(), ElementsAre(MemoryMistake::Unordered));
}

TEST_F(MemoryCheckerTest, WhatWasSentMayBeOverwrittenByWhomItsLastWordsReached) {
  fill();
  begin(1, kOut, 0x400, 64);
  at(5, WordsMoved{kOut, kIn, 16, true});
  end(5, kOut, 16);
  begin(90, kIn, 0x400, 64);
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(MemoryCheckerTest, AUseAfterTheLockWasGivenAwayIsFound) {
  fill();
  hand_over(1, kCore, kIn);
  at(2, MemoryAccess{kCore, kTile, 0x400, 4, true, false});
  begin(3, kIn, 0x400, 64);
  EXPECT_THAT(mistakes(), ElementsAre(MemoryMistake::Unordered));
}

TEST_F(MemoryCheckerTest, TwoReadersOfTheSameBytesAreFine) {
  fill();
  begin(1, kOut, 0x400, 64);
  at(3, MemoryAccess{kCore, kTile, 0x400, 64, false, false});
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(MemoryCheckerTest, TheOtherHalfOfADoubleBufferIsFine) {
  fill();
  begin(1, kIn, 0x400, 0x200);
  at(3, MemoryAccess{kCore, kTile, 0x600, 0x200, true, false});
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(MemoryCheckerTest, ADescriptorThatRunsOverItsBufferIsFoundAtTheFirstByteOutside) {
  begin(1, kIn, 0x7F0, 0x20);
  ASSERT_THAT(mistakes(), ElementsAre(MemoryMistake::OutsideBuffer));
  EXPECT_EQ(checker_.findings()[0].address, 0x800u);
  EXPECT_EQ(checker_.findings()[0].buffer, "A");
}

TEST_F(MemoryCheckerTest, ADescriptorWhoseStepLeavesItsBufferIsFound) {
  begin(1, kIn, 0x400, 0x10);
  at(1, MemoryAccess{kIn, kTile, 0xA00, 0x10, true, true});
  ASSERT_THAT(mistakes(), ElementsAre(MemoryMistake::OutsideBuffer));
  EXPECT_EQ(checker_.findings()[0].buffer, "A");
}

TEST_F(MemoryCheckerTest, AChannelThatReachesTheStackIsFound) {
  begin(1, kIn, 0x10, 0x10);
  EXPECT_THAT(mistakes(), ElementsAre(MemoryMistake::StackTouched));
}

TEST_F(MemoryCheckerTest, AStackThatOverlapsABufferIsFoundBeforeTheRun) {
  arch::Names names;
  names.buffers = {{kTile, 0, 0x500, "stack", "", ""}, {kTile, 0x400, 0x400, "A", "", ""}};
  const MemoryChecker checker(names);
  ASSERT_EQ(checker.findings().size(), 1u);
  EXPECT_EQ(checker.findings()[0].text(),
            "the stack of core(0,2) overlaps buffer A, at core(0,2) 0x400");
}

TEST_F(MemoryCheckerTest, TheSameMistakeIsToldOnce) {
  for (Cycle cycle = 0; cycle < 50; ++cycle) {
    begin(cycle, kOut, 0x400, 64);
    end(cycle, kOut, 16);
  }
  EXPECT_EQ(checker_.findings().size(), 1u);
}

TEST_F(MemoryCheckerTest, ANeighboursCoreIsSeenInTheTileWhoseMemoryItUses) {
  fill();
  begin(1, kIn, 0x400, 64);
  const Agent neighbour{{0, 3}, AgentKind::Core, 0};
  at(2, MemoryAccess{neighbour, kTile, 0x400, 4, false, false});
  EXPECT_THAT(mistakes(), ElementsAre(MemoryMistake::Conflict));
}

TEST(ByteSet, KnowsEveryByteOfRangesThatCrossItsWords) {
  ByteSet set(256);
  set.insert(60, 70);
  EXPECT_EQ(set.first_in(0, 256), 60u);
  EXPECT_EQ(set.first_not_in(60, 196), 130u);
  set.erase(61, 68);
  EXPECT_EQ(set.first_in(61, 195), 129u);
  EXPECT_EQ(set.first_in(130, 1000), std::nullopt);
  EXPECT_EQ(set.first_not_in(300, 10), std::nullopt);
}

}  // namespace
}  // namespace npu::observe
