// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The host's side: the controller's commands, the register plane, control packets, DDR.
#include "hw-model/arch/error.h"
#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using enum BdField;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Coord kShim{1, 0};
constexpr Coord kCore{1, 2};
constexpr uint32_t kTarget = 0x8000;

// Commands

TEST(Controller, SyncWaitsForAToken) {
  Bench b;
  b.route_tokens(kCore);
  b.bd(kCore, 0, {{Length, 0}});
  const RunResult result =
      b.run({arch::Write{arch::address_of(kCore, Bench::queue_offset(kCore, kMm2s, 0)),
                         Bench::task(0, 1, true)},
             arch::Sync{.col = 1, .row = 2, .direction = kMm2s}});
  EXPECT_EQ(result.end, End::Finished);
  EXPECT_EQ(result.commands_done, 2u);
}

TEST(Controller, SyncWithoutATokenHangs) {
  Bench b;
  const RunResult result = b.run({arch::Sync{.col = 1, .row = 2, .direction = kMm2s}});
  EXPECT_EQ(result.end, End::Hang);
  EXPECT_EQ(result.commands_done, 0u);
}

TEST(Controller, SyncCountsTokensOneByOne) {
  Bench b;
  b.route_tokens(kCore);
  b.bd(kCore, 0, {{Length, 0}});
  const arch::Command push = arch::Write{
      arch::address_of(kCore, Bench::queue_offset(kCore, kMm2s, 0)), Bench::task(0, 1, true)};
  const arch::Command sync = arch::Sync{.col = 1, .row = 2, .direction = kMm2s};
  EXPECT_EQ(b.run({push, push, sync, sync}).end, End::Finished);
  EXPECT_EQ(b.run({push, sync, sync}).end, End::Hang);
}

TEST(Controller, SyncRemembersTokensThatCameEarly) {
  Bench b;
  b.route_tokens(kCore);
  b.bd(kCore, 0, {{Length, 0}});
  b.push(kCore, kMm2s, 0, 0, 1, true);
  b.settle();
  ASSERT_EQ(b.record.all<observe::TokenIssued>().size(), 1u);
  EXPECT_EQ(b.run({arch::Sync{.col = 1, .row = 2, .direction = kMm2s}}).end, End::Finished);
}

TEST(Controller, SyncTellsChannelsApart) {
  Bench b;
  b.route_tokens(kCore);
  b.bd(kCore, 0, {{Length, 0}});
  b.push(kCore, kMm2s, 0, 0, 1, true);
  EXPECT_EQ(b.run({arch::Sync{.col = 1, .row = 2, .direction = kMm2s, .channel = 1}}).end,
            End::Hang);
}

TEST(Controller, SyncOfARectangleWaitsForEachTile) {
  for (const bool all : {true, false}) {
    Bench b;
    for (const uint8_t col : {0, 1})
      for (const uint8_t row : {2, 3}) {
        const Coord tile{col, row};
        b.route_tokens(tile);
        b.bd(tile, 0, {{Length, 0}});
        if (all || tile != Coord{1, 3})
          b.push(tile, kMm2s, 0, 0, 1, true);
      }
    const RunResult result =
        b.run({arch::Sync{.col = 0, .row = 2, .direction = kMm2s, .columns = 2, .rows = 2}});
    EXPECT_EQ(result.end, all ? End::Finished : End::Hang);
  }
}

TEST(Controller, SyncIsNoticedAfterItsTime) {
  arch::Timing timing = quick_controller();
  timing.controller.sync.value = 5000;
  Bench b({}, Bench::npu1(), timing);
  b.route_tokens(kCore);
  b.bd(kCore, 0, {{Length, 0}});
  b.push(kCore, kMm2s, 0, 0, 1, true);
  const RunResult result = b.run({arch::Sync{.col = 1, .row = 2, .direction = kMm2s}});
  EXPECT_GE(result.cycles, 5000u);
  EXPECT_LT(result.cycles, 5050u);
}

TEST(Controller, PollSleepsUntilTheRegisterChanges) {
  Bench b;
  b.start_core(kCore, "const r2, 5000\n l:\n loop r2, l\n done\n");
  const uint32_t status = arch::address_of(kCore, Bench::offset(kCore, RegisterId::CoreStatus));
  const RunResult result = b.run({arch::MaskPoll{status, 1u << 20, 1u << 20}});
  EXPECT_EQ(result.end, End::Finished);
  EXPECT_GE(result.cycles, 5000u);
  EXPECT_LT(result.events, 50u);
}

TEST(Controller, PollThatIsTrueAlreadyGoesOn) {
  Bench b;
  const uint32_t lock = arch::address_of(kCore, Bench::offset(kCore, RegisterId::LockValue));
  EXPECT_EQ(b.run({arch::MaskPoll{lock, 0x3F, 0}}).end, End::Finished);
}

TEST(Controller, PollOfARegisterThatNobodyChangesHangs) {
  Bench b;
  const uint32_t lock = arch::address_of(kCore, Bench::offset(kCore, RegisterId::LockValue));
  EXPECT_EQ(b.run({arch::MaskPoll{lock, 0x3F, 1}}).end, End::Hang);
}

TEST(Controller, MaskWriteReplacesTheBitsOfItsMask) {
  Bench b;
  b.write_words(kCore, 0, {0xAAAAAAAA});
  b.run({arch::MaskWrite{arch::address_of(kCore, 0), 0x0000FF00, 0x12345678}});
  EXPECT_EQ(b.words(kCore, 0, 1)[0], 0xAAAA56AAu);
}

TEST(Controller, CommandsTakeTheirTime) {
  arch::Timing timing;
  timing.controller.write.value = 100;
  timing.controller.block_write.value = 200;
  timing.controller.block_write_word.value = 10;
  timing.controller.mask_write.value = 1000;
  timing.controller.queue_push.value = 5000;
  const auto cycles = [&](arch::Command command) {
    Bench b({}, Bench::npu1(), timing);
    return b.run({std::move(command)}).cycles;
  };
  EXPECT_EQ(cycles(arch::Write{arch::address_of(kCore, 0), 1}), 100u);
  EXPECT_EQ(cycles(arch::BlockWrite{arch::address_of(kCore, 0), {1, 2, 3}}), 230u);
  EXPECT_EQ(cycles(arch::MaskWrite{arch::address_of(kCore, 0), 1, 1}), 1000u);
  EXPECT_EQ(cycles(arch::Write{arch::address_of(kShim, Bench::queue_offset(kShim, kS2mm, 0)), 0}),
            5100u);
  EXPECT_EQ(cycles(arch::Write{arch::address_of(kCore, Bench::queue_offset(kCore, kS2mm, 0)), 0}),
            100u);
}

TEST(Controller, PatchIsTheArgumentItsOffsetAndTheWindowOfDdr) {
  Bench b;
  Words buffer(16);
  const std::vector<HostBuffer> arguments{argument(buffer)};
  const uint32_t at = arch::address_of(kShim, arch::bd_offset(TileKind::Shim, 0));
  const auto address = [&] {
    return arch::shim_bd_address(b.words(kShim, arch::bd_offset(TileKind::Shim, 0), 8));
  };
  b.run({arch::AddressPatch{.address = at + 4, .argument = 0}}, arguments);
  const uint64_t base = address();
  EXPECT_GE(base, arch::kDdrOffset);
  b.run({arch::AddressPatch{.address = at + 4, .argument = 0, .offset = 0x24}}, arguments);
  EXPECT_EQ(address(), base + 0x24);
}

TEST(Controller, PatchTakesThePlaceOfAnEarlierOne) {
  Bench b;
  Words buffer(16);
  const std::vector<HostBuffer> arguments{argument(buffer)};
  const uint32_t at = arch::bd_offset(TileKind::Shim, 0);
  const arch::AddressPatch patch{.address = arch::address_of(kShim, at + 4), .argument = 0};
  b.run({patch}, arguments);
  const uint64_t once = arch::shim_bd_address(b.words(kShim, at, 8));
  b.run({patch}, arguments);
  EXPECT_EQ(arch::shim_bd_address(b.words(kShim, at, 8)), once);
}

TEST(Controller, PatchFillsTheUpperHalfAndKeepsOtherBits) {
  Bench b;
  Words buffer(16);
  const std::vector<HostBuffer> arguments{argument(buffer)};
  const uint32_t at = arch::bd_offset(TileKind::Shim, 0);
  b.bd(kShim, 0,
       {{BaseAddress, 0xFFFF'FFF0 >> 2}, {BaseAddressHigh, 7}, {EnablePacket, 1}, {PacketId, 21}});
  b.write(kShim, at + 4, 0xFFFF'FFF3);
  b.run({arch::AddressPatch{.address = arch::address_of(kShim, at + 4), .argument = 0}}, arguments);
  const Words words = b.words(kShim, at, 8);
  EXPECT_EQ(arch::shim_bd_address(words) >> 32, 0u);
  EXPECT_EQ(words[1] & 3, 3u);
  EXPECT_EQ(arch::get_bd(TileKind::Shim, words, EnablePacket), 1);
  EXPECT_EQ(arch::get_bd(TileKind::Shim, words, PacketId), 21);
}

TEST(Controller, PatchWithAnArgumentThatIsNotGivenIsAnError) {
  Bench b;
  try {
    b.run({arch::AddressPatch{.address = arch::address_of(kShim, 0x1D004), .argument = 2}});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("argument 2"), HasSubstr("0 are given")));
  }
}

TEST(Controller, RunsAgainAfterAnError) {
  Bench b;
  EXPECT_THROW(
      b.run({arch::AddressPatch{.address = arch::address_of(kShim, 0x1D004), .argument = 2}}),
      Error);
  EXPECT_EQ(b.run({arch::Write{arch::address_of(kCore, 0), 9}}).end, End::Finished);
  EXPECT_EQ(b.words(kCore, 0, 1)[0], 9u);
}

TEST(Controller, LoadExecutesTheConfigurationOfItsId) {
  Bench b;
  b.simulation.add_configuration(1, {arch::Write{arch::address_of(kCore, 0), 11}});
  b.simulation.add_configuration(2, {arch::Write{arch::address_of(kCore, 0), 22}});
  b.run({arch::Load{2}});
  EXPECT_EQ(b.words(kCore, 0, 1)[0], 22u);
}

TEST(Controller, LoadReleasesTheCoresOfItsConfiguration) {
  Bench b;
  b.load_core(kCore, "release 48, 1\n done\n");
  b.simulation.add_configuration(
      1, {arch::Write{arch::address_of(kCore, Bench::offset(kCore, RegisterId::CoreControl)), 3}});
  b.settle({arch::Load{1}});
  EXPECT_EQ(b.lock(kCore, 0), 1);
}

TEST(Controller, LoadOfAConfigurationThatIsNotThereIsAnError) {
  Bench b;
  EXPECT_THROW(b.run({arch::Load{3}}), Error);
}

// The register plane

TEST(RegisterPlane, RegisterThatIsNotModelledIsReportedOnce) {
  Bench b;
  b.write(kCore, 0x12000, 1);
  b.write(kCore, 0x12000, 2);
  EXPECT_THAT(
      b.record.all<observe::Fault>(),
      ElementsAre(observe::Fault{{}, FaultKind::NotModelled, arch::address_of(kCore, 0x12000)}));
}

TEST(RegisterPlane, HoleInTheMapIsReported) {
  Bench b;
  b.write(kCore, 0x1C000, 1);
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::NotModelled));
}

TEST(RegisterPlane, WriteOutsideThePartitionIsReported) {
  Bench b({}, arch::partition_of(arch::kNpu1, 2));
  b.write({2, 2}, 0, 1);
  b.write({0, 7}, 0, 1);
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::OutsidePartition, FaultKind::OutsidePartition));
}

TEST(RegisterPlane, MemoryIsZeroisedByItsControlRegister) {
  Bench b;
  b.write_words(kCore, 0, {1, 2, 3});
  b.write(kCore, Bench::offset(kCore, RegisterId::MemoryControl), 1);
  EXPECT_THAT(b.words(kCore, 0, 3), ElementsAre(0, 0, 0));
}

TEST(RegisterPlane, ColumnWithoutAShimDmaTakesNoTask) {
  Bench b({}, arch::partition_of(arch::kNpu1, 5));
  b.push({0, 0}, kS2mm, 0, 0);
  b.push({1, 0}, kS2mm, 0, 0);
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::NotModelled));
}

// Control packets

class ControlPackets : public BothFidelities {
 protected:
  ControlPackets() {
    b.packet(kShim, kDma0, kCore, kTileControl, {.id = 3, .drop = false});
    b.packet(kCore, kTileControl, kShim, kDma0, {.id = 9, .arbiter = 1});
  }
  static uint32_t control(uint32_t address, int words, int operation, int response = 0) {
    return address | static_cast<uint32_t>((words - 1) << 20 | operation << 22 | response << 24);
  }
  /// Sends the words from DDR; the descriptor inserts the packet header.
  void send(Words words) {
    const std::vector<HostBuffer> arguments{argument(words), argument(response_)};
    b.settle(
        Bench::shim_task(kShim, kS2mm, 0, 1, 1, {{Length, 4}}) +
            Bench::shim_task(
                kShim, kMm2s, 0, 0, 0,
                {{Length, static_cast<int64_t>(words.size())}, {EnablePacket, 1}, {PacketId, 3}}),
        arguments);
  }
  Bench b{options()};
  Words response_ = Words(4);
};
INSTANTIATE_TEST_SUITE_P(Streams, ControlPackets, kBothFidelities, fidelity_name);

TEST_P(ControlPackets, WriteARegister) {
  send({control(0x1F020, 1, 0), 17});
  EXPECT_EQ(b.lock(kCore, 2), 17);
}

TEST_P(ControlPackets, WriteUpToFourConsecutiveWordsOfMemory) {
  send({control(0x400, 4, 0), 1, 2, 3, 4});
  EXPECT_THAT(b.words(kCore, 0x400, 5), ElementsAre(1, 2, 3, 4, 0));
}

TEST_P(ControlPackets, SeveralMayShareOnePacket) {
  send({control(0x400, 1, 0), 5, control(0x500, 2, 0), 6, 7});
  EXPECT_THAT(b.words(kCore, 0x400, 1), ElementsAre(5));
  EXPECT_THAT(b.words(kCore, 0x500, 2), ElementsAre(6, 7));
}

TEST_P(ControlPackets, ReadAnswersWithAPacketOfItsResponseId) {
  b.write_words(kCore, 0x400, {31, 32, 33, 34});
  send({control(0x400, 4, 1, 9)});
  EXPECT_THAT(response_, ElementsAre(31, 32, 33, 34));
}

TEST_P(ControlPackets, PacketThatEndsTooEarlyDoesNotSwallowTheNext) {
  send({control(0x400, 4, 0), 1});
  send({control(0x500, 1, 0), 8});
  EXPECT_THAT(b.words(kCore, 0x500, 1), ElementsAre(8));
}

TEST_P(ControlPackets, UnsettledOperationsAreReported) {
  send({control(0x400, 1, 2)});
  EXPECT_THAT(b.faults(), ElementsAre(FaultKind::Unsupported));
}

// Shim and DDR

/// Cycles of `columns` simultaneous transfers of `words` words, DDR to DDR through each shim.
Cycle copies(const Options& options, const arch::Timing& timing, int columns, int64_t words) {
  Bench b(options, Bench::npu1(), timing);
  Words in(static_cast<size_t>(words));
  Words out(static_cast<size_t>(words));
  const std::vector<HostBuffer> arguments{argument(in), argument(out)};
  arch::Commands sequence;
  for (int col = 0; col < columns; ++col) {
    const Coord shim{static_cast<uint8_t>(col), 0};
    b.circuit(shim, kDma0, shim, kDma0);
    b.route_tokens(shim);
    sequence = sequence + Bench::shim_task(shim, kS2mm, 0, 1, 1, {{Length, words}}, true) +
               Bench::shim_task(shim, kMm2s, 0, 0, 0, {{Length, words}});
  }
  for (int col = 0; col < columns; ++col)
    sequence.push_back(arch::Sync{.col = static_cast<uint8_t>(col), .row = 0});
  const RunResult result = b.run(sequence, arguments);
  EXPECT_EQ(result.end, End::Finished);
  return result.cycles;
}

class Ddr : public BothFidelities {};
INSTANTIATE_TEST_SUITE_P(Streams, Ddr, kBothFidelities, fidelity_name);

TEST_P(Ddr, ColumnsDoNotSlowEachOtherBelowItsBandwidth) {
  const arch::Timing timing = quick_controller();
  EXPECT_EQ(copies(options(), timing, 1, 2048), copies(options(), timing, 2, 2048));
}

TEST_P(Ddr, ColumnsShareItsBandwidth) {
  arch::Timing timing = quick_controller();
  timing.ddr.bytes_per_cycle.value = 4;
  const Cycle one = copies(options(), timing, 1, 2048);
  const Cycle two = copies(options(), timing, 2, 2048);
  EXPECT_GT(two, one + 2048);
}

TEST_P(Ddr, WritesAreServedWhileTheyStream) {
  const arch::Timing timing = quick_controller();
  EXPECT_EQ(copies(options(), timing, 1, 4096), copies(options(), timing, 1, 2048) + 2048);
}

TEST_P(Ddr, AShortReadDoesNotWaitForALongOne) {
  constexpr int64_t kLong = 1 << 15;
  constexpr int64_t kShort = 512;
  arch::Timing timing = quick_controller();
  timing.ddr.bytes_per_cycle.value = 4;
  Bench b(options(), Bench::npu1(), timing);
  Words in(kLong);
  Words out(kLong);
  const std::vector<HostBuffer> arguments{argument(in), argument(out)};
  arch::Commands sequence;
  for (const auto& [col, words] : {std::pair{0, kLong}, std::pair{1, kShort}}) {
    const Coord shim{static_cast<uint8_t>(col), 0};
    b.circuit(shim, kDma0, shim, kDma0);
    b.route_tokens(shim);
    sequence = sequence + Bench::shim_task(shim, kS2mm, 0, 1, 1, {{Length, words}}, true) +
               Bench::shim_task(shim, kMm2s, 0, 0, 0, {{Length, words}});
  }
  sequence.push_back(arch::Sync{.col = 1, .row = 0});
  EXPECT_LT(b.run(sequence, arguments).cycles, static_cast<Cycle>(kLong / 2));
}

TEST_P(Ddr, FirstTaskOfAnIdleChannelSeesTheColdLatency) {
  arch::Timing slow = quick_controller();
  slow.shim.mm2s_cold.value = 5000;
  arch::Timing fast = quick_controller();
  fast.shim.mm2s_cold.value = 1000;
  EXPECT_EQ(copies(options(), slow, 1, 64), copies(options(), fast, 1, 64) + 4000);
}

TEST_P(Ddr, TaskBehindAnotherSeesTheWarmLatency) {
  const auto cycles = [&](double warm) {
    arch::Timing timing = quick_controller();
    timing.shim.mm2s_warm.value = warm;
    Bench b(options(), Bench::npu1(), timing);
    b.circuit(kShim, kDma0, kShim, kDma0);
    b.route_tokens(kShim);
    Words in(64);
    Words out(64);
    const std::vector<HostBuffer> arguments{argument(in), argument(out)};
    return b
        .run(Bench::shim_task(kShim, kS2mm, 0, 1, 1, {{Length, 64}}, true) +
                 Bench::shim_task(kShim, kMm2s, 0, 0, 0, {{Length, 32}}) +
                 Bench::shim_task(kShim, kMm2s, 0, 2, 0, {{Length, 32}}) +
                 arch::Commands{arch::Sync{.col = 1, .row = 0}},
             arguments)
        .cycles;
  };
  EXPECT_EQ(cycles(900), cycles(100) + 800);
}

TEST_P(Ddr, TokenOfAWriteComesAfterItsCompletion) {
  arch::Timing slow = quick_controller();
  slow.shim.s2mm_completion.value = 2170;
  EXPECT_EQ(copies(options(), slow, 1, 64), copies(options(), quick_controller(), 1, 64) + 2000);
}

TEST_P(Ddr, ShortRunsCostWholeBursts) {
  arch::Timing timing = quick_controller();
  timing.ddr.bytes_per_cycle.value = 4;
  const auto cycles = [&](Fields fields) {
    Bench b(options(), Bench::npu1(), timing);
    b.circuit(kShim, kDma0, kShim, kDma0);
    b.route_tokens(kShim);
    Words in(65536);
    Words out(1024);
    const std::vector<HostBuffer> arguments{argument(in), argument(out)};
    return b
        .run(Bench::shim_task(kShim, kS2mm, 0, 1, 1, {{Length, 1024}}, true) +
                 Bench::shim_task(kShim, kMm2s, 0, 0, 0, fields) +
                 arch::Commands{arch::Sync{.col = 1, .row = 0}},
             arguments)
        .cycles;
  };
  EXPECT_GT(cycles({{Length, 1024}, {D0Wrap, 4}, {D1Step, 64}}),
            2000 + cycles({{Length, 1024}, {D0Wrap, 64}, {D1Step, 64}}));
}

}  // namespace
}  // namespace npu::sim
