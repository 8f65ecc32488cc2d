// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <functional>
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "compiler/design/reach.h"
#include "compiler/design/verify.h"
#include "compiler/lower/lower.h"
#include "tests/compiler/designs.h"

namespace npu::compiler::testing {
namespace {

/// What one change to a good design makes the verifier say.
struct Broken {
  std::string rule;
  std::function<void(Design&)> change;
  std::string text;
};

void PrintTo(const Broken& broken, std::ostream* out) {
  *out << broken.text;
}

Transfer& transfer(Design& design, size_t index) {
  return std::get<Transfer>(design.sequence[index]);
}

const std::vector<Broken> kBroken{
    {"indices-in-range", [](Design& d) { d.channels[0].descriptors[1].buffer = 99; },
     "memtile(0,1).s2mm0 (in): descriptor 1 names buffer 99, which is not there"},
    {"indices-in-range", [](Design& d) { d.channels[0].descriptors[1].next = 2; },
     "memtile(0,1).s2mm0 (in): descriptor 1 names next descriptor 2, which is not there"},
    {"tiles-in-partition",
     [](Design& d) {
       d.buffers[0].tile = {4, 2};
     },
     "buffer `in.ping`: core(4,2) is outside the partition of 4 columns"},
    {"names-unique", [](Design& d) { d.buffers[1].name = "in.ping"; },
     "core(0,2): there are two buffers `in.ping`"},
    {"cores-on-core-tiles", [](Design& d) { d.cores.push_back(d.cores[0]); },
     "core(0,2): the core has two programs"},
    {"buffers-in-memory", [](Design& d) { d.buffers[0].address = 0xF800; },
     "core(0,2): buffer `in.ping` of 4096 bytes at 0xf800 leaves the memory of 65536 bytes"},
    {"buffers-apart", [](Design& d) { d.buffers[0].address = 512; },
     "core(0,2): buffer `in.ping` at 0x200..0x1200 overlaps the stack at 0x0..0x400"},
    {"numbers-unique", [](Design& d) { d.locks[1].id = d.locks[0].id; },
     "core(0,2): two locks have number 0, one is `in.full`"},
    {"numbers-unique", [](Design& d) { d.channels[2].descriptors[0].id = 16; },
     "core(0,2).s2mm0 (in): descriptor 16 of 16"},
    {"lock-values", [](Design& d) { d.locks[0].initial = 64; },
     "core(0,2): lock `in.free` starts at 64"},
    {"dma-reach", [](Design& d) { d.channels[2].descriptors[0].buffer = 4; },
     "core(0,2).s2mm0 (in): descriptor 0: buffer `in.l2.ping` is in memtile(0,1)"},
    {"neighbour-channels",
     [](Design& d) {
       d.buffers[4].tile = {1, 1};
       d.channels[0].index = 4;
     },
     "memtile(0,1).s2mm4 (in): descriptor 0: channel 4 reaches memtile(1,1)"},
    {"descriptor-in-buffer", [](Design& d) { d.channels[2].descriptors[0].offset = 1; },
     "core(0,2).s2mm0 (in): descriptor 0: reaches word 1024 of buffer `in.ping` of 1024 words"},
    {"descriptor-parity", [](Design& d) { d.channels[0].descriptors[0].id = 30; },
     "memtile(0,1).s2mm0 (in): descriptor 0: number 30 is out of reach of channel 0"},
    {"padding",
     [](Design& d) {
       d.channels[2].descriptors[0].dims = {{8, 1}};
       d.channels[2].descriptors[0].pads = {{1, 0}};
     },
     "core(0,2).s2mm0 (in): descriptor 0: padding"},
    {"channel-tasks", [](Design& d) { d.channels[2].tasks[0].repeat = 257; },
     "core(0,2).s2mm0 (in): a task of 257 executions"},
    {"channel-tasks", [](Design& d) { d.channels[2].tasks.resize(5); },
     "core(0,2).s2mm0 (in): 5 tasks for a queue of 4"},
    {"core-reach", [](Design& d) { d.cores[0].locks[0].index = 4; },
     "core(0,2): instruction 0 of the program uses lock `in.l2.free` in memtile(0,1)"},
    {"shim-channels", [](Design& d) { d.shim_channels[0].col = 7; },
     "shim channel `in`: column 7 of 4"},
    {"flow-ends",
     [](Design& d) {
       d.flows[0].destinations[0].tile = {1, 1};
     },
     "flow `in.l3`: to memtile(1,1).s2mm0: is memtile(0,1).s2mm0 (in)"},
    {"flow-ends",
     [](Design& d) {
       d.flows[0].source = {.tile = kCore, .bundle = arch::Bundle::Core, .channel = 2};
     },
     "flow `in.l3`: from core(0,2).core2: the tile has 1 such ports"},
    {"one-stream-per-port", [](Design& d) { d.flows[1].destinations = d.flows[0].destinations; },
     "flows `in.l3` and `in` both end at memtile(0,1).s2mm0"},
    {"packet-ids", [](Design& d) { d.flows[0].packet_id = 32; }, "flow `in.l3` has packet id 32"},
    {"connections-legal",
     [](Design& d) {
       d.connections = {{.tile = kMemtile,
                         .slave = {arch::Bundle::South, 0},
                         .master = {arch::Bundle::North, 1}}};
     },
     "memtile(0,1): south0 cannot lead to north1"},
    {"switch-ports-once",
     [](Design& d) {
       d.connections = {
           {.tile = kCore, .slave = {arch::Bundle::South, 0}, .master = {arch::Bundle::Dma, 0}},
           {.tile = kCore, .slave = {arch::Bundle::South, 1}, .master = {arch::Bundle::Dma, 0}}};
     },
     "core(0,2): dma0 is driven by south0 and by south1"},
    {"transfers-in-argument", [](Design& d) { transfer(d, 0).offset = 4; },
     "shim(0,0).s2mm0 (out): transfer 1 reaches byte 4099 of argument `c` of 4096 bytes"},
    {"awaits", [](Design& d) { transfer(d, 0).token = false; },
     "transfer 1 is awaited and issues no token"},
    {"awaits", [](Design& d) { d.sequence.push_back(Await{1}); }, "transfer 1 is awaited twice"},
    {"awaits", [](Design& d) { d.sequence.push_back(Await{3}); },
     "transfer 3 is awaited and not started"},
    {"descriptor-fields",
     [](Design& d) {
       d.channels[2].descriptors[0].length = 512;
       d.channels[2].descriptors[0].dims = {{256, 1}, {2, 300}};
     },
     "core(0,2).s2mm0 (in): descriptor 0: size 256 of dimension 0, 1 to 255"},
    {"transfer-fields",
     [](Design& d) {
       transfer(d, 0).length = 16;
       transfer(d, 0).dims = {{2, 1}, {2, 4}, {2, 8}, {2, 16}};
     },
     "shim(0,0).s2mm0 (out): transfer 1: 4 dimensions, at most 3"},
};

class Verify : public ::testing::TestWithParam<Broken> {};
INSTANTIATE_TEST_SUITE_P(Rules, Verify, ::testing::ValuesIn(kBroken), [](const auto& row) {
  std::string name;
  for (const char c : row.param.rule)
    name += c == '-' ? '_' : c;
  return fmt::format("{}_{}", name, row.index);
});

TEST_P(Verify, NamesTheRuleAndTheObject) {
  Design design = lower(copy_through_memtile()).design;
  GetParam().change(design);
  EXPECT_EQ(message([&] { verify(design); }),
            fmt::format("{} [{}]", GetParam().text, GetParam().rule));
}

TEST(VerifyAll, EveryRuleHasADesignThatBreaksIt) {
  std::set<std::string_view> tested;
  for (const Broken& broken : kBroken)
    tested.insert(broken.rule);
  std::set<std::string_view> there;
  for (const Rule& rule : all_rules())
    there.insert(rule.id);
  EXPECT_EQ(tested, there);
}

TEST(VerifyAll, NamesThePlaceInTheFile) {
  Design design = copy_through_core();
  design.locks[0].initial = -1;
  design.locks[0].source = "copy.mlir:12";
  EXPECT_EQ(message([&] { verify(design); }),
            "core(0,2): lock `in.free` starts at -1 (copy.mlir:12) [lock-values]");
}

TEST(VerifyAll, AcceptsWhatLoweringMakes) {
  EXPECT_EQ(message([] { verify(lower(copy_through_memtile()).design); }), "no error");
}

TEST(VerifyAll, AcceptsLongDimensionsOfADesignAsWritten) {
  Design design = copy_through_core();
  design.channels[0].descriptors[0].dims = {{512, 1}, {2, 512}};
  EXPECT_EQ(message([&] { verify(design, Stage::Written); }), "no error");
}

/// The highest word of a walk, one step after the other.
uint64_t walked(const std::vector<Dim>& dims, uint64_t words) {
  uint64_t highest = 0;
  for (uint64_t k = 0; k < words; ++k) {
    uint64_t rest = k;
    uint64_t word = 0;
    for (size_t i = 0; i < dims.size(); ++i) {
      const bool last = i + 1 == dims.size();
      word += (last ? rest : rest % dims[i].size) * dims[i].step;
      rest /= dims[i].size;
    }
    highest = std::max(highest, dims.empty() ? k : word);
  }
  return highest;
}

TEST(HighestWord, IsThatOfAWalkStepByStep) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<Dim> dims(random() % 4);
    for (Dim& dim : dims)
      dim = {1 + random() % 5, 1 + random() % 20};
    const uint64_t words = 1 + random() % 150;
    EXPECT_EQ(highest_word(dims, words), walked(dims, words));
  }
}

TEST(EndWord, CountsIterationsAndLeavesPaddingOut) {
  EXPECT_EQ(end_word({.offset = 5, .length = 10, .iteration_step = 100, .iteration_size = 3}),
            5u + 200 + 10);
  EXPECT_EQ(end_word({.length = 16, .dims = {{13, 1}}, .pads = {{2, 1}}}), 13u);
}

TEST(CoreWindow, DoesNotReachEast) {
  EXPECT_FALSE(core_window({1, 3}, {2, 3}).has_value());
}
TEST(CoreWindow, OfTheLowestCoreDoesNotReachTheMemtile) {
  EXPECT_FALSE(core_window({1, 2}, {1, 1}).has_value());
}
TEST(DmaWindow, OfACoreTileIsItsOwn) {
  EXPECT_FALSE(dma_window({1, 3}, {1, 4}).has_value());
}

}  // namespace
}  // namespace npu::compiler::testing
