// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/user_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw-model/arch/error.h"

namespace npu::cli {
namespace {

using ::testing::HasSubstr;

int32_t word = 21;

TEST(UserKernels, ComeFromASharedObject) {
  const UserLibrary kernels(USER_KERNELS);
  EXPECT_TRUE(kernels.has("twice"));
  airlock_core core{};
  core.memory = [](airlock_core*, uint64_t, uint32_t) -> void* { return &word; };
  const int64_t address = 0;
  UserKernels called;
  kernels.call("twice", 1, called);
  called.at("twice")(&core, &address);
  EXPECT_EQ(word, 42);
}

TEST(UserKernels, MissingSymbolIsNamed) {
  const UserLibrary kernels(USER_KERNELS);
  EXPECT_FALSE(kernels.has("thrice"));
  try {
    UserKernels called;
    kernels.call("thrice", 1, called);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(": the symbol `thrice` is missing"));
  }
}

TEST(UserKernels, FileThatIsNoSharedObjectIsRefused) {
  try {
    UserLibrary kernels(__FILE__);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no shared object with kernels: "));
  }
}

}  // namespace
}  // namespace npu::cli
