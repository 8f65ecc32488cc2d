// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "compiler/design/mlir_printer.h"
#include "compiler/lower/lower.h"
#include "compiler/mlir/grammar.h"
#include "compiler/mlir/tree.h"
#include "tests/compiler/designs.h"

namespace npu::compiler::testing {
namespace {

using arch::Op;
using ::testing::HasSubstr;
using ::testing::Not;

/// Counts down two nested loops, chooses between two buffers and calls a kernel on the chosen one.
Core looping_core(Coord tile) {
  Core core{.tile = tile};
  arch::KernelSpec zero;
  zero.op = arch::KernelOp::Zero;
  core.program.kernels = {zero};
  core.program.code = {{.op = Op::Const, .dst = 1, .imm = 8},           // 0
                       {.op = Op::Const, .dst = 2, .imm = 3},           // 1: outer
                       {.op = Op::Const, .dst = 5},                     // 2: buffer `a`
                       {.op = Op::BranchIf, .a = 2, .imm = 5},          // 3: inner
                       {.op = Op::Const, .dst = 5},                     // 4: buffer `b`
                       {.op = Op::Load, .dst = 6, .a = 5, .imm = 4},    // 5
                       {.op = Op::Add, .dst = 6, .a = 6, .b = 7},       // 6
                       {.op = Op::AddImm, .dst = 6, .a = 6, .imm = 2},  // 7
                       {.op = Op::Store, .dst = 6, .a = 5},             // 8
                       {.op = Op::Call, .a = 5, .b = 1, .imm = 0},      // 9
                       {.op = Op::Acquire, .imm = 2},                   // 10
                       {.op = Op::Loop, .dst = 2, .imm = 3},            // 11
                       {.op = Op::Loop, .dst = 1, .imm = 1},            // 12
                       {.op = Op::Event, .imm = 1},                     // 13
                       {.op = Op::Done}};                               // 14
  core.buffers = {{2, 0}, {4, 1}};
  core.locks = {{10, 0}};
  return core;
}

/// Something of everything that a Design can hold.
Design of_all_kinds() {
  Design design{.name = "all kinds"};
  design.notes = {"made: by hand"};
  design.buffers.push_back({.name = "a", .tile = {1, 2}, .shape = {4}, .initial = {1, 2}});
  add_buffer(design, "b", {1, 2}, 4);
  add_lock(design, "go", {1, 2}, 1);
  design.cores.push_back(looping_core({1, 2}));
  design.buffers.push_back(
      {.name = "l2", .tile = kMemtile, .type = arch::Type::Bf16, .shape = {64, 64}});
  const int sent = add_channel(design, "p", kMemtile, Direction::Mm2s,
                               {{.buffer = 2,
                                 .length = 42,
                                 .dims = {{4, 1}, {5, 32}},
                                 .pads = {{1, 1}, {2, 0}},
                                 .packet = Packet{5, 1},
                                 .next = 1},
                                {.buffer = 2,
                                 .length = 8,
                                 .dims = {{8, 4}},
                                 .iteration_step = 32,
                                 .iteration_size = 2,
                                 .suppress_tlast = true}});
  design.channels[0].tasks = {{.first = 0, .repeat = 4}, {.first = 1, .token = true}};
  const int taken = add_channel(design, "p", {0, 2}, Direction::S2mm);
  design.channels[1].out_of_order = true;
  design.channels[1].finish_on_tlast = 2;
  const int kept = add_channel(design, "q", {0, 3}, Direction::S2mm);
  add_flow(design, "p", at_channel(design, sent), {at_channel(design, taken)}, 5);
  add_flow(design, "q", at_channel(design, sent), {at_channel(design, kept)}, 6);
  design.flows.back().keep_packet_header = true;
  const int in = add_shim(design, "in", 1, Direction::Mm2s);
  design.arguments = {{"A", arch::Type::I8, 4096}};
  design.sequence = {Transfer{.shim_channel = in,
                              .argument = 0,
                              .offset = 64,
                              .length = 32,
                              .dims = {{4, 2}, {8, 16}},
                              .repeat = 3,
                              .iteration_step = 1,
                              .token = true,
                              .packet = Packet{3, 0},
                              .id = 7},
                     Await{7},
                     arch::Command(arch::Write{0x1D214, 5}),
                     arch::Command(arch::BlockWrite{0x1D100, {1, 0xFFFFFFFF}}),
                     arch::Command(arch::MaskWrite{0x1F000, 0xC00, 0x400}),
                     arch::Command(arch::MaskPoll{0x1D228, 0x700000, 0}),
                     arch::Command(arch::AddressPatch{0x1D104, 0, 16}),
                     arch::Command(arch::Sync{.col = 1, .direction = Direction::Mm2s}),
                     arch::Command(arch::Load{2})};
  return design;
}

struct Case {
  std::string name;
  Design (*make)();
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}
const std::vector<Case> kCases{
    {"written", [] { return copy_through_memtile(); }},
    {"lowered", [] { return lower(copy_through_memtile()).design; }},
    {"matmul_flows", [] { return lower(matmul_flows(arch::kNpu1, 4)).design; }},
    {"all_kinds", of_all_kinds},
    {"all_kinds_lowered", [] { return lower(of_all_kinds()).design; }},
    {"empty", [] { return Design{}; }},
};

class Mlir : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Designs, Mlir, ::testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST_P(Mlir, IsAcceptedByMlirOptInItsGenericForm) {
  if (!std::filesystem::exists(MLIR_OPT))
    GTEST_SKIP() << "mlir-opt is not installed (Debian package mlir-19-tools)";
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("airlock_mlir_{}.mlir", GetParam().name);
  std::ofstream(file) << print_mlir(GetParam().make(), MlirForm::Generic);
  const std::string command =
      fmt::format("{} --allow-unregistered-dialect {} -o /dev/null", MLIR_OPT, file.string());
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::filesystem::remove(file);
}

TEST_P(Mlir, UsesEveryNameOnce) {
  std::istringstream text(print_mlir(GetParam().make()));
  std::set<std::string> names;
  for (std::string line; std::getline(text, line);) {
    const size_t equals = line.find(" = ");
    if (line.find_first_not_of(' ') == line.find('%') && equals != line.npos) {
      EXPECT_TRUE(names.insert(line.substr(0, equals)).second) << line;
    }
  }
}

TEST_P(Mlir, WritesAllButItsOwnOpsInTheirAssembly) {
  std::istringstream text(print_mlir(GetParam().make()));
  for (std::string line; std::getline(text, line);)
    EXPECT_THAT(
        line, Not(::testing::AnyOf(HasSubstr("\"aie"), HasSubstr("\"arith."), HasSubstr("\"cf."))));
}

/// Compares with tests/compiler/golden; AIRLOCK_UPDATE_GOLDEN=1 rewrites.
void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(GOLDEN) / name;
  if (std::getenv("AIRLOCK_UPDATE_GOLDEN"))
    std::ofstream(file) << text;
  std::ostringstream golden;
  golden << std::ifstream(file).rdbuf();
  EXPECT_EQ(text, golden.str());
}

TEST(MlirGolden, OfADesignAsWritten) {
  expect_golden("copy_written.mlir", print_mlir(copy_through_core(64)));
}
TEST(MlirGolden, OfADesignThatIsLowered) {
  expect_golden("copy_lowered.mlir", print_mlir(lower(copy_through_core(64)).design));
}
TEST(MlirGolden, OfSomethingOfEverything) {
  expect_golden("all_kinds.mlir", print_mlir(lower(of_all_kinds()).design));
}

std::string printed(const mlir::Op& op) {
  return mlir::print(op, MlirForm::Pretty);
}

TEST(MlirGrammar, HasNoSpellingTwice) {
  std::set<std::pair<std::string_view, std::string_view>> spellings;
  for (const mlir::Grammar& row : mlir::grammar())
    EXPECT_TRUE(spellings.emplace(row.op, row.syntax).second) << row.op << row.syntax;
}

TEST(MlirGrammar, LeavesOutAGroupWhoseAttributeIsMissing) {
  mlir::Op lock{.name = "aie.lock", .operands = {{"%t", "index"}}, .results = {{"%l", "index"}}};
  EXPECT_EQ(printed(lock), "%l = aie.lock(%t)\n");
  lock.attributes = {mlir::integer("lockID", 3)};
  EXPECT_EQ(printed(lock), "%l = aie.lock(%t, 3)\n");
}

TEST(MlirGrammar, PutsWhatASyntaxDoesNotNameIntoADictionary) {
  EXPECT_EQ(
      printed({.name = "aie.rule",
               .operands = {{"%m", "index"}},
               .attributes = {mlir::integer("mask", 31, "i8"), mlir::integer("value", 2, "i8"),
                              mlir::boolean("extra", true)}}),
      "aie.rule(31, 2, %m) {extra = true}\n");
}

TEST(MlirGrammar, WritesAnOpWithoutARowInTheGenericForm) {
  EXPECT_EQ(
      printed({.name = "airlock.load", .operands = {{"%a", "i64"}}, .results = {{"%v", "i64"}}}),
      "%v = \"airlock.load\"(%a) : (i64) -> i64\n");
}

TEST(MlirGrammar, QuotesASymbolThatNeedsIt) {
  EXPECT_EQ(mlir::symbol("s", "C(0,2)").bare, "@\"C(0,2)\"");
  EXPECT_EQ(mlir::symbol("s", "in_1").bare, "@in_1");
}

}  // namespace
}  // namespace npu::compiler::testing
