// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What only memtiles have: padding, windows on their neighbours, two halves of descriptors.
#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using enum BdField;
using ::testing::ElementsAre;

constexpr Coord kWest{0, 1};
constexpr Coord kOwn{1, 1};
constexpr Coord kEast{2, 1};
constexpr Coord kLast{3, 1};              ///< of the device
constexpr int64_t kWindow = 0x80000 / 4;  ///< words
constexpr uint32_t kTarget = 0x8000;
constexpr int64_t kOwnTarget = kWindow + kTarget / 4;

class Memtiles : public BothFidelities {
 protected:
  Memtiles() { b.write_words(kOwn, 0, counting(1, 64)); }
  /// Channel `channel` of MM2S into the same one of S2MM; sends with `fields`, receives linearly.
  void loop(Bench& bench, int channel, Fields fields, int64_t words) {
    const auto index = static_cast<uint8_t>(channel);
    const int first = channel % 2 ? 24 : 0;
    bench.circuit(kOwn, {Bundle::Dma, index}, kOwn, {Bundle::Dma, index});
    bench.bd(kOwn, first, fields);
    bench.bd(kOwn, first + 1, {{BaseAddress, kOwnTarget}, {Length, words}});
    bench.push(kOwn, kMm2s, channel, first);
    bench.push(kOwn, kS2mm, channel, first + 1);
    bench.settle();
  }
  Words received(size_t count) { return b.words(kOwn, kTarget, count); }

  Bench b{options()};
};
INSTANTIATE_TEST_SUITE_P(Streams, Memtiles, kBothFidelities, fidelity_name);

TEST_P(Memtiles, PadRowsWithZeros) {
  loop(b, 0,
       {{BaseAddress, kWindow},
        {Length, 10},
        {D0Wrap, 2},
        {D0PadBefore, 1},
        {D0PadAfter, 2},
        {D1Step, 8}},
       10);
  EXPECT_THAT(received(10), ElementsAre(0, 1, 2, 0, 0, 0, 9, 10, 0, 0));
}

TEST_P(Memtiles, PadThreeDimensions) {
  loop(b, 0,
       {{BaseAddress, kWindow},
        {Length, 12},
        {D0Wrap, 1},
        {D0PadAfter, 1},
        {D1Wrap, 1},
        {D1PadBefore, 1},
        {D2Wrap, 1},
        {D2PadBefore, 1},
        {D2PadAfter, 1}},
       12);
  EXPECT_THAT(received(12), ElementsAre(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0));
}

TEST_P(Memtiles, PadWithTheConstantOfTheChannelOnNpu4) {
  Bench npu4(options(), Bench::npu4());
  npu4.write_words(kOwn, 0, counting(1, 8));
  npu4.write(kOwn, Bench::offset(kOwn, RegisterId::PadValue, 2), 77);
  npu4.write(kOwn, Bench::offset(kOwn, RegisterId::PadValue, 0), 55);
  loop(npu4, 2,
       {{BaseAddress, kWindow}, {Length, 4}, {D0Wrap, 2}, {D0PadBefore, 1}, {D0PadAfter, 1}}, 4);
  EXPECT_THAT(npu4.words(kOwn, kTarget, 4), ElementsAre(77, 1, 2, 77));
}

TEST_P(Memtiles, ReceiversDoNotPad) {
  b.circuit(kOwn, kDma0, kOwn, kDma0);
  b.bd(kOwn, 0, {{BaseAddress, kWindow}, {Length, 4}});
  b.bd(kOwn, 1,
       {{BaseAddress, kOwnTarget},
        {Length, 4},
        {D0Wrap, 2},
        {D0PadBefore, 1},
        {D0PadAfter, 1},
        {D1Step, 2}});
  b.push(kOwn, kMm2s, 0, 0);
  b.push(kOwn, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(received(4), ElementsAre(1, 2, 3, 4));
}

TEST_P(Memtiles, ReadTheMemoryOfTheWesternNeighbour) {
  b.write_words(kWest, 0x100, {42, 43});
  loop(b, 3, {{BaseAddress, 0x40}, {Length, 2}}, 2);
  EXPECT_THAT(received(2), ElementsAre(42, 43));
}

TEST_P(Memtiles, ReadTheMemoryOfTheEasternNeighbour) {
  b.write_words(kEast, 0x100, {42, 43});
  loop(b, 3, {{BaseAddress, 2 * kWindow + 0x40}, {Length, 2}}, 2);
  EXPECT_THAT(received(2), ElementsAre(42, 43));
}

TEST_P(Memtiles, WriteTheMemoryOfANeighbour) {
  b.circuit(kOwn, kDma0, kOwn, kDma0);
  b.bd(kOwn, 0, {{BaseAddress, kWindow}, {Length, 3}});
  b.bd(kOwn, 1, {{BaseAddress, 2 * kWindow + 0x10}, {Length, 3}});
  b.push(kOwn, kMm2s, 0, 0);
  b.push(kOwn, kS2mm, 0, 1);
  b.settle();
  EXPECT_THAT(b.words(kEast, 0x40, 3), ElementsAre(1, 2, 3));
}

TEST_P(Memtiles, UseTheLocksOfBothNeighbours) {
  b.set_lock(kWest, 5, 1);
  loop(b, 2,
       {{BaseAddress, kWindow},
        {Length, 1},
        {AcquireEnable, 1},
        {AcquireId, 5},
        {AcquireValue, -1},
        {ReleaseId, 128 + 6},
        {ReleaseValue, 2}},
       1);
  EXPECT_EQ(b.lock(kWest, 5), 0);
  EXPECT_EQ(b.lock(kEast, 6), 2);
}

TEST_P(Memtiles, ChannelsFourAndFiveReachNoNeighboursMemory) {
  for (const int channel : {4, 5}) {
    Bench bench(options());
    loop(bench, channel, {{BaseAddress, 0}, {Length, 1}}, 1);
    EXPECT_EQ(bench.status(kOwn, kMm2s, channel, arch::status::kMemoryUnavailable), 1);
    EXPECT_THAT(bench.faults(), ElementsAre(FaultKind::MemoryUnavailable));
  }
}

TEST_P(Memtiles, ChannelsFourAndFiveReachNoNeighboursLock) {
  for (const int channel : {4, 5}) {
    Bench bench(options());
    loop(bench, channel,
         {{BaseAddress, kWindow},
          {Length, 1},
          {AcquireEnable, 1},
          {AcquireId, 130},
          {AcquireValue, 0}},
         1);
    EXPECT_EQ(bench.status(kOwn, kMm2s, channel, arch::status::kLockUnavailable), 1);
    EXPECT_THAT(bench.faults(), ElementsAre(FaultKind::LockUnavailable));
  }
}

TEST_P(Memtiles, MissingNeighbourIsAnError) {
  b.bd(kLast, 0, {{BaseAddress, 2 * kWindow}, {Length, 1}});
  b.push(kLast, kMm2s, 0, 0);
  b.settle();
  EXPECT_EQ(b.status(kLast, kMm2s, 0, arch::status::kMemoryUnavailable), 1);
}

TEST_P(Memtiles, ReleaseToAMissingNeighbourIsAnError) {
  b.circuit(kWest, kDma0, kWest, kDma0);
  b.bd(kWest, 0, {{BaseAddress, kWindow}, {Length, 1}, {ReleaseId, 0}, {ReleaseValue, 1}});
  b.push(kWest, kMm2s, 0, 0);
  b.settle();
  EXPECT_EQ(b.status(kWest, kMm2s, 0, arch::status::kLockUnavailable), 1);
}

TEST_P(Memtiles, EvenChannelsHaveTheLowerDescriptorsOnly) {
  b.bd(kOwn, 24, {{BaseAddress, kWindow}, {Length, 1}});
  b.push(kOwn, kMm2s, 2, 24);
  b.settle();
  EXPECT_EQ(b.status(kOwn, kMm2s, 2, arch::status::kBdUnavailable), 1);
}

TEST_P(Memtiles, OddChannelsHaveTheUpperDescriptorsOnly) {
  b.bd(kOwn, 23, {{BaseAddress, kWindow}, {Length, 1}});
  b.push(kOwn, kMm2s, 5, 23);
  b.settle();
  EXPECT_EQ(b.status(kOwn, kMm2s, 5, arch::status::kBdUnavailable), 1);
}

TEST_P(Memtiles, ChainsStayInTheirHalf) {
  loop(b, 0, {{BaseAddress, kWindow}, {Length, 1}, {UseNextBd, 1}, {NextBd, 24}}, 1);
  EXPECT_EQ(b.status(kOwn, kMm2s, 0, arch::status::kBdUnavailable), 1);
}

}  // namespace
}  // namespace npu::sim
