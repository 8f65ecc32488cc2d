// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/kernel_names.h"

#include <gtest/gtest.h>

#include "hw-model/arch/error.h"
#include "hw-model/config.h"
#include "hw-model/logic/kernel_registry.h"

namespace npu::cli {
namespace {

compiler::CallArgument memory(std::string element, int64_t elements) {
  return {.memory = true, .element = std::move(element), .shape = {elements}};
}

TEST(KernelNamesFile, GivesAKernelThatThereIs) {
  const compiler::CallArgument count{.element = "i32", .value = 512};
  const std::vector<compiler::CallArgument> arguments{memory("ui8", 512), memory("ui8", 512),
                                                      count};
  const auto kernel = kernel_names({}).find("passThroughLine", arguments);
  ASSERT_TRUE(kernel.spec);
  EXPECT_EQ(to_string(*kernel.spec), "copy i8 512");
  EXPECT_EQ(logic::find_kernel(*kernel.spec).arguments.size(), kernel.arguments.size());
}

TEST(KernelNamesFile, StubIsANameAndItsCycles) {
  const auto kernel = kernel_names({"conv=70"}).find("conv", {});
  ASSERT_TRUE(kernel.spec);
  EXPECT_EQ(kernel.spec->cycles, 70);
}

TEST(KernelNamesFile, StubWithoutItsCyclesIsRefused) {
  for (const char* text : {"conv", "conv=", "=5", "conv=-1", "conv=5x"})
    EXPECT_THROW(kernel_names({text}), Error) << text;
}

}  // namespace
}  // namespace npu::cli
