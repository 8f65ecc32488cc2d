// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <set>

#include <gmock/gmock.h>

#include "compiler/lower/lower.h"
#include "compiler/lower/passes.h"
#include "tests/compiler/designs.h"

namespace npu::compiler::testing {
namespace {

using ::testing::ElementsAre;

Descriptor words(int buffer, uint64_t length = 4) {
  return {.buffer = buffer, .length = length};
}

std::vector<int> indices(const Design& design) {
  std::vector<int> list;
  for (const Channel& channel : design.channels)
    list.push_back(*channel.index);
  return list;
}

TEST(AssignChannels, NumbersThemPerTileAndDirection) {
  Design design = copy_through_memtile();
  assign_channels(design);
  EXPECT_THAT(indices(design), ElementsAre(0, 0, 0, 0, 1, 1));
}

TEST(AssignChannels, KeepsWhatIsGiven) {
  Design design = copy_through_core();
  add_channel(design, "more", kCore, Direction::S2mm);
  design.channels.back().index = 0;
  assign_channels(design);
  EXPECT_EQ(design.channels[0].index, 1);
}

TEST(AssignChannels, GivesChannelsThatReachANeighbourTheFirstFour) {
  Design design;
  const int near = add_buffer(design, "near", {0, 1}, 4);
  const int far = add_buffer(design, "far", {1, 1}, 4);
  for (int i = 0; i < 2; ++i)
    add_channel(design, "local", {0, 1}, Direction::Mm2s, {words(near)});
  for (int i = 0; i < 4; ++i)
    add_channel(design, "reach", {0, 1}, Direction::Mm2s, {words(far)});
  assign_channels(design);
  EXPECT_THAT(indices(design), ElementsAre(4, 5, 0, 1, 2, 3));
}

TEST(AssignChannels, BalancesDescriptorsOverTheHalvesOfAMemtile) {
  Design design;
  const int buffer = add_buffer(design, "b", kMemtile, 4);
  for (const int count : {12, 12, 12, 12})
    add_channel(design, "s", kMemtile, Direction::Mm2s,
                std::vector<Descriptor>(count, words(buffer)));
  for (Channel& channel : design.channels)
    channel.tasks.clear();
  assign_channels(design);
  EXPECT_NO_THROW(assign_descriptors(design));
}

TEST(AssignChannels, SaysWhoAskedWhenThereAreTooMany) {
  Design design;
  for (int i = 0; i < 7; ++i)
    add_channel(design, "A" + std::to_string(i), {1, 1}, Direction::S2mm);
  EXPECT_EQ(message([&] { assign_channels(design); }),
            "memtile(1,1): needs 7 s2mm channels, has 6: A0, A1, A2, A3, A4, A5, A6");
}

TEST(AssignChannels, SaysWhoAskedWhenTooManyReachANeighbour) {
  Design design;
  const int far = add_buffer(design, "far", {1, 1}, 4);
  for (int i = 0; i < 5; ++i)
    add_channel(design, "N" + std::to_string(i), {0, 1}, Direction::Mm2s, {words(far)});
  EXPECT_EQ(
      message([&] { assign_channels(design); }),
      "memtile(0,1): needs 5 mm2s channels that reach a neighbour, has 4: N0, N1, N2, N3, N4");
}

std::vector<uint32_t> addresses(const Design& design) {
  std::vector<uint32_t> list;
  for (const Buffer& buffer : design.buffers)
    list.push_back(*buffer.address);
  return list;
}

/// Two pairs of 8 KiB and one buffer of 16 KiB in a core tile.
Design matmul_tile() {
  Design design;
  for (const char* name : {"a.ping", "a.pong", "b.ping", "b.pong"})
    add_buffer(design, name, kCore, 2048);
  add_buffer(design, "c", kCore, 4096);
  design.cores.push_back({.tile = kCore, .stack_bytes = 1024});
  return design;
}

TEST(AssignAddresses, PutsPingAndPongInDifferentBanks) {
  Design design = matmul_tile();
  assign_addresses(design);
  const std::vector<uint32_t> at = addresses(design);
  EXPECT_NE(at[0] / 0x4000, at[1] / 0x4000);
  EXPECT_NE(at[2] / 0x4000, at[3] / 0x4000);
}

TEST(AssignAddresses, LeavesTheStackAlone) {
  Design design = matmul_tile();
  assign_addresses(design);
  EXPECT_THAT(addresses(design), ::testing::Each(::testing::Ge(1024u)));
}

TEST(AssignAddresses, CrossesBanksWhenThereIsNoOtherRoom) {
  Design design;
  add_buffer(design, "a", kCore, 6 * 1024);
  add_buffer(design, "b", kCore, 6 * 1024);
  assign_addresses(design);
  EXPECT_THAT(addresses(design), ElementsAre(0u, 24u * 1024));
}

TEST(AssignAddresses, AlignsTo32Bytes) {
  Design design;
  add_buffer(design, "a", kMemtile, 3);
  add_buffer(design, "b", kMemtile, 3);
  assign_addresses(design);
  EXPECT_THAT(addresses(design), ElementsAre(0u, 32u));
}

TEST(AssignAddresses, KeepsAndAvoidsWhatIsGiven) {
  Design design;
  add_buffer(design, "a", kMemtile, 16);
  add_buffer(design, "b", kMemtile, 16);
  design.buffers[1].address = 0;
  assign_addresses(design);
  EXPECT_THAT(addresses(design), ElementsAre(64u, 0u));
}

TEST(AssignAddresses, UsesTheBankAskedFor) {
  Design design;
  add_buffer(design, "a", kCore, 16);
  design.buffers[0].bank = 2;
  assign_addresses(design);
  EXPECT_EQ(design.buffers[0].address, 0x8000u);
}

TEST(AssignAddresses, SaysWhoIsLargestWhenMemoryRunsOut) {
  Design design = matmul_tile();
  add_buffer(design, "d", kCore, 4096);
  EXPECT_EQ(message([&] { assign_addresses(design); }),
            "core(0,2): needs 66560 bytes, has 65536: c 16384, d 16384, a.ping 8192, a.pong 8192, "
            "2 more, stack 1024");
}

TEST(AssignLocks, NumbersThemPerTileAndKeepsWhatIsGiven) {
  Design design;
  add_lock(design, "a", kCore, 0);
  add_lock(design, "b", kCore, 0);
  add_lock(design, "c", kMemtile, 0);
  design.locks[1].id = 0;
  assign_locks(design);
  EXPECT_EQ(design.locks[0].id, 1);
  EXPECT_EQ(design.locks[2].id, 0);
}

TEST(AssignLocks, SaysWhichLockHasNoNumberLeft) {
  Design design;
  for (int i = 0; i < 17; ++i)
    add_lock(design, "l" + std::to_string(i), kCore, 0);
  EXPECT_EQ(message([&] { assign_locks(design); }),
            "core(0,2): needs 17 locks, has 16: none is left for `l16`");
}

/// A memtile whose channels of those numbers have that many descriptors.
Design memtile_with(const std::vector<std::pair<int, size_t>>& channels) {
  Design design;
  const int buffer = add_buffer(design, "b", kMemtile, 4);
  for (const auto& [index, count] : channels) {
    add_channel(design, "A" + std::to_string(index), kMemtile, Direction::Mm2s,
                std::vector<Descriptor>(count, words(buffer)));
    design.channels.back().index = index;
  }
  return design;
}

TEST(AssignDescriptors, GivesOddChannelsOfAMemtileTheUpperHalf) {
  Design design = memtile_with({{0, 1}, {1, 1}});
  assign_descriptors(design);
  EXPECT_EQ(design.channels[0].descriptors[0].id, 0);
  EXPECT_EQ(design.channels[1].descriptors[0].id, 24);
}

TEST(AssignDescriptors, SaysHowManyAreReachable) {
  Design design = memtile_with({{3, 26}});
  EXPECT_EQ(message([&] { assign_descriptors(design); }),
            "memtile(0,1).mm2s3 (A3): channel 3 needs 26 descriptors, 24 reachable");
}

TEST(AssignDescriptors, SaysWhoHasTakenTheHalf) {
  Design design = memtile_with({{1, 20}, {3, 6}});
  EXPECT_EQ(message([&] { assign_descriptors(design); }),
            "memtile(0,1).mm2s3 (A3): channel 3 needs 6 descriptors, 24 reachable, 4 of them free "
            "beside mm2s1 20");
}

std::vector<Dim> fitted(Coord tile, std::vector<Dim> dims, uint64_t length) {
  Design design;
  add_buffer(design, "b", tile, 1 << 16);
  add_channel(design, "s", tile, Direction::Mm2s,
              {{.buffer = 0, .length = length, .dims = std::move(dims)}});
  fit_dims(design);
  return design.channels[0].descriptors[0].dims;
}

TEST(FitDims, JoinsARunIntoNothing) {
  EXPECT_THAT(fitted(kCore, {{32, 1}, {4, 32}}, 128), ElementsAre());
}

TEST(FitDims, JoinsDimensionsThatContinueEachOther) {
  EXPECT_THAT(fitted(kCore, {{4, 1}, {3, 4}, {5, 100}}, 60), ElementsAre(Dim{12, 1}, Dim{5, 100}));
}

TEST(FitDims, SplitsASizeThatIsTooLongForItsWrap) {
  EXPECT_THAT(fitted(kMemtile, {{2048, 1}, {3, 4096}}, 6144),
              ElementsAre(Dim{512, 1}, Dim{4, 512}, Dim{3, 4096}));
}

TEST(FitDims, LeavesTheLastDimensionLong) {
  EXPECT_THAT(fitted(kCore, {{2, 1}, {1000, 4}}, 2000), ElementsAre(Dim{2, 1}, Dim{1000, 4}));
}

TEST(FitDims, LeavesAWalkAloneThatGoesOnBeyondItsEnd) {
  EXPECT_THAT(fitted(kCore, {{4, 1}, {1, 100}}, 8), ElementsAre(Dim{4, 1}, Dim{1, 100}));
}

/// `count` transfers on one shim channel; each is awaited after `ahead` more are started.
Design stream(int count, int ahead, int channels = 1) {
  Design design;
  for (int c = 0; c < channels; ++c)
    add_shim(design, "a" + std::to_string(c), 0, c % 2 ? Direction::S2mm : Direction::Mm2s);
  design.arguments = {{"a", arch::Type::I32, 64}};
  for (int i = 0; i < count; ++i) {
    design.sequence.push_back(Transfer{
        .shim_channel = i % channels, .argument = 0, .length = 64, .token = true, .id = i});
    if (i >= ahead)
      design.sequence.push_back(Await{i - ahead});
  }
  return design;
}

std::set<int> descriptors_used(const Design& design) {
  std::set<int> ids;
  for (const HostOp& op : design.sequence)
    if (const auto* transfer = std::get_if<Transfer>(&op))
      ids.insert(*transfer->descriptor);
  return ids;
}

TEST(AssignShim, UsesADescriptorAgainOnceItsTransferIsAwaited) {
  Design design = stream(40, 1);
  assign_shim(design);
  EXPECT_THAT(descriptors_used(design), ElementsAre(0, 1));
}

TEST(AssignShim, FillsAQueueOfFour) {
  EXPECT_NO_THROW({
    Design design = stream(40, 3);
    assign_shim(design);
  });
}

TEST(AssignShim, RefusesAFifthTransferInTheQueue) {
  Design design = stream(40, 4);
  EXPECT_EQ(message([&] { assign_shim(design); }),
            "shim(0,0).mm2s0 (a0): transfer 4 does not fit the task queue: 4 transfers are "
            "outstanding, the oldest is "
            "transfer 0");
}

TEST(AssignShim, FreesWhatWasStartedBeforeTheAwaitedTransfer) {
  Design design = stream(4, 100);
  design.sequence.push_back(Await{3});
  design.sequence.push_back(Transfer{.shim_channel = 0, .argument = 0, .length = 64, .id = 9});
  assign_shim(design);
  EXPECT_EQ(std::get<Transfer>(design.sequence.back()).descriptor, 0);
}

TEST(AssignShim, RefusesToRewriteADescriptorInUse) {
  Design design = stream(2, 100);
  for (HostOp& op : design.sequence)
    std::get<Transfer>(op).descriptor = 7;
  EXPECT_EQ(message([&] { assign_shim(design); }),
            "shim(0,0).mm2s0 (a0): transfer 1 rewrites descriptor 7, which transfer 0 still uses");
}

TEST(AssignShim, LeavesDescriptorsAloneThatTheSequenceWrites) {
  Design design = stream(1, 0);
  design.sequence.insert(design.sequence.begin(), arch::Command(arch::BlockWrite{0x1D000, {0, 0}}));
  assign_shim(design);
  EXPECT_THAT(descriptors_used(design), ElementsAre(1));
}

TEST(AssignShim, SaysWhoAskedForChannels) {
  Design design;
  for (const char* name : {"a", "b", "c"})
    add_shim(design, name, 2, Direction::Mm2s);
  EXPECT_EQ(message([&] { assign_shim(design); }),
            "shim(2,0): needs 3 mm2s channels, has 2: a, b, c");
}

TEST(Lower, RunsItsPassesInOrder) {
  std::vector<std::string> names;
  lower(copy_through_core(),
        {.after = [&](std::string_view pass, const Design&) { names.emplace_back(pass); }});
  EXPECT_THAT(names, ElementsAre("assign-channels", "fit-dims", "assign-addresses", "assign-locks",
                                 "assign-descriptors", "assign-shim", "route", "emit"));
}

TEST(Lower, StopsAfterThePassAskedFor) {
  const Design design =
      lower(copy_through_core(), {.after = {}, .stop_after = "assign-channels"}).design;
  EXPECT_TRUE(design.channels[0].index.has_value());
  EXPECT_FALSE(design.locks[0].id.has_value());
}

TEST(Lower, RefusesAPassThatIsNotThere) {
  EXPECT_EQ(message([] { lower({}, {.after = {}, .stop_after = "fly"}); }), "unknown pass `fly`");
}

TEST(Lower, ChangesNothingInADesignThatIsLowered) {
  const Lowered once = lower(copy_through_memtile());
  const Lowered again = lower(once.design);
  EXPECT_EQ(again.configuration, once.configuration);
  EXPECT_EQ(again.sequence, once.sequence);
}

}  // namespace
}  // namespace npu::compiler::testing
