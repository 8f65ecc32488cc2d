// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/disasm.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/program.h"
#include "tests/xclbin/containers.h"
#include "xclbin/descriptor_text.h"
#include "xclbin/hex_text.h"
#include "xclbin/info.h"
#include "xclbin/routes.h"
#include "xclbin/statistics.h"
#include "xclbin/txn.h"

namespace npu::xclbin {
namespace {

using arch::BdField;
using arch::Bundle;
using arch::Commands;
using arch::Coord;
using arch::Port;
using arch::TileKind;
using testing::ElementsAre;
using testing::Pair;

using Fields = std::initializer_list<std::pair<BdField, int64_t>>;

std::vector<uint32_t> bd(TileKind kind, Fields fields) {
  std::vector<uint32_t> words(arch::bd_words(kind));
  for (const auto& [field, value] : fields)
    arch::put_bd(kind, words, field, value);
  return words;
}

const std::vector<uint32_t> kCoreBd = bd(TileKind::Core, {{BdField::BaseAddress, 0x100},
                                                          {BdField::Length, 1024},
                                                          {BdField::D0Step, 1},
                                                          {BdField::D1Step, 64},
                                                          {BdField::D0Wrap, 32},
                                                          {BdField::AcquireEnable, 1},
                                                          {BdField::AcquireId, 2},
                                                          {BdField::AcquireValue, -1},
                                                          {BdField::ReleaseId, 3},
                                                          {BdField::ReleaseValue, 1},
                                                          {BdField::UseNextBd, 1},
                                                          {BdField::NextBd, 1},
                                                          {BdField::Valid, 1}});

/// Connects a slave port to a master port as a circuit.
void circuit(Commands& commands, Coord tile, Port slave, Port master) {
  const int from = *arch::slave_index(tile.kind(), slave);
  const int to = *arch::master_index(tile.kind(), master);
  commands.push_back(arch::Write{
      arch::address_of(tile, arch::switch_slave_offset(tile.kind(), from)), 0x80000000});
  commands.push_back(
      arch::Write{arch::address_of(tile, arch::switch_master_offset(tile.kind(), to)),
                  0x80000000 | static_cast<uint32_t>(from)});
}

/// A small configuration by hand: a program, a lock, descriptors in both forms, a route, a task.
Commands small_configuration() {
  Commands commands;
  const arch::Program program{.code = {{.op = arch::Op::Done}},
                              .kernels = {{.op = arch::KernelOp::Zero,
                                           .a = arch::Type::F32,
                                           .b = arch::Type::F32,
                                           .c = arch::Type::F32,
                                           .m = 16}}};
  commands.push_back(arch::BlockWrite{0x00220000, arch::encode(program)});
  commands.push_back(arch::BlockWrite{0x00320000, {0x12345678, 1}});
  commands.push_back(arch::Write{0x0021F020, 2});
  commands.push_back(arch::BlockWrite{0x0021D000, kCoreBd});
  const std::vector<uint32_t> memtile = bd(TileKind::Memtile, {{BdField::BaseAddress, 0x80100 / 4},
                                                               {BdField::Length, 256},
                                                               {BdField::AcquireEnable, 1},
                                                               {BdField::AcquireId, 64 + 5},
                                                               {BdField::AcquireValue, -2},
                                                               {BdField::ReleaseId, 6},
                                                               {BdField::ReleaseValue, 2},
                                                               {BdField::D0PadBefore, 1},
                                                               {BdField::EnablePacket, 1},
                                                               {BdField::PacketId, 3}});
  for (uint32_t i = 0; i < memtile.size(); ++i)
    commands.push_back(arch::Write{0x001A0020 + 4 * i, memtile[i]});
  commands.push_back(arch::MaskWrite{0x0001F000, 0xC00, 0x400});
  circuit(commands, {0, 0}, {Bundle::South, 3}, {Bundle::North, 0});
  circuit(commands, {0, 1}, {Bundle::South, 0}, {Bundle::Dma, 0});
  commands.push_back(arch::Write{0x0021DE04, 0x00020000});
  commands.push_back(arch::Write{0x00232000, 1});
  return commands;
}

std::string golden(const std::string& name) {
  std::ifstream file(AIRLOCK_XCLBIN_DATA "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Disasm, ASmallConfigurationReadsLikeThis) {
  const Commands commands = small_configuration();
  std::string text = to_text(disassemble(commands));
  for (const Route& route : find_routes(commands, arch::partition_of(arch::kNpu1, 4)))
    text += to_string(route) + '\n';
  EXPECT_EQ(text, golden("small_configuration.txt"));
}

TEST(Disasm, WithoutFoldingEveryCommandIsALine) {
  const Commands commands = small_configuration();
  EXPECT_EQ(disassemble(commands, {.fold = false}).size(), commands.size());
}

TEST(Disasm, ShowsOneTileOnDemand) {
  const auto lines = disassemble(small_configuration(), {.only = Coord{0, 3}});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].text, "write core(0,3).program_memory+0x0 .. 2 words: machine code");
}

TEST(Disasm, ABlockOfSeveralDescriptorsIsALineEach) {
  std::vector<uint32_t> words = kCoreBd;
  words.resize(8);
  words.insert(words.end(), kCoreBd.begin(), kCoreBd.end());
  const auto lines = disassemble(Commands{arch::BlockWrite{0x0021D000, words}});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1].text, testing::StartsWith("core(0,2).dma.bd1: base=0x400 length=1024"));
}

TEST(Disasm, HasAJsonForm) {
  const Json json = to_json(disassemble(Commands{arch::Write{0x0021F020, 2}}));
  EXPECT_EQ(json, Json::parse(R"j([{"command": 0, "commands": 1, "tile": "core(0,2)",
                                    "text": "write core(0,2).lock2.value = 0x00000002"}])j"));
}

TEST(Descriptor, NamesStandBehindNumbers) {
  const arch::Names names{.buffers = {{{0, 2}, 0x400, 4096, "C@64", "", ""}},
                          .locks = {{{0, 2}, 2, 0, "C.full", ""}}};
  EXPECT_EQ(descriptor_text({0, 2}, kCoreBd, &names),
            "base=0x400 (C@64) length=1024 d0=32x1 d1=*x64 acq=lock2>=1 (C.full) rel=lock3+1 "
            "next=bd1");
}

TEST(Descriptor, AShimBaseHas48Bits) {
  std::vector<uint32_t> words = bd(TileKind::Shim, {{BdField::Length, 4}, {BdField::Valid, 1}});
  arch::put_shim_bd_address(words, 0x1234'5678'9ABC);
  EXPECT_EQ(descriptor_text({0, 0}, words), "base=0x123456789abc length=4");
}

TEST(Routes, AForkHasSeveralDestinations) {
  Commands commands;
  circuit(commands, {0, 1}, {Bundle::Dma, 0}, {Bundle::Dma, 0});
  circuit(commands, {0, 1}, {Bundle::Dma, 0}, {Bundle::North, 1});
  circuit(commands, {0, 2}, {Bundle::South, 1}, {Bundle::Dma, 1});
  const auto routes = find_routes(commands, arch::partition_of(arch::kNpu1, 1));
  ASSERT_EQ(routes.size(), 1u);
  EXPECT_EQ(to_string(routes[0]),
            "route memtile(0,1).mm2s0 -> memtile(0,1).s2mm0, core(0,2).s2mm1");
}

TEST(Routes, PacketsFollowTheRulesOfTheirId) {
  Commands commands;
  const Coord tile{0, 1};
  const auto write = [&](uint32_t offset, uint32_t value) {
    commands.push_back(arch::Write{arch::address_of(tile, offset), value});
  };
  const int slave = *arch::slave_index(TileKind::Memtile, {Bundle::Dma, 0});
  write(arch::switch_slave_offset(TileKind::Memtile, slave), 0xC0000000);
  // Id 3 to arbiter 1 with msel 0, id 4 to arbiter 1 with msel 1.
  write(arch::switch_slot_offset(TileKind::Memtile, slave, 0), 0x031F0101);
  write(arch::switch_slot_offset(TileKind::Memtile, slave, 1), 0x041F0111);
  for (const auto& [channel, msel] : {std::pair{1, 1u}, std::pair{2, 2u}})
    write(arch::switch_master_offset(
              TileKind::Memtile,
              *arch::master_index(TileKind::Memtile, {Bundle::Dma, static_cast<uint8_t>(channel)})),
          0xC0000001 | msel << 3);
  const auto routes = find_routes(commands, arch::partition_of(arch::kNpu1, 1));
  ASSERT_EQ(routes.size(), 2u);
  EXPECT_EQ(to_string(routes[0]), "route memtile(0,1).mm2s0 packet 3 -> memtile(0,1).s2mm1");
  EXPECT_EQ(to_string(routes[1]), "route memtile(0,1).mm2s0 packet 4 -> memtile(0,1).s2mm2");
}

TEST(Routes, ALoopEnds) {
  Commands commands;
  circuit(commands, {0, 2}, {Bundle::Dma, 0}, {Bundle::North, 0});
  circuit(commands, {0, 3}, {Bundle::South, 0}, {Bundle::South, 0});
  circuit(commands, {0, 2}, {Bundle::North, 0}, {Bundle::North, 0});
  const auto routes = find_routes(commands, arch::partition_of(arch::kNpu1, 1));
  EXPECT_LE(routes.size(), 1u);
}

TEST(Statistics, CountOperationsAndData) {
  const Bytes txn = write_txn(to_txn(Commands{arch::Write{0, 1}, arch::BlockWrite{0, {1, 2, 3}}},
                                     txn_header(arch::Generation::Aie2, 4)));
  EXPECT_EQ(to_string(statistics_of_txn(txn)), "block_write 1, write 1; 3 words of data");
}

TEST(Info, AKernelIsShownWithItsArgumentsAndImage) {
  const Container container = container_of({kernel_named("mm")});
  EXPECT_THAT(
      info_text(container),
      testing::HasSubstr("4 columns, starting at 0\nkernel mm (0x901)\n  arguments: 0 opcode, "
                         "1 instr, 2 ninstr, 3 bo0, 4 bo1, 5 bo2, 6 bo3, 7 bo4\n"));
  EXPECT_EQ(info_json(container)["kernels"][0]["pdi"]["cores"], 1);
}

TEST(Info, FilesAreKnownByTheirFirstBytes) {
  const Container container = container_of({kernel_named("mm")});
  EXPECT_EQ(identify(write_container(container)), FileKind::Container);
  EXPECT_EQ(identify(kernel_named("mm").pdi), FileKind::Pdi);
  const Bytes txn = write_txn(to_txn({}, txn_header(arch::Generation::Aie2, 4)));
  EXPECT_EQ(identify(txn), FileKind::Txn);
  const std::string text = hex_text(words_of(txn, "txn"));
  EXPECT_EQ(identify(Bytes(text.begin(), text.end())), FileKind::TxnText);
  EXPECT_EQ(identify(Bytes{9, 9, 9}), FileKind::Unknown);
}

TEST(Info, ExtractingGivesSectionsImagesAndPrograms) {
  std::vector<std::string> names;
  for (const Extracted& file : extract(container_of({kernel_named("a/b")})))
    names.push_back(file.name);
  EXPECT_THAT(names,
              ElementsAre("00.MEM_TOPOLOGY", "01.EMBEDDED_METADATA", "02.IP_LAYOUT",
                          "03.CONNECTIVITY", "04.AIE_PARTITION", "05.GROUP_CONNECTIVITY",
                          "06.GROUP_TOPOLOGY", "0.a_b.pdi", "0.a_b.cdo", "0.a_b.core_0_2.elf"));
}

}  // namespace
}  // namespace npu::xclbin
