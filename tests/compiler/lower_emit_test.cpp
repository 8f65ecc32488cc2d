// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <map>

#include <gmock/gmock.h>

#include "compiler/lower/lower.h"
#include "hw-model/arch/dma.h"
#include "tests/compiler/designs.h"

// Expected words are those of the worked examples in appendix C of the hardware reference, unless a
// test says otherwise.
namespace npu::compiler::testing {
namespace {

using arch::BlockWrite;
using arch::Command;
using arch::Commands;
using arch::Sync;
using arch::TileKind;
using arch::Write;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAreArray;

/// Single writes in a range of tile offsets.
std::map<uint32_t, uint32_t> writes(const Commands& commands, uint32_t begin, uint32_t end) {
  std::map<uint32_t, uint32_t> found;
  for (const Command& command : commands)
    if (const auto* write = std::get_if<Write>(&command);
        write && arch::offset_of(write->address) >= begin && arch::offset_of(write->address) < end)
      found[write->address] = write->value;
  return found;
}

/// The words that a block write puts at an address.
std::vector<uint32_t> block_at(const Commands& commands, uint32_t address) {
  for (const Command& command : commands)
    if (const auto* block = std::get_if<BlockWrite>(&command); block && block->address == address)
      return block->words;
  return {};
}

TEST(EmitCircuits, AreTheWordsOfTheWorkedExample) {
  const Commands configuration = lower(copy_through_memtile()).configuration;
  std::map<uint32_t, uint32_t> found = writes(configuration, 0x3F000, 0x3F200);
  found.merge(writes(configuration, 0xB0000, 0xB0200));
  found.merge(writes(configuration, 0x1F000, 0x1F008));
  std::erase_if(found, [](const auto& write) {
    return write.first >> 20 == 2 && (write.first & 0xFF000) == 0x1F000;
  });
  EXPECT_THAT(found,
              UnorderedElementsAreArray(std::map<uint32_t, uint32_t>{
                  {0x0003f114, 0x80000000}, {0x0003f030, 0x80000005}, {0x0001f000, 0x00000400},
                  {0x001b011c, 0x80000000}, {0x001b0000, 0x80000007}, {0x001b0100, 0x80000000},
                  {0x001b002c, 0x80000000}, {0x0023f114, 0x80000000}, {0x0023f004, 0x80000005},
                  {0x0023f104, 0x80000000}, {0x0023f014, 0x80000001}, {0x001b0134, 0x80000000},
                  {0x001b0004, 0x8000000d}, {0x001b0104, 0x80000000}, {0x001b001c, 0x80000001},
                  {0x0003f138, 0x80000000}, {0x0003f010, 0x8000000e}, {0x0001f004, 0x00000010},
                  {0x0003f100, 0x80000000}, {0x0003f008, 0x80000000}}));
}

/// One ping-pong input of 1024 words at 0x1000, filled through channel 0.
Design ping_pong() {
  Design design;
  const PingPong pair = add_ping_pong(design, "in", kCore, 1024);
  design.buffers[0].address = 0x1000;
  design.buffers[1].address = 0x2000;
  add_channel(design, "in", kCore, Direction::S2mm, turns(pair, Direction::S2mm, 1024));
  return design;
}

TEST(EmitDescriptors, OfACoreTileAreTheWordsOfTheWorkedExample) {
  const Commands configuration = lower(ping_pong()).configuration;
  EXPECT_THAT(block_at(configuration, 0x0021D000),
              ElementsAre(0x01000400, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x0e043fe0));
  EXPECT_THAT(block_at(configuration, 0x0021D020),
              ElementsAre(0x02000400, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x06043fe0));
}

TEST(EmitDescriptors, AreStartedByTheirQueue) {
  EXPECT_THAT(writes(lower(ping_pong()).configuration, 0x1DE00, 0x1DE20),
              ElementsAre(std::pair(0x0021DE04u, 0x00000000u)));
}

/// 64 x 64 bf16 out of a matrix of 512 columns in a memtile, sent on channel 0.
Design submatrix() {
  Design design;
  design.buffers.push_back(
      {.name = "l2", .tile = kMemtile, .type = arch::Type::Bf16, .shape = {64, 512}});
  const int free = add_lock(design, "free", kMemtile, 1);
  const int full = add_lock(design, "full", kMemtile, 0);
  add_channel(design, "A", kMemtile, Direction::Mm2s,
              {{.buffer = 0,
                .length = 2048,
                .dims = {{32, 1}, {64, 256}},
                .acquire = LockUse{.lock = full},
                .release = LockUse{.lock = free}}});
  return design;
}

TEST(EmitDescriptors, OfAMemtileAreTheWordsOfTheWorkedExample) {
  EXPECT_THAT(block_at(lower(submatrix()).configuration, 0x001A0000),
              ElementsAre(0x00000800, 0x00020000, 0x00400000, 0x008000ff, 0x00000000, 0x00000000,
                          0x00000000, 0x8140ff41));
}

TEST(EmitDescriptors, OfAMemtileSeeTheNeighboursThroughTheirWindows) {
  Design design{.partition = arch::partition_of(arch::kNpu1, 3)};
  for (const uint8_t col : {0, 2}) {
    const std::string name = col == 0 ? "west" : "east";
    const int buffer = add_buffer(design, name, {col, 1}, 16);
    const int lock = add_lock(design, name, {col, 1}, 1);
    add_channel(design, name, {1, 1}, Direction::Mm2s,
                {{.buffer = buffer, .length = 16, .acquire = LockUse{.lock = lock}}});
  }
  const Commands configuration = lower(design).configuration;
  const auto west = block_at(configuration, arch::address_of({1, 1}, 0xA0000));
  const auto east =
      block_at(configuration, arch::address_of({1, 1}, arch::bd_offset(TileKind::Memtile, 24)));
  const auto place = [](const std::vector<uint32_t>& words) {
    return std::pair(4 * arch::get_bd(TileKind::Memtile, words, arch::BdField::BaseAddress),
                     arch::get_bd(TileKind::Memtile, words, arch::BdField::AcquireId));
  };
  EXPECT_EQ(place(west), std::pair(int64_t{0}, int64_t{0}));
  EXPECT_EQ(place(east), std::pair(int64_t{0x100000}, int64_t{128}));
}

/// Eight blocks of 64 rows x 32 words, side by side in rows of 256 words, to the array.
Design eight_blocks(const arch::Device& device = arch::kNpu1) {
  Design design{.partition = arch::partition_of(device, 1)};
  const int channel = add_shim(design, "a", 0, Direction::Mm2s);
  design.arguments = {{"a", arch::Type::Bf16, 64 * 512}};
  design.sequence = {Transfer{.shim_channel = channel,
                              .argument = 0,
                              .length = 2048,
                              .dims = {{32, 1}, {64, 256}},
                              .repeat = 8,
                              .iteration_step = 32,
                              .token = true,
                              .id = 5},
                     Await{5}};
  return design;
}

TEST(EmitSequence, OfATransferIsTheWorkedExample) {
  const Commands sequence = lower(eight_blocks()).sequence;
  ASSERT_EQ(sequence.size(), 4u);
  EXPECT_EQ(std::get<BlockWrite>(sequence[0]),
            (BlockWrite{0x1D000,
                        {0x00000800, 0x00000000, 0x00000000, 0x02000000, 0x840000ff, 0x02000000,
                         0x0070001f, 0x02000000}}));
  EXPECT_EQ(std::get<arch::AddressPatch>(sequence[1]), (arch::AddressPatch{0x1D004, 0, 0}));
  EXPECT_EQ(std::get<Write>(sequence[2]), (Write{0x1D214, 0x80070000}));
  EXPECT_EQ(std::get<Sync>(sequence[3]), (Sync{.direction = Direction::Mm2s, .channel = 0}));
}

TEST(EmitSequence, UsesTheLongestBurstOfTheDevice) {
  const Commands sequence = lower(eight_blocks(arch::kNpu4)).sequence;
  EXPECT_EQ(arch::get_bd(TileKind::Shim, std::get<BlockWrite>(sequence[0]).words,
                         arch::BdField::BurstLength),
            3);
}

TEST(EmitSequence, MakesTheFourthDimensionAnIteration) {
  Design design = eight_blocks();
  auto& transfer = std::get<Transfer>(design.sequence[0]);
  transfer = {.shim_channel = 0,
              .argument = 0,
              .length = 16384,
              .dims = {{16, 1}, {2, 16}, {64, 256}, {8, 32}},
              .token = true,
              .id = 5};
  // The first two dimensions are one run, so that three remain and need no iteration.
  EXPECT_EQ(std::get<Write>(lower(design).sequence[2]).value, 0x80000000);
  transfer.dims = {{8, 1}, {2, 16}, {64, 256}, {16, 8}};
  EXPECT_EQ(std::get<Write>(lower(design).sequence[2]).value, 0x800f0000);
}

TEST(EmitSequence, RepeatsATransferWhoseOuterStepIsZero) {
  Design design = eight_blocks();
  std::get<Transfer>(design.sequence[0]) = {.shim_channel = 0,
                                            .argument = 0,
                                            .length = 256,
                                            .dims = {{64, 1}, {4, 0}},
                                            .token = true,
                                            .id = 5};
  const Commands sequence = lower(design).sequence;
  EXPECT_EQ(std::get<BlockWrite>(sequence[0]).words[0], 64u);
  EXPECT_EQ(std::get<BlockWrite>(sequence[0]).words[6], 0u);
  EXPECT_EQ(std::get<Write>(sequence[2]).value, 0x80030000);
}

TEST(EmitSequence, WaitsForTheTokensBeforeTheAwaitedOne) {
  Design design = eight_blocks();
  auto first = std::get<Transfer>(design.sequence[0]);
  first.id = 4;
  design.sequence.insert(design.sequence.begin(), first);
  const Commands sequence = lower(design).sequence;
  EXPECT_EQ(std::count_if(sequence.begin(), sequence.end(),
                          [](const Command& c) { return std::holds_alternative<Sync>(c); }),
            2);
}

/// What the core's program uses, once lowered.
arch::Program program_of(const Lowered& lowered, Coord core) {
  return *arch::decode(block_at(lowered.configuration, arch::address_of(core, 0x20000)));
}

TEST(EmitProgram, NamesItsOwnLocksAndMemory) {
  const Lowered lowered = lower(copy_through_core());
  const auto& code = program_of(lowered, kCore).code;
  EXPECT_EQ(code[0].a, 48 + 1);  // in.full
  EXPECT_EQ(code[1].a, 48 + 2);  // out.free
  EXPECT_EQ(code[2].imm, 0x70000 + static_cast<int>(*lowered.design.buffers[0].address));
}

class EmitWindow : public ::testing::TestWithParam<std::tuple<Coord, int, int>> {};
INSTANTIATE_TEST_SUITE_P(Neighbours, EmitWindow,
                         ::testing::Values(std::tuple(Coord{1, 2}, 0x40000, 0),
                                           std::tuple(Coord{0, 3}, 0x50000, 16),
                                           std::tuple(Coord{1, 4}, 0x60000, 32),
                                           std::tuple(Coord{1, 3}, 0x70000, 48)));

TEST_P(EmitWindow, OfACoreOntoAMemory) {
  const auto& [owner, address, lock] = GetParam();
  Design design;
  add_buffer(design, "b", owner, 16);
  design.buffers[0].address = 0x800;
  add_lock(design, "l", owner, 1);
  Core core{.tile = {1, 3}};
  core.program.code = {{.op = arch::Op::Const, .dst = 1, .imm = 4},
                       {.op = arch::Op::Acquire, .imm = -1}};
  core.buffers = {{0, 0}};
  core.locks = {{1, 0}};
  design.cores = {core};
  const arch::Program program = program_of(lower(design), core.tile);
  EXPECT_EQ(program.code[0].imm, address + 0x804);
  EXPECT_EQ(program.code[1].a, lock);
}

TEST(EmitConfiguration, HoldsCoresBeforeTheQueuesAndStartsThemLast) {
  const Commands configuration = lower(copy_through_core()).configuration;
  std::vector<uint32_t> order;
  for (const Command& command : configuration)
    if (const auto* write = std::get_if<Write>(&command))
      for (const uint32_t address : {0x0023F004u, 0x00232000u, 0x0021DE04u})
        if (write->address == address)
          order.push_back(address);
  EXPECT_THAT(order, ElementsAre(0x0023F004u, 0x00232000u, 0x0021DE04u, 0x00232000u));
}

TEST(EmitConfiguration, SetsLocksToTheirStart) {
  EXPECT_THAT(writes(lower(copy_through_core()).configuration, 0x1F000, 0x1F100),
              IsSupersetOf({std::pair(0x0021F000u, 2u), std::pair(0x0021F010u, 0u)}));
}

TEST(EmitConfiguration, WritesInitialData) {
  Design design = ping_pong();
  design.buffers[0].initial = {1, 2, 3};
  EXPECT_THAT(block_at(lower(design).configuration, 0x00201000), ElementsAre(1, 2, 3));
}

TEST(EmitConfiguration, SetsTheModesOfAReceiver) {
  Design design = ping_pong();
  design.channels[0].out_of_order = true;
  design.channels[0].finish_on_tlast = 2;
  EXPECT_THAT(writes(lower(design).configuration, 0x1DE00, 0x1DE04),
              ElementsAre(std::pair(0x0021DE00u, 0x00020008u)));
}

TEST(EmitPackets, AreTheWordsOfTheWorkedExample) {
  Design design;
  design.connections = {{.tile = kCore,
                         .slave = {arch::Bundle::South, 0},
                         .master = {arch::Bundle::Dma, 0},
                         .packet_id = 3,
                         .arbiter = 0,
                         .msel = 1,
                         .drop_header = true}};
  EXPECT_THAT(writes(lower(design).configuration, 0x3F000, 0x3F400),
              ElementsAre(std::pair(0x0023f004u, 0xc0000090u), std::pair(0x0023f114u, 0xc0000000u),
                          std::pair(0x0023f250u, 0x031f0110u)));
}

TEST(Names, AreThoseOfTheDesignWithItsNumbers) {
  Design design = copy_through_memtile();
  design.notes = {"schedule: none"};
  const arch::Names names = lower(design).names;
  EXPECT_EQ(names.buffer_at(kMemtile, 4096)->name, "in.l2.pong");
  EXPECT_EQ(names.buffer_at(kMemtile, 4096)->shape, "1024xi32");
  EXPECT_EQ(names.lock(kCore, 1)->name, "in.full");
  EXPECT_EQ(names.flow(kShim, Direction::Mm2s, 0)->name, "in");
  EXPECT_EQ(names.cores[0].name, "copy i32 1024");
  EXPECT_EQ(names.arguments[1].name, "c");
  EXPECT_EQ(names.notes, design.notes);
}

TEST(Names, OfAConfigurationThatTheRunLoadsAreThereToo) {
  Design design = copy_through_memtile();
  Design other = copy_through_memtile();
  for (Buffer& buffer : other.buffers)
    if (buffer.name == "in.l2.pong")
      buffer.name = "second";
  add_lock(other, "more", kMemtile, 1);
  design.others.push_back(other);
  design.sequence.push_back(arch::Command{arch::Load{1}});
  const arch::Names names = lower(design).names;
  EXPECT_EQ(names.buffer_at(kMemtile, 4096)->name, "in.l2.pong or second");
  EXPECT_EQ(names.lock(kCore, 1)->name, "in.full");
  EXPECT_EQ(std::ranges::count(names.locks, "more", &arch::LockName::name), 1);
}

TEST(Names, OfAShimChannelSayWhereTheFileHasIt) {
  Design design = copy_through_memtile();
  design.shim_channels[0].source = "copy.mlir:7";
  EXPECT_EQ(lower(design).names.flow(kShim, Direction::Mm2s, 0)->source, "copy.mlir:7");
}

}  // namespace
}  // namespace npu::compiler::testing
