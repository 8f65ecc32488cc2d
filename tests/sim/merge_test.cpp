// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Packets of several senders on one way: whose header reaches an arbiter first passes first, and
// none waits longer than for the words before it.
#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using enum BdField;

constexpr Coord kReceiver{1, 2};
constexpr Coord kNear{1, 3};
constexpr Coord kFar{1, 5};
constexpr uint32_t kTarget = 0x8000;

/// A sender next to the receiver and one two switches further on; they meet in the near one's
/// switch.
class Merges : public BothFidelities {
 protected:
  Merges() : Merges(quick_controller()) {}
  explicit Merges(const arch::Timing& timing) : b(options(), Bench::npu1(), timing) {
    for (const Coord sender : {kNear, kFar}) {
      b.packet(sender, kDma0, kReceiver, kDma0, {.id = sender == kNear ? 1 : 2, .mask = 0});
      b.write_words(sender, 0, counting(sender == kNear ? 100 : 200, 64));
    }
  }
  void send(Coord sender, int words) {
    b.bd(sender, 0, {{Length, words}, {EnablePacket, 1}, {PacketId, sender == kNear ? 1 : 2}});
    b.push(sender, kMm2s, 0, 0);
  }
  void receive(int words) {
    b.bd(kReceiver, 1, {{BaseAddress, kTarget / 4}, {Length, words}});
    b.push(kReceiver, kS2mm, 0, 1);
  }
  uint32_t first_word() { return b.words(kReceiver, kTarget, 1)[0]; }
  /// Cycles that each descriptor of the receiver took.
  std::vector<Cycle> receptions() {
    std::vector<Cycle> cycles;
    Cycle start = 0;
    for (const observe::Event& event : b.record.events) {
      const auto* bd = std::get_if<observe::DescriptorChanged>(&event.payload);
      if (!bd || bd->channel.tile != kReceiver)
        continue;
      if (bd->finished)
        cycles.push_back(event.cycle - start);
      start = event.cycle;
    }
    return cycles;
  }
  Bench b;
};
INSTANTIATE_TEST_SUITE_P(Streams, Merges, kBothFidelities, fidelity_name);

TEST_P(Merges, NearerOfTwoThatStartTogetherPassesFirst) {
  receive(16);
  send(kFar, 8);
  send(kNear, 8);
  b.settle();
  EXPECT_EQ(first_word(), 100u);
}

/// Every write takes ten cycles: more than the header needs from one switch to the next two.
arch::Timing ten_cycles_a_write() {
  arch::Timing timing = quick_controller();
  timing.controller.write.value = 10;
  return timing;
}
class LateMerges : public Merges {
 protected:
  LateMerges() : Merges(ten_cycles_a_write()) {}
};
INSTANTIATE_TEST_SUITE_P(Streams, LateMerges, kBothFidelities, fidelity_name);

TEST_P(LateMerges, FartherOneWithEnoughOfAStartPassesFirst) {
  receive(16);
  for (const Coord sender : {kFar, kNear})
    b.bd(sender, 0, {{Length, 8}, {EnablePacket, 1}, {PacketId, sender == kNear ? 1 : 2}});
  const auto start = [](Coord sender) {
    return arch::Write{arch::address_of(sender, Bench::queue_offset(sender, kMm2s, 0)), 0};
  };
  b.settle({start(kFar), start(kNear)});
  EXPECT_EQ(first_word(), 200u);
}

TEST_P(Merges, PacketThatHasWaitedFollowsWithoutAGap) {
  receive(100);
  send(kNear, 100);
  b.settle();
  receive(100);
  send(kNear, 40);
  send(kFar, 60);
  b.settle();
  const std::vector<Cycle> took = receptions();
  ASSERT_EQ(took.size(), 2u);
  constexpr Cycle kHeader = 1;
  EXPECT_EQ(took[1], took[0] + kHeader);
}

}  // namespace
}  // namespace npu::sim
