// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/mlir/reader.h"

#include <gmock/gmock.h>

#include "compiler/design/mlir_printer.h"
#include "compiler/lower/lower.h"
#include "compiler/mlir/attributes.h"
#include "hw-model/arch/error.h"
#include "tests/compiler/designs.h"

namespace npu::compiler::testing {
namespace {

using mlir::Op;
using ::testing::ElementsAre;
using ::testing::StartsWith;

/// The ops of a text that stand in no other.
std::vector<Op> ops(const std::string& text) {
  return mlir::read("module {\n" + text + "\n}", "a.mlir").regions.at(0).at(0).ops;
}
Op only(const std::string& text) {
  std::vector<Op> all = ops(text);
  EXPECT_EQ(all.size(), 1u);
  return all.at(0);
}
std::string text_of(const Op& op, std::string_view name) {
  const mlir::Attribute* attribute = op.attribute(name);
  return attribute ? attribute->text : "none";
}
std::string message(const std::string& text) {
  try {
    mlir::read(text, "a.mlir");
  } catch (const Error& error) {
    return error.what();
  }
  return "read";
}

TEST(MlirReader, KnowsWhereAnOpStands) {
  const Op op = only("  // a comment\n    %t = aie.tile(1, 2)");
  EXPECT_EQ(op.location.line, 3);
  EXPECT_EQ(op.location.column, 10);
}

TEST(MlirReader, AUseHasTheIdOfItsDefinition) {
  const auto all = ops("%t = aie.tile(1, 2)\n%l = aie.lock(%t, 3) {init = 1 : i32}");
  EXPECT_EQ(all[1].operands.at(0).id, all[0].results.at(0).id);
  EXPECT_NE(all[1].results.at(0).id, all[0].results.at(0).id);
}

TEST(MlirReader, ANameInAnIsolatedRegionIsAnother) {
  const auto all =
      ops("%a = arith.constant 1 : i32\nfunc.func @g() {\n%a = arith.constant 2 : i32\n"
          "func.call @f(%a) : (i32) -> ()\n}\nfunc.call @f(%a) : (i32) -> ()");
  const auto& inner = all[1].regions.at(0).at(0).ops;
  EXPECT_EQ(inner.at(1).operands.at(0).id, inner.at(0).results.at(0).id);
  EXPECT_EQ(all[2].operands.at(0).id, all[0].results.at(0).id);
}

TEST(MlirReader, ANameIsFreeAgainAfterItsRegion) {
  const std::string region = "scf.execute_region {\n%a = arith.constant 2 : i32\n}\n";
  EXPECT_EQ(message("module {\n" + region + region + "}"), "read");
}

TEST(MlirReader, ANameIsTakenInTheRegionsOfItsOwnRegion) {
  EXPECT_THAT(message("module {\n%a = arith.constant 1 : i32\nscf.execute_region {\n"
                      "  %a = arith.constant 2 : i32\n}\n}"),
              StartsWith("a.mlir:4:3: `%a` is defined a second time\n"));
}

TEST(MlirReader, ALabelIsFreeInAnotherRegion) {
  const std::string region = "scf.execute_region {\ncf.br ^a\n^a:\nscf.yield\n}\n";
  EXPECT_EQ(message("module {\n" + region + region + "}"), "read");
}

TEST(MlirReader, AValueMayBeDefinedAfterItsUseInALaterBlock) {
  const Op function = only(
      "func.func @f() {\n cf.br ^two\n^one:\n func.call @g(%x) : (i32) -> ()\n func.return\n"
      "^two:\n %x = arith.constant 1 : i32\n cf.br ^one\n}");
  const auto& blocks = function.regions.at(0);
  EXPECT_EQ(blocks.at(1).ops.at(0).operands.at(0).id, blocks.at(2).ops.at(0).results.at(0).id);
}

TEST(MlirReader, ReadsSeveralResultsAndTheirParts) {
  const auto all = ops("%r:2 = \"x.y\"() : () -> (i32, index)\nfunc.call @f(%r#1) : (index) -> ()");
  EXPECT_EQ(all[0].results.at(1).type, "index");
  EXPECT_EQ(all[1].operands.at(0).id, all[0].results.at(1).id);
}

TEST(MlirReader, ReplacesAliases) {
  const Op module = mlir::read(
      "!line = memref<8xi32>\n#p = #aie.packet_info<pkt_type = 0, pkt_id = 5>\nmodule {\n"
      "%b = \"aie.buffer\"() {packet = #p} : () -> !line\n}",
      "a.mlir");
  const Op& buffer = module.regions.at(0).at(0).ops.at(0);
  EXPECT_EQ(buffer.results.at(0).type, "memref<8xi32>");
  EXPECT_EQ(mlir::integer_field(text_of(buffer, "packet"), "pkt_id"), 5);
}

TEST(MlirReader, AnOpThatNoRowDescribesKeepsItsOperandsRegionsAndText) {
  const auto all =
      ops("%a = arith.constant 1 : i32\n"
          "%b = new.thing @of, %a with [%a] {k = 3 : i32} : (i32) -> index\n"
          "new.region on %a {\n %c = arith.constant 2 : i32\n}");
  EXPECT_EQ(all.at(1).operands.size(), 2u);
  EXPECT_EQ(text_of(all[1], "k"), "3 : i32");
  EXPECT_EQ(all[2].regions.at(0).at(0).ops.size(), 1u);
}

TEST(MlirReader, CapitalsAndCamelsAreTodaysOps) {
  const auto all =
      ops("%t = AIE.tile(1, 2)\n%l = AIE.lock(%t, 0)\nAIE.useLock(%l, \"Acquire\", 1)\n"
          "aiex.ipu.dma_wait {symbol = @o}");
  EXPECT_EQ(all.at(2).name, "aie.use_lock");
  EXPECT_EQ(all.at(3).name, "aiex.npu.dma_wait");
}

struct Spelling {
  std::string name;
  std::string text;
  std::string attribute;
  std::string value;
};
void PrintTo(const Spelling& row, std::ostream* out) {
  *out << row.name;
}
class Spellings : public ::testing::TestWithParam<Spelling> {};
const std::string kMemory =
    "%t = aie.tile(0, 1)\n%b = aie.buffer(%t) {sym_name = \"b\"} : memref<16xi32>\n"
    "%l = aie.lock(%t)\n%n = arith.constant 1 : i32\n";
INSTANTIATE_TEST_SUITE_P(
    Reader, Spellings,
    ::testing::Values(
        Spelling{"bd_positional", "aie.dma_bd(%b : memref<16xi32>, 4, 8)", "len", "8"},
        Spelling{"bd_named", "aie.dma_bd(%b : memref<16xi32> offset = 4 len = 8)", "len", "8"},
        Spelling{"bd_in_dictionary", "aie.dma_bd(%b : memref<16xi32>) {len = 8 : i32}", "len",
                 "8 : i32"},
        Spelling{"bd_dimensions", "aie.dma_bd(%b : memref<16xi32>, 0, 8, [<size = 2, stride = 4>])",
                 "dimensions", "[<size = 2, stride = 4>]"},
        Spelling{"bd_sizes",
                 "aie.dma_bd(%b : memref<16xi32> offset = 0 len = 8 sizes = [2] strides = [4])",
                 "strides", "[4]"},
        Spelling{"lock_attribute", "aie.use_lock(%l, AcquireGreaterEqual, 2)", "value", "2"},
        Spelling{"lock_quoted", "aie.use_lock(%l, \"Release\", 2)", "action", "\"Release\""},
        Spelling{"lock_operand", "aie.use_lock(%l, Acquire, %n)", "value", "none"},
        Spelling{"lock_without", "aie.use_lock(%l, Release)", "action", "Release"},
        Spelling{"allocation_by_tile", "aie.shim_dma_allocation @a (%t, MM2S, 1)", "channel_index",
                 "1"},
        Spelling{"allocation_by_column", "aie.shim_dma_allocation @a(S2MM, 0, 3)", "col", "3"},
        Spelling{"fifo",
                 "aie.objectfifo @f(%t, {%t, %t}, [2, 1, 1]) : "
                 "!aie.objectfifo<memref<4xi8>>",
                 "text", "%t, {%t, %t}, [2, 1, 1]"},
        Spelling{"wait", "aiex.npu.dma_wait { symbol = @a}", "symbol", "@a"},
        Spelling{"sequence", "aiex.runtime_sequence(%x: memref<4xi32>) {\n}", "sym_name", "none"},
        Spelling{"sequence_named", "aie.runtime_sequence @s(%x: memref<4xi32>) {\n}", "sym_name",
                 "@s"}),
    [](const auto& row) { return row.param.name; });

TEST_P(Spellings, IsRead) {
  const auto all = ops(kMemory + GetParam().text);
  EXPECT_EQ(text_of(all.back(), GetParam().attribute), GetParam().value);
}

TEST(MlirReader, SaysWhatIsMissingWhere) {
  EXPECT_EQ(message("module {\n  %t = aie.tile(0 2)\n}"),
            "a.mlir:2:19: `,` is missing\n"
            "    %t = aie.tile(0 2)\n"
            "                    ^");
}

TEST(MlirReader, SaysWhichValueIsNotDefined) {
  EXPECT_THAT(message("module {\n  %l = aie.lock(%t, 0)\n}"),
              StartsWith("a.mlir:2:17: `%t` is not defined\n"));
}

TEST(MlirReader, SaysThatARegionDoesNotEnd) {
  EXPECT_THAT(message("module {\n"), StartsWith("a.mlir:2:1: the `}` of this region is missing\n"));
}

class RoundTrip : public ::testing::TestWithParam<std::tuple<int, MlirForm>> {};
INSTANTIATE_TEST_SUITE_P(Reader, RoundTrip,
                         ::testing::Combine(::testing::Values(0, 1, 2),
                                            ::testing::Values(MlirForm::Pretty,
                                                              MlirForm::Generic)));

Design design_number(int number) {
  if (number == 0)
    return copy_through_memtile();
  return lower(number == 1 ? copy_through_memtile() : matmul_flows(arch::kNpu1, 4)).design;
}

TEST_P(RoundTrip, APrintedDesignPrintsTheSameAfterReading) {
  const auto [number, form] = GetParam();
  const std::string text = print_mlir(design_number(number), form);
  // Comments are not part of the tree.
  const size_t begin = text.find("module");
  const std::string printed = mlir::print(mlir::read(text, "a.mlir"), form);
  EXPECT_EQ(printed, text.substr(form == MlirForm::Pretty ? begin : text.find("\"builtin")));
}

}  // namespace
}  // namespace npu::compiler::testing
