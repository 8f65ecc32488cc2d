// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/problem.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compiler/mlir/reader.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {
namespace {

using arch::Layout;
using arch::Type;

/// A function that fills C with `zero` and computes it by `op`.
std::string function(const std::string& op, const std::string& a, const std::string& b,
                     const std::string& c, const std::string& zero = "0") {
  return fmt::format(R"(func.func @f(%a: tensor<{1}>, %b: tensor<{2}>) -> tensor<{3}> {{
  %zero = arith.constant {4} : i32
  %empty = tensor.empty() : tensor<{3}>
  %c = linalg.fill ins(%zero : i32) outs(%empty : tensor<{3}>) -> tensor<{3}>
  %p = {0} ins(%a, %b : tensor<{1}>, tensor<{2}>) outs(%c : tensor<{3}>) -> tensor<{3}>
  return %p : tensor<{3}>
}})",
                     op, a, b, c, zero);
}

matmul::Problem problem(const std::string& text) {
  return import_problem(mlir::read(text, "p.mlir"), "p.mlir").problem;
}

std::string refused(const std::string& text) {
  try {
    problem(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const matmul::Problem kBytes{
    .m = 8, .k = 32, .n = 16, .a = Type::I8, .b = Type::I8, .c = Type::I32};

TEST(ProblemInMlir, TypesAndSizesOfAMatmulAreThoseOfItsTensors) {
  EXPECT_EQ(problem(function("linalg.matmul", "8x32xi8", "32x16xi8", "8x16xi32")), kBytes);
}

TEST(ProblemInMlir, ATransposedAIsInColumnOrder) {
  matmul::Problem expected = kBytes;
  expected.a_layout = Layout::Column;
  EXPECT_EQ(problem(function("linalg.matmul_transpose_a", "32x8xi8", "32x16xi8", "8x16xi32")),
            expected);
}

TEST(ProblemInMlir, ATransposedBIsInColumnOrder) {
  matmul::Problem expected = kBytes;
  expected.b_layout = Layout::Column;
  EXPECT_EQ(problem(function("linalg.matmul_transpose_b", "8x32xi8", "16x32xi8", "8x16xi32")),
            expected);
}

TEST(ProblemInMlir, MapsOfANamedMatmulSayItsLayouts) {
  matmul::Problem expected = kBytes;
  expected.b_layout = Layout::Column;
  EXPECT_EQ(problem(function("linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, "
                             "affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]",
                             "8x32xi8", "16x32xi8", "8x16xi32")),
            expected);
}

TEST(ProblemInMlir, TheFirstSizeOfABatchMatmulIsTheBatch) {
  matmul::Problem expected = kBytes;
  expected.batch = 3;
  EXPECT_EQ(problem(function("linalg.batch_matmul", "3x8x32xi8", "3x32x16xi8", "3x8x16xi32")),
            expected);
}

TEST(ProblemInMlir, AFunctionInModulesIsFound) {
  EXPECT_EQ(problem("module { module {" +
                    function("linalg.matmul", "8x32xi8", "32x16xi8", "8x16xi32") + "} }"),
            kBytes);
}

TEST(ProblemInMlir, ASumThatDoesNotBeginWithZerosIsRefused) {
  EXPECT_EQ(refused(function("linalg.matmul", "8x32xi8", "32x16xi8", "8x16xi32", "1")),
            "p.mlir:5:8: linalg.matmul: adds to something else than zeros");
}

TEST(ProblemInMlir, SizesThatDisagreeAreRefused) {
  EXPECT_EQ(refused(function("linalg.matmul", "8x32xi8", "64x16xi8", "8x16xi32")),
            "p.mlir:5:8: linalg.matmul: operand 1 is tensor<64x16xi8>, others say 32 for its "
            "dimension 0");
}

TEST(ProblemInMlir, TheResultOfTheFunctionIsThatOfTheMatmul) {
  std::string text = function("linalg.matmul", "8x32xi8", "32x16xi8", "8x16xi32");
  text.replace(text.find("return %p"), 9, "return %c");
  EXPECT_EQ(refused(text), "p.mlir:6:3: func.return: gives something else than the matmul");
}

TEST(ProblemInMlir, ADesignIsNoProblem) {
  EXPECT_FALSE(is_problem(mlir::read("aie.device(npu1) { %t = aie.tile(0, 2) }", "d.mlir")));
}

}  // namespace
}  // namespace npu::compiler
