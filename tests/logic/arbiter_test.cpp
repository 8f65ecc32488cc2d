// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/arbiter.h"

#include <gtest/gtest.h>

namespace npu::logic {
namespace {

TEST(Arbiter, GrantsAnIdleArbiterAtOnce) {
  Arbiter arbiter;
  EXPECT_TRUE(arbiter.request(4, 100));
  EXPECT_EQ(arbiter.holder(), 100);
}

TEST(Arbiter, HoldsItsGrantUntilRelease) {
  Arbiter arbiter;
  arbiter.request(4, 100);
  EXPECT_FALSE(arbiter.request(5, 101));
  EXPECT_EQ(arbiter.holder(), 100);
  EXPECT_EQ(arbiter.release(), 101);
}

TEST(Arbiter, ReleaseWithNobodyWaitingGrantsNobody) {
  Arbiter arbiter;
  arbiter.request(4, 100);
  EXPECT_EQ(arbiter.release(), std::nullopt);
  EXPECT_EQ(arbiter.holder(), std::nullopt);
}

TEST(Arbiter, GoesRoundRobinOverSlavePorts) {
  Arbiter arbiter;
  arbiter.request(5, 105);
  arbiter.request(2, 102);
  arbiter.request(9, 109);
  arbiter.request(5, 205);
  EXPECT_EQ(arbiter.release(), 109);
  EXPECT_EQ(arbiter.release(), 102);
  EXPECT_EQ(arbiter.release(), 205);
}

TEST(Arbiter, ServesThePortThatWasServedLastAtTheEnd) {
  Arbiter arbiter;
  arbiter.request(5, 1);
  arbiter.request(5, 2);
  arbiter.request(4, 3);
  EXPECT_EQ(arbiter.release(), 3);
}

TEST(Arbiter, MergeWaitsForTheSlaveOfItsPosition) {
  Arbiter arbiter;
  arbiter.program({{3, 1}, {7, 1}});
  EXPECT_FALSE(arbiter.request(7, 107));
  EXPECT_EQ(arbiter.holder(), std::nullopt);
  EXPECT_TRUE(arbiter.request(3, 103));
  EXPECT_EQ(arbiter.release(), 107);
}

TEST(Arbiter, MergeTakesTheProgrammedNumberOfPackets) {
  Arbiter arbiter;
  arbiter.program({{3, 2}, {7, 1}});
  arbiter.request(3, 1);
  arbiter.request(7, 2);
  arbiter.request(3, 3);
  EXPECT_EQ(arbiter.release(), 3);
  EXPECT_EQ(arbiter.release(), 2);
}

TEST(Arbiter, MergeStartsAgainAfterItsLastPosition) {
  Arbiter arbiter;
  arbiter.program({{3, 1}, {7, 1}});
  arbiter.request(3, 1);
  arbiter.request(7, 2);
  arbiter.request(3, 3);
  arbiter.release();
  EXPECT_EQ(arbiter.release(), 3);
}

TEST(Arbiter, EndOfTheMergeGrantsWhoWaitedForIt) {
  Arbiter arbiter;
  arbiter.program({{3, 1}});
  EXPECT_FALSE(arbiter.request(7, 107));
  EXPECT_EQ(arbiter.program({}), 107);
}

TEST(Arbiter, WithdrawnRequestIsNeverGranted) {
  Arbiter arbiter;
  arbiter.request(1, 1);
  arbiter.request(2, 2);
  EXPECT_EQ(arbiter.withdraw(2), std::nullopt);
  EXPECT_EQ(arbiter.release(), std::nullopt);
}

TEST(Arbiter, WithdrawnGrantGoesToTheNext) {
  Arbiter arbiter;
  arbiter.request(1, 1);
  arbiter.request(2, 2);
  EXPECT_EQ(arbiter.withdraw(1), 2);
  EXPECT_EQ(arbiter.holder(), 2);
}

}  // namespace
}  // namespace npu::logic
