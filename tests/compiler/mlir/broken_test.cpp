// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Any text is read or refused with an Error.
#include <random>

#include <gtest/gtest.h>

#include "compiler/design/mlir_printer.h"
#include "compiler/mlir/reader.h"
#include "hw-model/arch/error.h"
#include "tests/compiler/designs.h"

namespace npu::compiler::testing {
namespace {

std::string mutated(std::string text, std::mt19937& random) {
  constexpr std::string_view kBytes = "(){}[]<>:,=#!%^@\"\\-> \n09ax.";
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  for (size_t changes = 1 + below(4); changes > 0 && !text.empty(); --changes) {
    const size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        text[at] = kBytes[below(kBytes.size())];
        break;
      case 1:
        text.erase(at, 1 + below(20));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
      default:
        text.insert(at, 1, kBytes[below(kBytes.size())]);
    }
  }
  return text;
}

TEST(BrokenMlir, IsReadOrRefused) {
  std::mt19937 random(1);
  for (const MlirForm form : {MlirForm::Pretty, MlirForm::Generic}) {
    const std::string text = print_mlir(copy_through_memtile(), form);
    for (int i = 0; i < 500; ++i)
      try {
        mlir::read(mutated(text, random), "a.mlir");
      } catch (const Error&) {
      }
  }
}

TEST(BrokenMlir, DeepNestingIsRefused) {
  std::string text;
  for (int i = 0; i < 100000; ++i)
    text += "module {";
  EXPECT_THROW(mlir::read(text, "a.mlir"), Error);
}

TEST(BrokenMlir, DeepBracketsDoNotOverflow) {
  EXPECT_THROW(mlir::read("%a = x.y " + std::string(1000000, '('), "a.mlir"), Error);
  std::string text = "\"x\"() ";
  for (int i = 0; i < 100000; ++i)
    text += "{a = ";
  EXPECT_THROW(mlir::read(text, "a.mlir"), Error);
}

}  // namespace
}  // namespace npu::compiler::testing
