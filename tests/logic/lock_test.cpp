// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/lock.h"

#include <gtest/gtest.h>

namespace npu::logic {
namespace {

TEST(Lock, NegativeAcquireWaitsForAtLeastItsMagnitude) {
  EXPECT_FALSE(can_acquire(1, {-2}));
  EXPECT_TRUE(can_acquire(2, {-2}));
  EXPECT_TRUE(can_acquire(3, {-2}));
}

TEST(Lock, NegativeAcquireSubtractsItsMagnitude) {
  EXPECT_EQ(after_acquire(3, {-2}), 1);
}

TEST(Lock, OtherAcquireWaitsForEquality) {
  EXPECT_FALSE(can_acquire(1, {2}));
  EXPECT_TRUE(can_acquire(2, {2}));
  EXPECT_FALSE(can_acquire(3, {2}));
}

TEST(Lock, EqualAcquireOfZeroWaitsForZero) {
  EXPECT_TRUE(can_acquire(0, {0}));
  EXPECT_FALSE(can_acquire(1, {0}));
}

TEST(Lock, EqualAcquireTakesNothing) {
  EXPECT_EQ(after_acquire(2, {2}), 2);
}

TEST(Lock, ReleaseAddsItsSignedValue) {
  EXPECT_EQ(after_release(5, 3).value, 8);
  EXPECT_EQ(after_release(5, -3).value, 2);
}

TEST(Lock, ReleaseWithinRangeSetsNoFlag) {
  for (const int amount : {63, 0}) {
    EXPECT_FALSE(after_release(0, amount).overflow);
    EXPECT_FALSE(after_release(0, amount).underflow);
  }
}

TEST(Lock, ReleaseAbove63IsClampedAndFlagged) {
  const Released r = after_release(60, 4);
  EXPECT_EQ(r.value, 63);
  EXPECT_TRUE(r.overflow);
  EXPECT_FALSE(r.underflow);
}

TEST(Lock, ReleaseBelowZeroIsClampedAndFlagged) {
  const Released r = after_release(3, -4);
  EXPECT_EQ(r.value, 0);
  EXPECT_FALSE(r.overflow);
  EXPECT_TRUE(r.underflow);
}

}  // namespace
}  // namespace npu::logic
