// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <chrono>
#include <filesystem>
#include <random>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/fuzz/targets.h"
#include "xclbin/file.h"

namespace npu::xclbin {
namespace {

/// Breaks files: cuts them, flips bits, puts numbers that readers must mistrust into words, and
/// copies a part over another. Always the same for a seed.
class Mutator {
 public:
  explicit Mutator(uint32_t seed) : engine_(seed) {}

  Bytes mutate(Bytes bytes) {
    for (uint32_t i = 1 + below(4); i > 0; --i)
      step(bytes);
    return bytes;
  }

 private:
  uint32_t below(size_t limit) { return limit == 0 ? 0 : static_cast<uint32_t>(engine_() % limit); }

  void step(Bytes& bytes) {
    switch (below(bytes.empty() ? 1 : 5)) {
      case 0:
        bytes.resize(below(bytes.size() + 32));
        break;
      case 1:
        bytes[below(bytes.size())] ^= static_cast<uint8_t>(1u << below(8));
        break;
      case 2:
        word(bytes);
        break;
      default:
        splice(bytes);
    }
  }

  void word(Bytes& bytes) {
    constexpr uint32_t kWords[] = {0,          1,          0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
                                   0xFFFFFFFC, 0x00010000, 0x000000FF, 0x20000000, 0x00FF0105};
    const size_t at = below(bytes.size()) / 4 * 4;
    const uint32_t value = below(2) ? kWords[below(std::size(kWords))]
                                    : static_cast<uint32_t>(bytes.size()) + below(16) - 8;
    for (size_t i = 0; i < 4 && at + i < bytes.size(); ++i)
      bytes[at + i] = static_cast<uint8_t>(value >> 8 * i);
  }

  void splice(Bytes& bytes) {
    const size_t from = below(bytes.size());
    const size_t to = below(bytes.size());
    const size_t count = below(bytes.size() - std::max(from, to)) % 128;
    const Bytes part(bytes.begin() + static_cast<ptrdiff_t>(from),
                     bytes.begin() + static_cast<ptrdiff_t>(from + count));
    std::copy(part.begin(), part.end(), bytes.begin() + static_cast<ptrdiff_t>(to));
  }

  std::mt19937 engine_;
};

class BrokenFiles : public testing::TestWithParam<std::string> {};

TEST_P(BrokenFiles, EndInSuccessOrAnErrorSoonAndWithinMemory) {
  constexpr int kMutations = 1500;
  constexpr std::chrono::seconds kSoon{2};
  constexpr long kMostKib = 768 * 1024;
  const FuzzTarget& target = fuzz_target(GetParam());
  uint32_t seed = 1;
  for (const Bytes& original : target.seeds()) {
    EXPECT_NO_THROW(target.run(original));
    for (int i = 0; i < kMutations; ++i, ++seed) {
      const Bytes broken = Mutator(seed).mutate(original);
      const auto begin = std::chrono::steady_clock::now();
      ASSERT_NO_THROW(target.run(broken)) << "seed " << seed;
      ASSERT_LT(std::chrono::steady_clock::now() - begin, kSoon) << "seed " << seed;
    }
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  EXPECT_LT(usage.ru_maxrss, kMostKib);
}

TEST_P(BrokenFiles, CutAnywhereEndLikewise) {
  const FuzzTarget& target = fuzz_target(GetParam());
  const Bytes original = target.seeds().front();
  for (size_t size = 0; size < original.size(); size += 1 + original.size() / 500)
    ASSERT_NO_THROW(target.run(View(original).first(size))) << size << " bytes";
}

TEST_P(BrokenFiles, OfTheCorpusEndLikewise) {
  const FuzzTarget& target = fuzz_target(GetParam());
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(CORPUS) / GetParam())) {
    ASSERT_NO_THROW(target.run(read_file(entry.path()))) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 0);
}

INSTANTIATE_TEST_SUITE_P(Formats, BrokenFiles,
                         testing::Values("container", "pdi", "cdo", "txn", "elf"),
                         [](const auto& format) { return format.param; });

}  // namespace
}  // namespace npu::xclbin
