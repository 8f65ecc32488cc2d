// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels of the user's: what they reach, and that what blocks them blocks their core.
#include <cstring>

#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

constexpr Coord kTile{1, 3};
constexpr uint32_t kDone = 1u << 20;
constexpr uint32_t kLockStallOwn = 1u << 9;
constexpr uint32_t kStreamIn = 1u << 10;
constexpr uint32_t kErrorHalt = 1u << 19;

void add_up(airlock_core* core, const int64_t* arguments) {
  auto* words =
      static_cast<int32_t*>(core->memory(core, static_cast<uint64_t>(arguments[0]), 4 * 4));
  words[3] = words[0] + words[1] + static_cast<int32_t>(arguments[1]);
  core->spend(core, 500);
}

/// Waits for lock 2 of its tile, marks, and gives lock 3.
void hand_on(airlock_core* core, const int64_t*) {
  core->acquire(core, 50, 2);
  core->event(core, 1);
  core->release(core, 51, 5);
}

void from_stream(airlock_core* core, const int64_t* arguments) {
  const uint32_t word = core->get_stream(core, 0);
  std::memcpy(core->memory(core, static_cast<uint64_t>(arguments[0]), 4), &word, 4);
}

void astray(airlock_core* core, const int64_t*) {
  if (core->memory(core, 0x10, 4) == nullptr)
    return;
}

class UserKernels : public ::testing::Test {
 protected:
  static Options options() {
    Options options;
    options.user_kernels = {
        {"add_up", add_up}, {"hand_on", hand_on}, {"from_stream", from_stream}, {"astray", astray}};
    return options;
  }
  uint32_t word(uint32_t offset) { return b.words(kTile, offset, 1)[0]; }
  Bench b{options()};
};

TEST_F(UserKernels, ReachMemoryAndSpendTime) {
  b.start_core(kTile, R"(
    kernel external add_up
      const r1, 458752
      const r2, 30
      const r3, 4
      store r3, r1, 0
      store r3, r1, 4
      call 0, r1, 2
      store r2, r1, 16
      done)");
  b.settle();
  EXPECT_EQ(word(12), 38u);
  EXPECT_EQ(word(16), 30u);
  const Cycle at = b.record.cycle_of<observe::CoreChanged>(
      [](const auto& c) { return c.state == observe::CoreState::Done; });
  EXPECT_GT(at, 500u);
  EXPECT_LT(at, 540u);
}

TEST_F(UserKernels, BlockTheirCoreOnALock) {
  b.start_core(kTile, "kernel external hand_on\n call 0, r1, 0\n done\n");
  b.settle();
  EXPECT_EQ(b.core_status(kTile) & (kDone | kLockStallOwn), kLockStallOwn);
  b.write(kTile, Bench::offset(kTile, RegisterId::LockValue, 2), 2);
  b.settle();
  EXPECT_EQ(b.core_status(kTile) & (kDone | kLockStallOwn), kDone);
  EXPECT_EQ(b.read(kTile, Bench::offset(kTile, RegisterId::LockValue, 3)), 5u);
}

TEST_F(UserKernels, WaitForAStream) {
  b.start_core(kTile, "kernel external from_stream\n const r1, 458752\n call 0, r1, 1\n done\n");
  b.settle();
  EXPECT_EQ(b.core_status(kTile) & (kDone | kStreamIn), kStreamIn);
}

TEST_F(UserKernels, StopTheirCoreOutsideMemory) {
  b.start_core(kTile, "kernel external astray\n call 0, r1, 0\n done\n");
  b.settle();
  EXPECT_EQ(b.core_status(kTile) & (kDone | kErrorHalt), kErrorHalt);
}

TEST_F(UserKernels, ThatNobodyGaveStopTheirCore) {
  b.start_core(kTile, "kernel external nobody\n call 0, r1, 0\n done\n");
  b.settle();
  EXPECT_EQ(b.core_status(kTile) & (kDone | kErrorHalt), kErrorHalt);
}

TEST_F(UserKernels, AreForgottenByAReset) {
  b.start_core(kTile, "kernel external hand_on\n call 0, r1, 0\n done\n");
  b.settle();
  b.write(kTile, Bench::offset(kTile, RegisterId::CoreControl), 2);
  b.start_core(kTile, "const r1, 458752\n const r2, 9\n store r2, r1, 0\n done\n");
  b.settle();
  EXPECT_EQ(word(0), 9u);
}

TEST_F(UserKernels, AStubTakesItsCycles) {
  b.start_core(kTile, "kernel external conv cycles=700\n call 0, r1, 0\n done\n");
  b.settle();
  const Cycle at = b.record.cycle_of<observe::CoreChanged>(
      [](const auto& c) { return c.state == observe::CoreState::Done; });
  EXPECT_NEAR(static_cast<double>(at), 712, 5);
}

}  // namespace
}  // namespace npu::sim
