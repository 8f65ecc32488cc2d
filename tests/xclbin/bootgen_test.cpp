// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// bootgen of Debian's xilinx-bootgen judges our PDIs: `bootgen_test BOOTGEN`. Ends with 77, a
// skipped test, where there is none.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/xclbin/random.h"
#include "xclbin/pdi.h"

namespace npu::xclbin {
namespace {

namespace fs = std::filesystem;

constexpr int kSkipped = 77;
std::string bootgen;

void write(const fs::path& path, View bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Bytes read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

class Bootgen : public testing::Test {
 protected:
  Bootgen() { fs::create_directories(folder_); }
  ~Bootgen() override { fs::remove_all(folder_); }

  /// Runs bootgen in the folder of the test; true when it is content.
  bool run(const std::string& arguments) {
    const std::string command = fmt::format("cd '{}' && '{}' -arch versal {} > log 2>&1",
                                            folder_.string(), bootgen, arguments);
    return std::system(command.c_str()) == 0;
  }

  /// The PDI that bootgen makes of the files.
  Bytes build(std::span<const Cdo> files) {
    std::ofstream bif(folder_ / "design.bif");
    bif << "all:\n{\n  id_code = 0x14ca8093\n  extended_id_code = 0x01\n  image\n  {\n"
           "    name=aie_image, id=0x1c000000\n    { type=cdo";
    for (size_t i = 0; i < files.size(); ++i) {
      write(folder_ / fmt::format("{}.cdo", i), write_cdo(files[i]));
      bif << fmt::format(" file={}.cdo", i);
    }
    bif << " }\n  }\n}\n";
    bif.close();
    EXPECT_TRUE(run("-image design.bif -o design.pdi -w"));
    return read(folder_ / "design.pdi");
  }

  fs::path folder_ = fs::temp_directory_path() / fmt::format("airlock-bootgen-{}", getpid());
};

/// Blocks of every alignment and size, writes and mask writes: a configuration as compilers emit.
std::array<Cdo, 3> random_files(uint32_t seed) {
  Random random(seed);
  return {to_cdo(random.commands(12, &Random::configuration)),
          to_cdo(random.commands(40, &Random::configuration)),
          to_cdo(random.commands(3, &Random::configuration))};
}

TEST_F(Bootgen, MakesTheSamePdiOfTheSameFiles) {
  for (const uint32_t seed : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u}) {
    const std::array files = random_files(seed);
    Pdi pdi;
    pdi.cdo = pack(files);
    EXPECT_EQ(build(files), write_pdi(pdi)) << "seed " << seed;
  }
}

TEST_F(Bootgen, MakesTheSamePdiOfPollsAndOneWordBlocks) {
  const std::array files{Cdo{{{CdoCode::Nop, {}},
                              {CdoCode::MaskPoll64, {0, 0x232004, 1, 1, 100}},
                              {CdoCode::DmaWrite, {0, 0x200044, 9}},
                              {CdoCode::DmaWrite, {0, 0x200048, 9, 8}},
                              {CdoCode::End, {}}}}};
  Pdi pdi;
  pdi.cdo = pack(files);
  EXPECT_EQ(build(files), write_pdi(pdi));
}

TEST_F(Bootgen, ReadsThePdiThatWeWrite) {
  Pdi pdi;
  pdi.cdo = pack(random_files(9));
  write(folder_ / "ours.pdi", write_pdi(pdi));
  ASSERT_TRUE(run("-read ours.pdi"));
  const Bytes log = read(folder_ / "log");
  const std::string text(log.begin(), log.end());
  EXPECT_THAT(text, testing::HasSubstr("IMAGE HEADER (aie_image)"));
  EXPECT_THAT(text, testing::HasSubstr("attributes (0x24) : 0x02000006"));
}

TEST_F(Bootgen, TakesTheConfigurationOutOfThePdiThatWeWrite) {
  Pdi pdi;
  pdi.cdo = pack(random_files(10));
  write(folder_ / "ours.pdi", write_pdi(pdi));
  ASSERT_TRUE(run("-dump ours.pdi"));
  Bytes dumped = read(folder_ / "aie_image_0.bin");
  const Bytes cdo = write_cdo(pdi.cdo);
  ASSERT_GE(dumped.size(), cdo.size());
  dumped.resize(cdo.size());
  EXPECT_EQ(dumped, cdo);
}

}  // namespace
}  // namespace npu::xclbin

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  npu::xclbin::bootgen = argc > 1 ? argv[1] : "bootgen";
  if (std::system(fmt::format("'{}' -help > /dev/null 2>&1", npu::xclbin::bootgen).c_str()) != 0) {
    fmt::print("no {}: install xilinx-bootgen to run this test\n", npu::xclbin::bootgen);
    return npu::xclbin::kSkipped;
  }
  return RUN_ALL_TESTS();
}
