// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cores: programs, what they reach, how they stall, start and stop.
#include <cstring>

#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using enum BdField;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Coord kTile{1, 3};
constexpr Coord kSouth{1, 2};
constexpr Coord kWest{0, 3};
constexpr Coord kNorth{1, 4};
constexpr Coord kEast{2, 3};

// Bits of Core_Status
constexpr uint32_t kEnabled = 1u << 0;
constexpr uint32_t kInReset = 1u << 1;
constexpr uint32_t kStreamIn = 1u << 10;
constexpr uint32_t kStreamOut = 1u << 12;
constexpr uint32_t kCascadeIn = 1u << 14;
constexpr uint32_t kCascadeOut = 1u << 15;
constexpr uint32_t kErrorHalt = 1u << 19;
constexpr uint32_t kDone = 1u << 20;

class Cores : public BothFidelities {
 protected:
  void control(Coord at, uint32_t word) {
    b.write(at, Bench::offset(at, RegisterId::CoreControl), word);
  }
  uint32_t word(Coord at, uint32_t offset) { return b.words(at, offset, 1)[0]; }
  Bench b{options()};
};
INSTANTIATE_TEST_SUITE_P(Streams, Cores, kBothFidelities, fidelity_name);

TEST_P(Cores, LoopsAndAddsUp) {
  b.start_core(kTile, R"(
      const r1, 458752
      const r2, 10
      const r3, 0
    again:
      add r3, r3, r2
      loop r2, again
      store r3, r1, 64
      done)");
  b.settle();
  EXPECT_EQ(word(kTile, 64), 55u);
}

TEST_P(Cores, BranchesOnARegister) {
  b.start_core(kTile, R"(
      const r1, 458752
      const r2, 0
      branch_if r2, wrong
      branch_if_not r2, right
    wrong:
      const r3, 1
      store r3, r1, 0
      done
    right:
      const r3, 2
      store r3, r1, 0
      done)");
  b.settle();
  EXPECT_EQ(word(kTile, 0), 2u);
}

TEST_P(Cores, InstructionsTakeTheirCycles) {
  b.start_core(kTile, "const r2, 1000\n again:\n loop r2, again\n done\n");
  b.settle();
  const Cycle at = b.record.cycle_of<observe::CoreChanged>(
      [](const auto& c) { return c.state == observe::CoreState::Done; });
  EXPECT_NEAR(static_cast<double>(at), 1001, 3);
}

TEST_P(Cores, ReachTheMemoriesOfSouthWestNorthAndThemselves) {
  b.write_words(kSouth, 8, {11});
  b.write_words(kWest, 8, {22});
  b.write_words(kNorth, 8, {33});
  b.start_core(kTile, R"(
      const r1, 262152
      const r2, 327688
      const r3, 393224
      const r4, 458752
      load r5, r1, 0
      load r6, r2, 0
      load r7, r3, 0
      store r5, r4, 0
      store r6, r4, 4
      store r7, r4, 8
      const r8, 44
      store r8, r2, 4
      done)");
  b.settle();
  EXPECT_THAT(b.words(kTile, 0, 3), ElementsAre(11, 22, 33));
  EXPECT_EQ(word(kWest, 12), 44u);
}

TEST_P(Cores, NeverReachTheEast) {
  b.start_core(kTile, "const r1, 524288\n load r2, r1, 0\n done\n");
  b.settle();
  EXPECT_EQ(b.core_status(kTile) & (kErrorHalt | kDone), kErrorHalt);
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::AddressOutOfRange));
}

TEST_P(Cores, AddressBelowTheWindowsIsOutOfRange) {
  b.start_core(kTile, "const r1, 4096\n load r2, r1, 0\n done\n");
  b.settle();
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::AddressOutOfRange));
}

TEST_P(Cores, AccessAcrossTheEndOfAWindowIsOutOfRange) {
  b.start_core(kTile, "const r1, 524286\n load r2, r1, 0\n done\n");
  b.settle();
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::AddressOutOfRange));
}

/// A core, and an address in the window of a neighbour that it does not have.
struct Missing {
  Coord tile;
  int address;
  int lock;
};
const Missing kMissing[] = {{{1, 2}, 0x40000, 0}, {{0, 3}, 0x50000, 16}, {{1, 5}, 0x60000, 32}};

TEST_P(Cores, MissingNeighbourHasNoMemory) {
  for (const Missing& m : kMissing) {
    Bench bench(options());
    bench.start_core(m.tile, fmt::format("const r1, {}\n load r2, r1, 0\n done\n", m.address));
    bench.settle();
    EXPECT_THAT(bench.faults(), ElementsAre(FaultKind::MemoryUnavailable)) << to_string(m.tile);
  }
}

TEST_P(Cores, MissingNeighbourHasNoLocks) {
  for (const Missing& m : kMissing) {
    Bench bench(options());
    bench.start_core(m.tile, fmt::format("release {}, 1\n done\n", m.lock));
    bench.settle();
    EXPECT_THAT(bench.faults(), ElementsAre(FaultKind::LockUnavailable)) << to_string(m.tile);
  }
}

TEST_P(Cores, ReleaseTheLocksOfSouthWestNorthAndTheirOwn) {
  b.start_core(kTile, "release 3, 1\n release 19, 2\n release 35, 3\n release 51, 4\n done\n");
  b.settle();
  EXPECT_EQ(b.lock(kSouth, 3), 1);
  EXPECT_EQ(b.lock(kWest, 3), 2);
  EXPECT_EQ(b.lock(kNorth, 3), 3);
  EXPECT_EQ(b.lock(kTile, 3), 4);
  EXPECT_EQ(b.lock(kEast, 3), 0);
}

TEST_P(Cores, StatusTellsOnWhoseLockACoreWaits) {
  for (const int window : {0, 1, 2, 3}) {
    Bench bench(options());
    bench.start_core(kTile, fmt::format("acquire {}, -1\n done\n", 16 * window));
    bench.settle();
    EXPECT_EQ(bench.core_status(kTile), kEnabled | 1u << (6 + window));
  }
}

TEST_P(Cores, AcquireContinuesWhenTheLockIsReleased) {
  b.start_core(kTile, "acquire 48, -2\n release 49, 1\n done\n");
  b.settle();
  EXPECT_EQ(b.lock(kTile, 1), 0);
  b.set_lock(kTile, 0, 3);
  b.settle();
  EXPECT_EQ(b.lock(kTile, 0), 1);
  EXPECT_EQ(b.lock(kTile, 1), 1);
}

TEST_P(Cores, KernelWorksOnTheMemoryOfItsArguments) {
  b.write_words(kTile, 0x100, {1, 2, 3, 4});
  b.start_core(kTile, R"(
      kernel copy i32 4
      const r1, 459008
      const r2, 459264
      call 0, r1, 2
      done)");
  b.settle();
  EXPECT_THAT(b.words(kTile, 0x200, 4), ElementsAre(1, 2, 3, 4));
}

TEST_P(Cores, KernelThatNobodyKnowsHaltsTheCore) {
  b.start_core(kTile, "kernel external mystery\n call 0, r1, 0\n done\n");
  b.settle();
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::UnknownKernel));
  EXPECT_NE(b.core_status(kTile) & kErrorHalt, 0u);
}

// Streams

TEST_P(Cores, StreamPutAndGetMoveWords) {
  b.circuit(kTile, kCorePort, kNorth, kCorePort);
  b.start_core(kTile,
               "const r1, -7\n const r2, 9\n stream_put 0, r1, 0\n stream_put 0, r2, 1\n done\n");
  b.start_core(kNorth,
               "const r1, 458752\n stream_get r2, 0\n stream_get r3, 0\n store r2, r1, 0\n"
               " store r3, r1, 4\n done\n");
  b.settle();
  EXPECT_THAT(b.words(kNorth, 0, 2), ElementsAre(static_cast<uint32_t>(-7), 9));
}

TEST_P(Cores, StreamGetStallsOnAnEmptyStream) {
  b.circuit(kTile, kCorePort, kNorth, kCorePort);
  b.start_core(kNorth, "stream_get r2, 0\n done\n");
  b.settle();
  EXPECT_EQ(b.core_status(kNorth), kEnabled | kStreamIn);
}

TEST_P(Cores, StreamPutStallsOnAFullStream) {
  b.circuit(kTile, kCorePort, kNorth, kCorePort);
  b.start_core(kTile, "const r2, 20\n again:\n stream_put 0, r2, 0\n loop r2, again\n done\n");
  b.settle();
  EXPECT_EQ(b.core_status(kTile), kEnabled | kStreamOut);
}

TEST_P(Cores, StreamIntoADmaEndsItsDescriptorWithTlast) {
  b.circuit(kTile, kCorePort, kNorth, kDma0);
  b.control(kNorth, kS2mm, 0, 1u << 16);
  b.bd(kNorth, 0, {{Length, 100}, {ReleaseId, 5}, {ReleaseValue, 1}});
  b.push(kNorth, kS2mm, 0, 0);
  b.start_core(kTile,
               "const r1, 5\n stream_put 0, r1, 0\n stream_put 0, r1, 0\n stream_put 0, r1, 1\n"
               " done\n");
  b.settle();
  EXPECT_EQ(b.lock(kNorth, 5), 1);
}

TEST_P(Cores, PacketOfACoreBeginsWithItsHeader) {
  b.packet(kTile, kCorePort, kNorth, kDma0, {.id = 6});
  b.bd(kNorth, 0, {{Length, 2}});
  b.push(kNorth, kS2mm, 0, 0);
  b.start_core(kTile,
               "const r1, 6\n stream_put 0, r1, 0\n const r1, 50\n stream_put 0, r1, 0\n"
               " const r1, 51\n stream_put 0, r1, 1\n done\n");
  b.settle();
  EXPECT_THAT(b.words(kNorth, 0, 2), ElementsAre(50, 51));
}

// Cascade

constexpr uint32_t kCascadeEast = 2;  ///< output
constexpr uint32_t kCascadeFromWest = 1;

class Cascades : public Cores {
 protected:
  void direct(Coord from, uint32_t output, Coord to, uint32_t input) {
    b.write(from, Bench::offset(from, RegisterId::CascadeControl), output);
    b.write(to, Bench::offset(to, RegisterId::CascadeControl), input);
  }
  static std::string puts(int count) {
    return fmt::format(
        "const r1, 458752\n const r2, {}\n l:\n cascade_put r1\n loop r2, l\n done\n", count);
  }
  static std::string gets(int count) {
    return fmt::format(
        "const r1, 458752\n const r2, {}\n l:\n cascade_get r1\n add_imm r1, r1, 64\n loop r2, l\n"
        " done\n",
        count);
  }
};
INSTANTIATE_TEST_SUITE_P(Streams, Cascades, kBothFidelities, fidelity_name);

TEST_P(Cascades, CarrySixteenWordsFromWestToEast) {
  direct(kTile, kCascadeEast, kEast, kCascadeFromWest);
  b.write_words(kTile, 0, counting(7, 16));
  b.start_core(kTile, puts(1));
  b.start_core(kEast, gets(1));
  b.settle();
  EXPECT_EQ(b.words(kEast, 0, 16), counting(7, 16));
}

TEST_P(Cascades, CarrySixteenWordsFromNorthToSouth) {
  direct(kTile, 0, kSouth, 0);
  b.write_words(kTile, 0, counting(7, 16));
  b.start_core(kTile, puts(1));
  b.start_core(kSouth, gets(1));
  b.settle();
  EXPECT_EQ(b.words(kSouth, 0, 16), counting(7, 16));
}

TEST_P(Cascades, HoldFourWordsBeforeTheWriterStalls) {
  direct(kTile, kCascadeEast, kEast, kCascadeFromWest);
  b.start_core(kTile, puts(4));
  b.settle();
  EXPECT_NE(b.core_status(kTile) & kDone, 0u);
}

TEST_P(Cascades, StallTheWriterOfTheFifthWord) {
  direct(kTile, kCascadeEast, kEast, kCascadeFromWest);
  b.start_core(kTile, puts(5));
  b.settle();
  EXPECT_EQ(b.core_status(kTile), kEnabled | kCascadeOut);
}

TEST_P(Cascades, StallTheReaderOfAnEmptyLink) {
  direct(kTile, kCascadeEast, kEast, kCascadeFromWest);
  b.start_core(kEast, gets(1));
  b.settle();
  EXPECT_EQ(b.core_status(kEast), kEnabled | kCascadeIn);
}

TEST_P(Cascades, GoOnWhenTheOtherSideDoes) {
  direct(kTile, kCascadeEast, kEast, kCascadeFromWest);
  b.start_core(kTile, puts(20));
  b.settle();
  b.start_core(kEast, gets(20));
  b.settle();
  EXPECT_NE(b.core_status(kTile) & kDone, 0u);
  EXPECT_NE(b.core_status(kEast) & kDone, 0u);
}

TEST_P(Cascades, MoveAWordACycleWhenBothSidesAreReady) {
  direct(kTile, kCascadeEast, kEast, kCascadeFromWest);
  b.start_core(kTile,
               "const r1, 458752\n const r2, 100\n l:\n cascade_put r1\n loop r2, l\n done\n");
  b.start_core(kEast,
               "const r1, 458752\n const r2, 100\n l:\n cascade_get r1\n loop r2, l\n done\n");
  b.settle();
  const Cycle at = b.record.cycle_of<observe::CoreChanged>(
      [](const auto& c) { return c.state == observe::CoreState::Done && c.core.tile == kEast; });
  // A word and a loop instruction take two cycles.
  EXPECT_NEAR(static_cast<double>(at), 200, 8);
}

TEST_P(Cascades, NeedBothEndsToBeDirected) {
  direct(kTile, kCascadeEast, kEast, 0);
  b.start_core(kTile, puts(1));
  b.settle();
  EXPECT_EQ(b.core_status(kTile), kEnabled | kCascadeOut);
}

TEST_P(Cascades, DoNotWakeACoreThatWasSwitchedOff) {
  direct(kTile, kCascadeEast, kEast, kCascadeFromWest);
  b.start_core(kTile, puts(5));
  b.settle();
  control(kTile, 0);
  b.start_core(kEast, gets(4));
  b.settle();
  EXPECT_EQ(b.core_status(kTile), 0u);
}

// Control

TEST_P(Cores, CoreIsHeldInResetAtFirst) {
  EXPECT_EQ(b.core_status(kTile), kInReset);
}

TEST_P(Cores, DoneSetsItsBit) {
  b.start_core(kTile, "done\n");
  b.settle();
  EXPECT_EQ(b.core_status(kTile), kEnabled | kDone);
}

TEST_P(Cores, EnabledAgainRunsAgainFromItsStart) {
  b.start_core(kTile, "release 48, 1\n done\n");
  b.settle();
  control(kTile, 0);
  control(kTile, 1);
  EXPECT_EQ(b.core_status(kTile) & kDone, 0u);
  b.settle();
  EXPECT_EQ(b.lock(kTile, 0), 2);
}

TEST_P(Cores, SwitchedOffCoreLeavesItsLockAlone) {
  b.start_core(kTile, "acquire 48, -1\n done\n");
  b.settle();
  control(kTile, 0);
  b.set_lock(kTile, 0, 1);
  b.settle();
  EXPECT_EQ(b.lock(kTile, 0), 1);
}

TEST_P(Cores, CoreInResetDoesNotRun) {
  b.load_core(kTile, "release 48, 1\n done\n");
  control(kTile, 2);
  b.settle();
  EXPECT_EQ(b.lock(kTile, 0), 0);
}

TEST_P(Cores, LaunchReleasesTheResetOfEnabledCores) {
  b.load_core(kTile, "release 48, 1\n done\n");
  control(kTile, 3);
  EXPECT_EQ(b.core_status(kTile), kEnabled | kInReset);
  b.settle();
  EXPECT_EQ(b.lock(kTile, 0), 1);
}

TEST_P(Cores, MachineCodeOfOthersIsReported) {
  b.write_words(kTile, Bench::offset(kTile, RegisterId::ProgramMemory), {0x12345678});
  control(kTile, 1);
  b.settle();
  EXPECT_THAT(b.record.all<observe::Fault>(),
              ElementsAre(observe::Fault{
                  {kTile, observe::AgentKind::Core, 0}, FaultKind::UnknownProgram, 0x12345678}));
}

TEST_P(Cores, EventInstructionMarksItsCycle) {
  b.start_core(kTile, "event 1\n done\n");
  b.settle();
  EXPECT_THAT(b.record.all<observe::CoreMarked>(),
              ElementsAre(observe::CoreMarked{{kTile, observe::AgentKind::Core, 0}, 1}));
}

}  // namespace
}  // namespace npu::sim
