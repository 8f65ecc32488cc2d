// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/arch/error_text.h"
#include "tests/xclbin/containers.h"
#include "xclbin/file.h"
#include "xclbin/sections.h"
#include "xclbin/verify.h"

namespace npu::xclbin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<KernelImage> kernels(int count) {
  std::vector<KernelImage> images;
  for (int i = 0; i < count; ++i)
    images.push_back(kernel_named(fmt::format("k{}", i)));
  return images;
}

std::string merging(const Container& base, const KernelImage& kernel) {
  return error_text([&] { merge(base, std::vector{kernel}); });
}

TEST(Merge, AddsAKernelWithItsImageAndArguments) {
  const Container both =
      merge(container_of({kernel_named("mm", 1)}), std::vector{kernel_named("edge", 2)});
  const NpuContents contents = read_contents(both);
  EXPECT_EQ(contents.kernel("mm").pdi->image, kernel_named("mm", 1).pdi);
  EXPECT_EQ(contents.kernel("edge").pdi->image, kernel_named("edge", 2).pdi);
  EXPECT_EQ(contents.kernel("edge").info.id, 0x902u);
  EXPECT_EQ(read_connectivity(both.bytes_of(SectionKind::Connectivity)).at(6),
            (Connection{1, 1, 1}));
}

TEST(Merge, TheResultIsInOrder) {
  const Container both =
      merge(container_of({kernel_named("mm")}), std::vector{kernel_named("edge")});
  EXPECT_THAT(verify(write_container(both)), IsEmpty());
}

TEST(Merge, SectionsOfOtherToolsStay) {
  Container base = container_of({kernel_named("mm")});
  const Section unknown{SectionKind::UserMetadata, "theirs", {1, 2, 3}};
  base.append(unknown);
  const Container both = merge(base, std::vector{kernel_named("edge")});
  EXPECT_THAT(both.sections(), testing::Contains(unknown));
}

TEST(Merge, KeepsTheNamesOfBoth) {
  KernelImage mm = kernel_named("mm");
  mm.names.design = "matmul";
  KernelImage edge = kernel_named("edge");
  edge.names.design = "sobel";
  const Container both = merge(container_of({mm}), std::vector{edge});
  EXPECT_EQ(names_of(both, "mm").design, "matmul");
  EXPECT_EQ(names_of(both, "edge").design, "sobel");
}

TEST(Merge, EqualImagesUnderDifferentNamesAreNoClash) {
  const NpuContents contents = read_contents(make_container(kernels(16), arch::kNpu1));
  EXPECT_EQ(contents.partition.pdis.size(), 16u);
  EXPECT_NE(contents.partition.pdis[0].uuid, contents.partition.pdis[15].uuid);
}

TEST(Merge, APdiWithoutUuidGetsOne) {
  KernelImage mm = kernel_named("mm");
  mm.uuid = Uuid{};
  const Container both = merge(container_of({mm}), std::vector{kernel_named("edge")});
  EXPECT_FALSE(read_contents(both).partition.pdis.at(0).uuid.is_zero());
}

TEST(Merge, KernelsOfAContainerMayShareAnId) {
  // Overlays of the vendor have a second kernel for the first image.
  Container base = container_of({kernel_named("mm")});
  KernelInfo shared{.name = "profile", .id = 0x901, .instances = {"i"}};
  base.set(SectionKind::EmbeddedMetadata, "",
           add_kernels(base.bytes_of(SectionKind::EmbeddedMetadata), std::vector{shared}));
  const NpuContents contents = read_contents(merge(base, std::vector{kernel_named("edge")}));
  EXPECT_EQ(contents.kernel("profile").pdi, contents.kernel("mm").pdi);
  EXPECT_EQ(contents.kernel("edge").info.id, 0x902u);
}

TEST(MergeErrors, NameBothKernelsOfAClash) {
  KernelImage id = kernel_named("edge");
  id.id = 0x901;
  EXPECT_EQ(merging(container_of({kernel_named("mm")}), id),
            "kernels `mm` of the container and `edge` both have the id 0x901; a container needs "
            "each once");
  EXPECT_EQ(merging(container_of({kernel_named("mm")}), kernel_named("mm", 2)),
            "kernels `mm` of the container and `mm` both have the name `mm`; a container needs "
            "each once");
  KernelImage first = kernel_named("mm");
  first.uuid = parse_uuid("77");
  KernelImage second = kernel_named("edge");
  second.uuid = parse_uuid("77");
  EXPECT_EQ(merging(container_of({first}), second),
            "kernels `mm` of the container and `edge` both have the PDI uuid "
            "00000000-0000-0000-0000-000000000077; a container needs each once");
}

TEST(MergeErrors, AnotherWidth) {
  KernelImage narrow = kernel_named("edge");
  narrow.columns = 1;
  EXPECT_EQ(merging(container_of({kernel_named("mm")}), narrow),
            "kernel `edge` needs 1 columns, the container has 4; kernels of one container share a "
            "partition");
}

TEST(MergeErrors, TooManyPdis) {
  EXPECT_EQ(error_text([] { make_container(kernels(17), arch::kNpu1); }),
            "17 PDIs do not fit into a container; at most 16; split the kernels over several "
            "containers");
}

TEST(MergeErrors, MoreThan32KernelsWhateverTheLimit) {
  EXPECT_EQ(error_text([] { make_container(kernels(33), arch::kNpu1, {.limits = {.pdis = 99}}); }),
            "33 kernels do not fit into a container; at most 32: the driver takes no more compute "
            "units");
}

TEST(MergeErrors, ANameThatIsTooLong) {
  EXPECT_EQ(
      error_text([] { container_of({kernel_named(std::string(56, 'k'))}); }),
      "kernel and instance: `" + std::string(56, 'k') + ":MLIRAIE` has 64 characters; at most 63");
}

TEST(MergeErrors, AnIdOfMoreThanTwelveBits) {
  KernelImage kernel = kernel_named("mm");
  kernel.id = 0x1000;
  EXPECT_EQ(error_text([&] { container_of({kernel}); }),
            "kernel `mm`: id 0x1000 does not fit in 12 bits; at most 0xfff");
}

TEST(Split, SixteenKernelsFillAContainer) {
  EXPECT_EQ(split(16).size(), 1u);
  EXPECT_EQ(split(17).size(), 2u);
  EXPECT_EQ(split(33).size(), 3u);
  EXPECT_THAT(split(3, {.pdis = 2}), ElementsAre(ElementsAre(0, 1), ElementsAre(2)));
}

class Files : public testing::Test {
 protected:
  Files() { std::filesystem::create_directories(folder_); }
  ~Files() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / fmt::format("airlock-files-{}", getpid());
};

TEST_F(Files, AreReplacedAsAWhole) {
  write_file(folder_ / "a", Bytes{1, 2, 3});
  write_file(folder_ / "a", Bytes{4});
  EXPECT_THAT(read_file(folder_ / "a"), ElementsAre(4));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(Files, ThatCannotBeWrittenLeaveNothingBehind) {
  std::filesystem::create_directory(folder_ / "a");
  write_file(folder_ / "a" / "b", Bytes{1});
  EXPECT_THAT(error_text([&] { write_file(folder_ / "a", Bytes{2}); }),
              testing::HasSubstr("cannot be written: Is a directory"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

}  // namespace
}  // namespace npu::xclbin
