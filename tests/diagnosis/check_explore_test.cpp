// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/diagnosis/machine.h"

// Small machines whose orders can be counted by hand.
namespace npu::diagnosis::testing {
namespace {

using arch::Op;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Coord kMemtile{0, 1};

/// Instructions with locks by their index in the design.
class Code {
 public:
  explicit Code(Coord tile) : core_{.tile = tile} {}
  Code& acquire(int lock) { return use(Op::Acquire, lock, -1); }
  Code& release(int lock) { return use(Op::Release, lock, 1); }
  Code& emit(const arch::Instruction& instruction) {
    core_.program.code.push_back(instruction);
    return *this;
  }
  compiler::Core done() {
    emit({.op = Op::Done});
    return core_;
  }

 private:
  Code& use(Op op, int lock, int value) {
    core_.locks.push_back({static_cast<int>(core_.program.code.size()), lock});
    return emit({.op = op, .imm = value});
  }
  compiler::Core core_;
};

Design empty(int columns = 1) {
  Design d;
  d.partition = arch::partition_of(arch::kNpu1, columns);
  return d;
}

/// Two cores of a column take two locks; the second one the other way round when they cross.
void add_philosophers(Design& d, uint8_t column, bool cross) {
  const Coord south{column, 2};
  const Coord north{column, 3};
  const int a = add_lock(d, "a" + std::to_string(column), south, 1);
  const int b = add_lock(d, "b" + std::to_string(column), south, 1);
  d.cores.push_back(Code(south).acquire(a).acquire(b).release(b).release(a).done());
  const int first = cross ? b : a;
  const int second = cross ? a : b;
  d.cores.push_back(
      Code(north).acquire(first).acquire(second).release(second).release(first).done());
  d.sequence.emplace_back(core_done(south));
  d.sequence.emplace_back(core_done(north));
}

Lowered philosophers(bool cross, int columns = 1) {
  Design d = empty(columns);
  for (int column = 0; column < columns; ++column)
    add_philosophers(d, static_cast<uint8_t>(column), cross);
  return compiler::lower(d);
}

TEST(Explore, LocksTakenInOneOrderAreAccepted) {
  EXPECT_EQ(explored(philosophers(false)).verdict, Verdict::Accept);
}

TEST(Explore, LocksTakenCrosswiseAreAnError) {
  EXPECT_EQ(explored(philosophers(true)).verdict, Verdict::Error);
}

TEST(Explore, TheWitnessOfALockCycleHangsTheModel) {
  const Lowered lowered = philosophers(true);
  EXPECT_EQ(run(lowered, explored(lowered).witness), sim::End::Hang);
}

TEST(Explore, TheEventsOfAHangTellWhoWaitsForWhom) {
  const Lowered lowered = philosophers(true);
  const Image image = image_of(lowered);
  History history;
  for (const observe::Event& event : explored(lowered).end)
    history.on(event);
  const WaitGraph graph(image, history);
  const Agent south{{0, 2}, observe::AgentKind::Core, 0};
  const Agent north{{0, 3}, observe::AgentKind::Core, 0};
  EXPECT_THAT(graph.of(south)->on, ElementsAre(north));
  EXPECT_THAT(graph.of(north)->on, ElementsAre(south));
}

TEST(Explore, ColumnsThatShareNothingDoNotMultiply) {
  const uint64_t one = explored(philosophers(false, 1)).states;
  EXPECT_LE(explored(philosophers(false, 4)).states, 4 * one);
}

/// Two cores take from a lock, and none gives it back.
Lowered credit(int units) {
  Design d = empty();
  const int lock = add_lock(d, "credit", {0, 2}, units);
  for (const Coord tile : {Coord{0, 2}, Coord{0, 3}}) {
    d.cores.push_back(Code(tile).acquire(lock).done());
    d.sequence.emplace_back(core_done(tile));
  }
  return compiler::lower(d);
}

TEST(Explore, ACreditForEachOfTwoAcquirersIsAccepted) {
  EXPECT_EQ(explored(credit(2)).verdict, Verdict::Accept);
}

TEST(Explore, OneCreditForTwoAcquirersIsAnErrorInTheFairOrderToo) {
  const Exploration found = explored(credit(1));
  EXPECT_EQ(found.verdict, Verdict::Error);
  EXPECT_TRUE(found.fair);
}

/// A sender of so many words to a receiver that takes 32; the host waits for the sender.
Lowered surplus(uint64_t words) {
  Design d = empty();
  const int send = add_channel(d, "send", kMemtile, Direction::Mm2s,
                               {{.buffer = add_buffer(d, "x", kMemtile, 64), .length = words}});
  const int take = add_channel(d, "take", kMemtile, Direction::S2mm,
                               {{.buffer = add_buffer(d, "y", kMemtile, 64), .length = 32}});
  for (const int channel : {send, take})
    d.channels[static_cast<size_t>(channel)].index = 0;
  add_flow(d, "s", at_channel(d, send), {at_channel(d, take)});
  d.sequence.emplace_back(channel_idle(kMemtile, Direction::Mm2s, 0));
  return compiler::lower(d);
}

TEST(Explore, WordsThatThePortHoldsLetTheSenderFinish) {
  EXPECT_EQ(explored(surplus(32 + 8)).verdict, Verdict::Accept);
}

TEST(Explore, AWordMoreThanThePortHoldsHangs) {
  EXPECT_EQ(explored(surplus(32 + 9)).verdict, Verdict::Error);
}

/// Two senders of packets share the way to two receivers. The second receiver waits until the first
/// has its words.
Lowered shared_way(bool waits) {
  Design d = empty();
  const Coord to{0, 2};
  const int lock = add_lock(d, "first", to, 0);
  const arch::Port trunk{arch::Bundle::North, 0};
  for (int i = 0; i < 2; ++i) {
    const auto n = std::to_string(i);
    const int send = add_channel(d, "s" + n, kMemtile, Direction::Mm2s,
                                 {{.buffer = add_buffer(d, "x" + n, kMemtile, 64),
                                   .length = 64,
                                   .packet = compiler::Packet{.id = i}}});
    Descriptor takes{.buffer = add_buffer(d, "y" + n, to, 64), .length = 64};
    if (i == 0)
      takes.release = LockUse{.lock = lock};
    else if (waits)
      takes.acquire = LockUse{.lock = lock};
    const int take = add_channel(d, "t" + n, to, Direction::S2mm, {takes});
    for (const int channel : {send, take})
      d.channels[static_cast<size_t>(channel)].index = i;
    const arch::Port port{arch::Bundle::Dma, static_cast<uint8_t>(i)};
    d.connections.push_back({.tile = kMemtile, .slave = port, .master = trunk, .packet_id = i});
    d.connections.push_back({.tile = to,
                             .slave = {arch::Bundle::South, 0},
                             .master = port,
                             .packet_id = i,
                             .arbiter = i,
                             .drop_header = true});
    d.sequence.emplace_back(channel_idle(to, Direction::S2mm, i));
  }
  return compiler::lower(d);
}

TEST(Explore, PacketsThatShareAWayAreAcceptedWhenNobodyWaits) {
  EXPECT_EQ(explored(shared_way(false)).verdict, Verdict::Accept);
}

TEST(Explore, APacketThatHoldsTheWayOfTheOneItWaitsForIsAnError) {
  const Exploration found = explored(shared_way(true));
  ASSERT_EQ(found.verdict, Verdict::Error);
  EXPECT_EQ(to_string(found.witness.front()), "arbiter 0 of memtile(0,1) to memtile(0,1).mm2s1");
}

TEST(Explore, TheWitnessOfAnArbiterHangsTheModelThatFinishesWithoutIt) {
  const Lowered lowered = shared_way(true);
  EXPECT_EQ(run(lowered), sim::End::Finished);
  EXPECT_EQ(run(lowered, explored(lowered).witness), sim::End::Hang);
}

TEST(Explore, ABranchOnDataIsUndecided) {
  Design d = empty();
  const Coord tile{0, 2};
  d.cores.push_back(Code(tile)
                        .emit({.op = Op::Const, .dst = 1, .imm = 0x70000})
                        .emit({.op = Op::Load, .dst = 2, .a = 1})
                        .emit({.op = Op::BranchIf, .a = 2, .imm = 0})
                        .done());
  d.sequence.emplace_back(core_done(tile));
  const Exploration found = explored(compiler::lower(d));
  EXPECT_EQ(found.verdict, Verdict::Undecided);
  EXPECT_EQ(found.reason, "a branch of core(0,2) depends on data (instruction 2)");
}

TEST(Explore, LoopsOfConstantsAreComputed) {
  Design d = empty();
  const Coord tile{0, 2};
  const int lock = add_lock(d, "seven", tile, 7);
  d.cores.push_back(Code(tile)
                        .emit({.op = Op::Const, .dst = 1, .imm = 7})
                        .acquire(lock)
                        .emit({.op = Op::Loop, .dst = 1, .imm = 1})
                        .done());
  d.sequence.emplace_back(core_done(tile));
  EXPECT_EQ(explored(compiler::lower(d)).verdict, Verdict::Accept);
}

TEST(Explore, SaysWhichLockHasTooManyOrders) {
  const Exploration found = explored(philosophers(false, 4), {.states = 2});
  EXPECT_EQ(found.verdict, Verdict::Undecided);
  EXPECT_THAT(found.reason, HasSubstr("more than 2 states: lock 0 of core("));
}

TEST(Explore, CodeOfAnotherToolChainIsUndecided) {
  Design d = empty();
  const Coord tile{0, 2};
  d.cores.push_back(Code(tile).done());
  d.sequence.emplace_back(core_done(tile));
  Lowered lowered = compiler::lower(d);
  const uint32_t code = arch::address_of(
      tile, arch::register_offset(arch::TileKind::Core, arch::RegisterId::ProgramMemory));
  lowered.configuration.insert(lowered.configuration.end() - 1, arch::Write{code, 0x1234});
  for (arch::Command& command : lowered.configuration)
    if (auto* block = std::get_if<arch::BlockWrite>(&command); block && block->address == code)
      block->words[0] = 0x1234;
  EXPECT_EQ(explored(lowered).reason, "the code of core(0,2) is not a program of this project");
}

}  // namespace
}  // namespace npu::diagnosis::testing
