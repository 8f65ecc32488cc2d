// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/core_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::compiler {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

CallArgument memory(std::string element, std::vector<int64_t> shape) {
  return {.memory = true, .element = std::move(element), .shape = std::move(shape)};
}
CallArgument number(std::optional<int64_t> value) {
  return {.element = "i32", .value = value};
}

const KernelNames& names() {
  static const KernelNames kNames({
      {"line", "T[n], T[n], number", "copy {T} {2}", {0, 1}},
      {"mul*", "T[n], T[n], i32[f], number", "scale {T} {n}", {0, 2, 1}},
      {"mm", "i8[m, k], i8[k, n], i32[m, n]", "matmul i8 i8 i32 {m}x{k}x{n}", {0, 1, 2}},
  });
  return kNames;
}

std::string found(const KernelNames& in, std::string_view name,
                  const std::vector<CallArgument>& arguments) {
  const ExternalKernel kernel = in.find(name, arguments);
  return kernel.spec ? to_string(*kernel.spec) : "none" + kernel.missing;
}

TEST(KernelNames, TakeTypesAndNumbersFromTheCall) {
  EXPECT_EQ(found(names(), "line", {memory("ui8", {64}), memory("ui8", {64}), number(32)}),
            "copy i8 32");
}

TEST(KernelNames, TakeSizesFromShapes) {
  EXPECT_EQ(
      found(names(), "mm", {memory("i8", {16, 32}), memory("i8", {32, 8}), memory("i32", {16, 8})}),
      "matmul i8 i8 i32 16x32x8");
}

TEST(KernelNames, CountTheElementsOfAnyShape) {
  EXPECT_EQ(found(names(), "mul_it",
                  {memory("i16", {4, 8}), memory("i16", {32}), memory("i32", {1}), number({})}),
            "scale i16 32");
}

TEST(KernelNames, SayWhichArgumentsTheKernelGets) {
  const std::vector<CallArgument> arguments{memory("i16", {8}), memory("i16", {8}),
                                            memory("i32", {1}), number(8)};
  EXPECT_THAT(names().find("mul", arguments).arguments, ElementsAre(0, 2, 1));
}

TEST(KernelNames, WithOtherArgumentsAreNotFound) {
  EXPECT_EQ(found(names(), "line", {memory("i8", {64}), memory("i8", {32}), number(32)}),
            "nonecalled with (i8[64], i8[32], 32), known with (T[n], T[n], number)");
  EXPECT_EQ(found(names(), "line", {memory("i8", {64}), memory("i8", {64}), number({})}),
            "nonecalled with (i8[64], i8[64], number), known with (T[n], T[n], number)");
  EXPECT_EQ(found(names(), "unheard_of", {}), "none");
}

TEST(KernelNames, StubTakesItsCyclesAndNoArguments) {
  KernelNames with_stub = names();
  with_stub.stub("conv", 500);
  const std::vector<CallArgument> arguments{memory("i8", {64}), number(1)};
  EXPECT_EQ(found(with_stub, "conv", arguments), "external conv cycles=500");
  EXPECT_THAT(with_stub.find("conv", arguments).arguments, IsEmpty());
}

TEST(KernelNames, TextOfAKernelIsThatKernel) {
  EXPECT_EQ(found(names(), "zero f32 16", {memory("f32", {16})}), "zero f32 16");
}

}  // namespace
}  // namespace npu::compiler
