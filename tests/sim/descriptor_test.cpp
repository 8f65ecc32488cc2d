// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a descriptor says is what its channel does: addresses, chains, iteration, locks, packets.
#include <bit>
#include <map>

#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using enum BdField;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr Coord kShim{1, 0};
constexpr Coord kMemtile{1, 1};
constexpr Coord kCore{1, 2};
constexpr uint32_t kTarget = 0x8000;   ///< byte offset of what S2MM writes in a core tile
constexpr int64_t kOwn = 0x80000 / 4;  ///< first word of a memtile's own window
constexpr int64_t kOwnTarget = kOwn + kTarget / 4;

class Descriptors : public BothFidelities {
 protected:
  /// MM2S 0 sends into S2MM 0 of the same tile, a core tile.
  void loop_back_core() {
    b.circuit(kCore, kDma0, kCore, kDma0);
    b.write_words(kCore, 0, counting(0, 512));
  }
  void loop_back_memtile() {
    b.circuit(kMemtile, kDma0, kMemtile, kDma0);
    b.write_words(kMemtile, 0, counting(0, 512));
  }
  Words received(Coord tile, size_t count) { return b.words(tile, kTarget, count); }

  Bench b{options()};
};
INSTANTIATE_TEST_SUITE_P(Streams, Descriptors, kBothFidelities, fidelity_name);

TEST_P(Descriptors, CoreTileReadsThreeDimensions) {
  loop_back_core();
  b.bd(kCore, 0, {{Length, 12}, {D0Wrap, 2}, {D1Step, 8}, {D1Wrap, 3}, {D2Step, 100}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 12}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(received(kCore, 12), ElementsAre(0, 1, 8, 9, 16, 17, 100, 101, 108, 109, 116, 117));
}

TEST_P(Descriptors, CoreTileWritesThreeDimensions) {
  loop_back_core();
  b.bd(kCore, 0, {{BaseAddress, 1}, {Length, 6}});
  b.bd(kCore, 1,
       {{BaseAddress, kTarget / 4},
        {Length, 6},
        {D0Step, 2},
        {D0Wrap, 2},
        {D1Step, 5},
        {D1Wrap, 2},
        {D2Step, 1}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(received(kCore, 8), ElementsAre(1, 5, 2, 6, 0, 3, 0, 4));
}

TEST_P(Descriptors, MemtileReadsFourDimensions) {
  loop_back_memtile();
  b.bd(kMemtile, 0,
       {{BaseAddress, kOwn},
        {Length, 16},
        {D0Wrap, 2},
        {D1Step, 4},
        {D1Wrap, 2},
        {D2Step, 16},
        {D2Wrap, 2},
        {D3Step, 64}});
  b.bd(kMemtile, 1, {{BaseAddress, kOwnTarget}, {Length, 16}});
  b.push(kMemtile, kMm2s, 0, 0);
  b.push(kMemtile, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(received(kMemtile, 16),
              ElementsAre(0, 1, 4, 5, 16, 17, 20, 21, 64, 65, 68, 69, 80, 81, 84, 85));
}

TEST_P(Descriptors, ShimReadsAndWritesThreeDimensionsOfHostMemory) {
  b.circuit(kShim, kDma0, kShim, kDma0);
  Words in = counting(0, 256);
  Words out(64);
  const std::vector<HostBuffer> arguments{argument(in), argument(out)};
  b.settle(Bench::shim_task(kShim, kMm2s, 0, 0, 0,
                            {{Length, 8}, {D0Wrap, 2}, {D1Step, 10}, {D1Wrap, 2}, {D2Step, 100}}) +
               Bench::shim_task(kShim, kS2mm, 0, 1, 1,
                                {{Length, 8}, {D0Step, 2}, {D0Wrap, 4}, {D1Step, 1}}),
           arguments);
  EXPECT_THAT(Words(out.begin(), out.begin() + 8), ElementsAre(0, 100, 1, 101, 10, 110, 11, 111));
}

TEST_P(Descriptors, IterationMovesTheAddressAndWraps) {
  loop_back_core();
  b.bd(kCore, 0, {{Length, 1}, {IterationStep, 10}, {IterationWrap, 3}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 5}});
  b.push(kCore, kMm2s, 0, 0, 5);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(received(kCore, 5), ElementsAre(0, 10, 20, 0, 10));
}

TEST_P(Descriptors, IterationIsWrittenBackToTheRegister) {
  loop_back_core();
  b.bd(kCore, 0, {{Length, 1}, {IterationStep, 10}, {IterationWrap, 3}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 5}});
  b.push(kCore, kMm2s, 0, 0, 5);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_EQ(b.bd_field(kCore, 0, IterationCurrent), 2);
}

TEST_P(Descriptors, IterationStartsWhereTheRegisterSays) {
  loop_back_memtile();
  b.bd(kMemtile, 0,
       {{BaseAddress, kOwn},
        {Length, 1},
        {IterationStep, 7},
        {IterationWrap, 4},
        {IterationCurrent, 3}});
  b.bd(kMemtile, 1, {{BaseAddress, kOwnTarget}, {Length, 2}});
  b.push(kMemtile, kMm2s, 0, 0, 2);
  b.push(kMemtile, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(received(kMemtile, 2), ElementsAre(21, 0));
}

TEST_P(Descriptors, RepeatRepeatsTheChainFromItsStart) {
  loop_back_core();
  b.bd(kCore, 0, {{BaseAddress, 10}, {Length, 1}, {UseNextBd, 1}, {NextBd, 5}});
  b.bd(kCore, 5, {{BaseAddress, 20}, {Length, 2}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 9}});
  b.push(kCore, kMm2s, 0, 0, 3);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(received(kCore, 9), ElementsAre(10, 20, 21, 10, 20, 21, 10, 20, 21));
}

TEST_P(Descriptors, RingOfDescriptorsRunsForEver) {
  loop_back_core();
  b.bd(kCore, 0, {{BaseAddress, 10}, {Length, 1}, {UseNextBd, 1}, {NextBd, 1}});
  b.bd(kCore, 1, {{BaseAddress, 20}, {Length, 1}, {UseNextBd, 1}, {NextBd, 0}});
  b.bd(kCore, 2, {{BaseAddress, kTarget / 4}, {Length, 200}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 2);
  b.settle();
  Words expected;
  for (int i = 0; i < 200; ++i)
    expected.push_back(i % 2 ? 20 : 10);
  EXPECT_THAT(received(kCore, 200), ElementsAreArray(expected));
}

TEST_P(Descriptors, RingOfBuffersWaitsForItsLock) {
  loop_back_core();
  b.set_lock(kCore, 0, 3);
  for (const int id : {0, 1})
    b.bd(kCore, id,
         {{BaseAddress, 10 * (id + 1)},
          {Length, 4},
          {UseNextBd, 1},
          {NextBd, 1 - id},
          {AcquireEnable, 1},
          {AcquireId, 0},
          {AcquireValue, -1},
          {ReleaseId, 1},
          {ReleaseValue, 1}});
  b.bd(kCore, 2, {{BaseAddress, kTarget / 4}, {Length, 100}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 2);
  b.settle();
  EXPECT_EQ(b.lock(kCore, 0), 0);
  EXPECT_EQ(b.lock(kCore, 1), 3);
}

TEST_P(Descriptors, ReleaseOfZeroTouchesNoLock) {
  loop_back_core();
  b.bd(kCore, 0, {{Length, 4}, {ReleaseId, 3}, {ReleaseValue, 0}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 4}, {ReleaseId, 4}, {ReleaseValue, 1}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  ASSERT_EQ(b.lock(kCore, 4), 1);
  for (const auto& change : b.record.all<observe::LockChanged>())
    EXPECT_NE(change.lock, 3);
}

TEST_P(Descriptors, ReceiverReleasesAfterItsMemoryIsWritten) {
  loop_back_core();
  b.bd(kCore, 0, {{Length, 64}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 64}, {ReleaseId, 2}, {ReleaseValue, 1}});
  // A core copies the last word as soon as the lock is there.
  b.start_core(kCore,
               "const r1, 458752\n acquire 50, -1\n load r2, r1, 33020\n store r2, r1, 0\n done\n");
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_EQ(b.words(kCore, 0, 1)[0], 63u);
}

TEST_P(Descriptors, EmptyDescriptorMovesNothingAndReleases) {
  b.bd(kCore, 0, {{Length, 0}, {ReleaseId, 2}, {ReleaseValue, 1}});
  b.push(kCore, kMm2s, 0, 0);
  b.settle();
  EXPECT_EQ(b.lock(kCore, 2), 1);
}

TEST_P(Descriptors, ChannelKeepsWhatItLoadedWhenAnotherLoadsTheRewrittenDescriptor) {
  loop_back_core();
  b.bd(kCore, 0, {{BaseAddress, kTarget / 4}, {Length, 4}});
  b.push(kCore, kS2mm, 0, 0);
  b.settle();
  b.bd(kCore, 0, {{BaseAddress, 0}, {Length, 2}, {D0Step, 3}});
  b.push(kCore, kMm2s, 1, 0);
  b.bd(kCore, 1, {{Length, 4}});
  b.push(kCore, kMm2s, 0, 1);
  b.settle();
  EXPECT_THAT(received(kCore, 4), ElementsAre(0, 1, 2, 3));
}

TEST_P(Descriptors, RewrittenDescriptorIsReadAnewByTheNextTask) {
  loop_back_core();
  b.bd(kCore, 0, {{BaseAddress, 10}, {Length, 1}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 2}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  b.bd(kCore, 0, {{BaseAddress, 30}, {Length, 1}});
  b.push(kCore, kMm2s, 0, 0);
  b.settle();
  EXPECT_THAT(received(kCore, 2), ElementsAre(10, 30));
}

// Packets

/// A route that keeps the header, so that it can be looked at.
class Packets : public Descriptors {
 protected:
  Packets() {
    b.write_words(kCore, 0, counting(100, 64));
    b.packet(kCore, kDma0, kCore, kDma0, {.id = 7, .drop = false});
  }
  void finish_on_tlast(int mode) { b.control(kCore, kS2mm, 0, static_cast<uint32_t>(mode) << 16); }
  uint32_t pop_count() { return b.read(kCore, Bench::offset(kCore, RegisterId::S2mmFotCount)); }
  void receive(int64_t words, Fields more = {}) {
    Words bd = Bench::bd_words(TileKind::Core, {{BaseAddress, kTarget / 4}, {Length, words}});
    for (const auto& [field, value] : more)
      arch::put_bd(TileKind::Core, bd, field, value);
    b.write_words(kCore, arch::bd_offset(TileKind::Core, 15), bd);
    b.push(kCore, kS2mm, 0, 15);
  }
};
INSTANTIATE_TEST_SUITE_P(Streams, Packets, kBothFidelities, fidelity_name);

TEST_P(Packets, HeaderCarriesIdTypeAndTheSendersPlace) {
  b.bd(kCore, 0, {{Length, 1}, {EnablePacket, 1}, {PacketId, 7}, {PacketType, 5}});
  b.push(kCore, kMm2s, 0, 0);
  receive(2);
  b.settle();
  const uint32_t header = received(kCore, 2)[0];
  EXPECT_EQ(header & 0x1F, 7u);
  EXPECT_EQ(header >> 12 & 7, 5u);
  EXPECT_EQ(header >> 16 & 0x1F, 2u);
  EXPECT_EQ(header >> 21 & 0x7F, 1u);
  EXPECT_EQ(received(kCore, 2)[1], 100u);
}

TEST_P(Packets, HeaderHasOddParity) {
  for (const int type : {0, 1}) {
    b.bd(kCore, 0, {{Length, 1}, {EnablePacket, 1}, {PacketId, 7}, {PacketType, type}});
    b.push(kCore, kMm2s, 0, 0);
    receive(2);
    b.settle();
    EXPECT_EQ(std::popcount(received(kCore, 1)[0]) % 2, 1) << "type " << type;
  }
}

TEST_P(Packets, HeaderIsDroppedAtTheMasterThatSaysSo) {
  b.packet(kCore, kDma0, kCore, kDma0, {.id = 7, .drop = true});
  b.bd(kCore, 0, {{Length, 2}, {EnablePacket, 1}, {PacketId, 7}});
  b.push(kCore, kMm2s, 0, 0);
  receive(2);
  b.settle();
  EXPECT_THAT(received(kCore, 3), ElementsAre(100, 101, 0));
}

TEST_P(Packets, HeaderThatIsDataIsDroppedToo) {
  b.packet(kCore, kDma0, kCore, kDma0, {.id = 7, .drop = true});
  b.write_words(kCore, 0, {7, 11, 12, 13});
  b.bd(kCore, 0, {{Length, 4}});
  b.push(kCore, kMm2s, 0, 0);
  receive(3);
  b.settle();
  EXPECT_THAT(received(kCore, 4), ElementsAre(11, 12, 13, 0));
}

TEST_P(Packets, OnlyTheFirstWordOfAPacketIsItsHeader) {
  b.packet(kCore, kDma0, kCore, kDma0, {.id = 7, .drop = true});
  b.bd(kCore, 0,
       {{Length, 2},
        {EnablePacket, 1},
        {PacketId, 7},
        {TlastSuppress, 1},
        {UseNextBd, 1},
        {NextBd, 1}});
  b.bd(kCore, 1, {{BaseAddress, 2}, {Length, 2}});
  b.push(kCore, kMm2s, 0, 0);
  receive(4);
  b.settle();
  EXPECT_THAT(received(kCore, 5), ElementsAre(100, 101, 102, 103, 0));
}

TEST_P(Packets, FinishOnTlastEndsADescriptorEarly) {
  finish_on_tlast(1);
  b.bd(kCore, 0, {{Length, 5}, {EnablePacket, 1}, {PacketId, 7}});
  b.push(kCore, kMm2s, 0, 0);
  receive(40, {{ReleaseId, 3}, {ReleaseValue, 1}});
  b.settle();
  EXPECT_EQ(b.lock(kCore, 3), 1);
  EXPECT_EQ(b.status(kCore, kS2mm, 0, arch::status::kFotLength), 0);
}

TEST_P(Packets, WithoutFinishOnTlastAShortPacketLeavesTheDescriptorOpen) {
  b.bd(kCore, 0, {{Length, 5}, {EnablePacket, 1}, {PacketId, 7}});
  b.push(kCore, kMm2s, 0, 0);
  receive(40, {{ReleaseId, 3}, {ReleaseValue, 1}});
  b.settle();
  EXPECT_EQ(b.lock(kCore, 3), 0);
}

TEST_P(Packets, WithoutFinishOnTlastALongPacketShiftsIntoTheNextDescriptor) {
  b.bd(kCore, 0, {{Length, 5}, {EnablePacket, 1}, {PacketId, 7}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 4}, {UseNextBd, 1}, {NextBd, 2}});
  b.bd(kCore, 2, {{BaseAddress, kTarget / 4 + 16}, {Length, 2}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(b.words(kCore, kTarget + 64, 2), ElementsAre(103, 104));
}

TEST_P(Packets, CountFifoTellsWordsDescriptorAndEndOfTask) {
  finish_on_tlast(3);
  b.bd(kCore, 0, {{Length, 5}, {EnablePacket, 1}, {PacketId, 7}});
  b.push(kCore, kMm2s, 0, 0);
  receive(40);
  b.settle();
  EXPECT_EQ(pop_count(), 1u << 31 | 1u << 30 | 15u << 24 | 6u);
  EXPECT_EQ(pop_count(), 0u);
}

TEST_P(Packets, CountFifoMarksOnlyTheLastExecutionOfATask) {
  finish_on_tlast(3);
  b.bd(kCore, 0, {{Length, 5}, {EnablePacket, 1}, {PacketId, 7}});
  b.bd(kCore, 1, {{BaseAddress, kTarget / 4}, {Length, 40}});
  b.push(kCore, kMm2s, 0, 0, 2);
  b.push(kCore, kS2mm, 0, 1, 2);
  b.settle();
  EXPECT_EQ(pop_count() >> 30, 0b10u);
  EXPECT_EQ(pop_count() >> 30, 0b11u);
}

TEST_P(Packets, SuppressedTlastJoinsDescriptorsToOnePacket) {
  finish_on_tlast(3);
  b.bd(kCore, 0,
       {{Length, 5},
        {EnablePacket, 1},
        {PacketId, 7},
        {TlastSuppress, 1},
        {UseNextBd, 1},
        {NextBd, 1}});
  b.bd(kCore, 1, {{BaseAddress, 5}, {Length, 3}});
  b.push(kCore, kMm2s, 0, 0);
  receive(40);
  b.settle();
  EXPECT_EQ(pop_count() & 0x3FFFF, 9u);
}

TEST_P(Packets, FullDescriptorWithoutTlastSetsLengthExceeded) {
  finish_on_tlast(1);
  b.bd(kCore, 0, {{Length, 9}, {EnablePacket, 1}, {PacketId, 7}});
  b.push(kCore, kMm2s, 0, 0);
  receive(4);
  b.settle();
  EXPECT_EQ(b.status(kCore, kS2mm, 0, arch::status::kFotLength), 1);
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::FotLengthExceeded));
}

TEST_P(Packets, DescriptorThatEndsExactlyAtTlastIsNoError) {
  finish_on_tlast(1);
  b.bd(kCore, 0, {{Length, 3}, {EnablePacket, 1}, {PacketId, 7}});
  b.push(kCore, kMm2s, 0, 0);
  receive(4, {{ReleaseId, 3}, {ReleaseValue, 1}});
  b.settle();
  EXPECT_EQ(b.lock(kCore, 3), 1);
  EXPECT_THAT(b.faults(), IsEmpty());
}

TEST_P(Packets, OutOfOrderHeaderNamesTheReceivingDescriptor) {
  b.control(kCore, kS2mm, 0, 1u << 3);
  for (const int id : {0, 1, 2})
    b.bd(kCore, id,
         {{BaseAddress, id},
          {Length, 1},
          {EnablePacket, 1},
          {PacketId, 7},
          {OutOfOrderId, 10 - id},
          {UseNextBd, id < 2},
          {NextBd, id < 2 ? id + 1 : 0}});
  for (const int id : {8, 9, 10})
    b.bd(kCore, id, {{BaseAddress, kTarget / 4 + id}, {Length, 1}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 0, 3);
  b.settle();
  EXPECT_THAT(b.words(kCore, kTarget + 32, 3), ElementsAre(102, 101, 100));
}

TEST_P(Packets, OutOfOrderRepeatCountsPackets) {
  b.control(kCore, kS2mm, 0, 1u << 3);
  b.bd(kCore, 0, {{Length, 1}, {EnablePacket, 1}, {PacketId, 7}, {OutOfOrderId, 8}});
  b.bd(kCore, 8, {{BaseAddress, kTarget / 4}, {Length, 1}, {ReleaseId, 3}, {ReleaseValue, 1}});
  b.push(kCore, kMm2s, 0, 0, 5);
  b.push(kCore, kS2mm, 0, 0, 3);
  b.settle();
  EXPECT_EQ(b.lock(kCore, 3), 3);
}

TEST_P(Packets, OutOfOrderIdOfAnInvalidDescriptorIsUnavailable) {
  b.control(kCore, kS2mm, 0, 1u << 3);
  b.bd(kCore, 0, {{Length, 1}, {EnablePacket, 1}, {PacketId, 7}, {OutOfOrderId, 8}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 0);
  b.settle();
  EXPECT_EQ(b.status(kCore, kS2mm, 0, arch::status::kBdUnavailable), 1);
}

TEST_P(Packets, OutOfOrderIdBeyondTheDescriptorsIsUnavailable) {
  b.control(kCore, kS2mm, 0, 1u << 3);
  b.bd(kCore, 0, {{Length, 1}, {EnablePacket, 1}, {PacketId, 7}, {OutOfOrderId, 16}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 0);
  b.settle();
  EXPECT_EQ(b.status(kCore, kS2mm, 0, arch::status::kBdUnavailable), 1);
}

}  // namespace
}  // namespace npu::sim
