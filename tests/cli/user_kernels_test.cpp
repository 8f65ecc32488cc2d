// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/user_kernels.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
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

/// What is said of a shared object.
std::string refusal(const std::string& path) {
  try {
    UserLibrary kernels(path);
  } catch (const Error& error) {
    return fmt::format("{}; {}", std::string_view(error.what()).substr(path.size()), error.hint());
  }
  return "";
}

TEST(UserKernels, SharedObjectForANewerInterfaceIsRefusedWithBothVersions) {
  EXPECT_EQ(refusal(NEWER_KERNELS),
            ": built for version 2 of airlock_kernel.h, this program has version 1; "
            "build it again with the older header");
}

TEST(UserKernels, SharedObjectForAnOlderInterfaceIsRefusedWithBothVersions) {
  EXPECT_EQ(refusal(OLDER_KERNELS),
            ": built for version 0 of airlock_kernel.h, this program has version 1; "
            "build it again with the newer header");
}

TEST(UserKernels, SharedObjectThatSaysNoVersionIsRefused) {
  EXPECT_EQ(refusal(UNVERSIONED_KERNELS),
            ": does not say for which version of airlock_kernel.h it is; "
            "this program has version 1: a file that includes it says so by itself");
}

TEST(UserKernels, ContentsDifferWithTheFileAndNotWithItsName) {
  const std::string mine = testing::TempDir() + "contents_of.so";
  std::filesystem::copy_file(USER_KERNELS, mine, std::filesystem::copy_options::overwrite_existing);
  const std::string before = contents_of({{"twice", mine}});
  EXPECT_EQ(before, contents_of({{"twice", USER_KERNELS}}));
  std::ofstream(mine, std::ios::app) << "x";
  EXPECT_NE(before, contents_of({{"twice", mine}}));
}

}  // namespace
}  // namespace npu::cli
