// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/kernels.h"
#include "tests/arch/error_text.h"
#include "tests/xclbin/containers.h"
#include "xclbin/file.h"

namespace npu::cli {
namespace {

using testing::HasSubstr;

class XclbinSplit : public testing::TestWithParam<std::pair<size_t, std::vector<size_t>>> {
 protected:
  XclbinSplit() : folder_(testing::TempDir() + fmt::format("airlock-split-{}", getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~XclbinSplit() override { std::filesystem::remove_all(folder_); }

  static std::vector<CompiledKernel> kernels(size_t count) {
    std::vector<CompiledKernel> result;
    for (size_t i = 0; i < count; ++i)
      result.push_back({xclbin::kernel_named(fmt::format("k{}", i)), {}, &arch::kNpu1});
    return result;
  }
  size_t kernels_in(const std::string& name) const {
    return read_contents(xclbin::read_container(xclbin::read_file(folder_ + "/" + name)))
        .kernels.size();
  }
  std::string folder_;
};

TEST_P(XclbinSplit, KernelsOfEqualContentFillContainersOfSixteen) {
  const auto& [count, sizes] = GetParam();
  const std::string told =
      write_kernels(kernels(count), {.container = folder_ + "/out.xclbin", .split = true});
  for (size_t i = 0; i < sizes.size(); ++i)
    EXPECT_EQ(kernels_in(fmt::format("out.{}.xclbin", i + 1)), sizes[i]);
  EXPECT_THAT(told, HasSubstr(fmt::format("out.{}.xclbin: kernel k{} (", sizes.size(), count - 1)));
}

INSTANTIATE_TEST_SUITE_P(Counts, XclbinSplit,
                         testing::Values(std::pair{size_t{17}, std::vector<size_t>{16, 1}},
                                         std::pair{size_t{33}, std::vector<size_t>{16, 16, 1}}));

TEST_F(XclbinSplit, SeventeenKernelsInOneContainerAreRefusedBeforeAnyFileIsWritten) {
  EXPECT_EQ(error_text([&] { write_kernels(kernels(17), {.container = folder_ + "/out.xclbin"}); }),
            "17 PDIs do not fit into a container; at most 16; split the kernels over several "
            "containers");
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(XclbinSplit, OneContainerKeepsItsName) {
  EXPECT_THAT(write_kernels(kernels(2), {.container = folder_ + "/out.xclbin", .split = true}),
              HasSubstr("out.xclbin: kernel k0 (0x901)"));
}

TEST(NamedFiles, AKernelIsCalledAsItIsNamedOrAsItsFile) {
  const auto files = named_files({"mm=dir/a.yaml", "dir/b.yaml"}, NameOf::Stem);
  EXPECT_EQ(files[0].name, "mm");
  EXPECT_EQ(files[0].path, "dir/a.yaml");
  EXPECT_EQ(files[1].name, "b");
}

}  // namespace
}  // namespace npu::cli
