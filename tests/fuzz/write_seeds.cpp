// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// write_seeds TARGET FOLDER: the files that a fuzzer begins from.
#include <filesystem>

#include "tests/fuzz/targets.h"
#include "xclbin/file.h"

int main(int argc, char** argv) {
  if (argc != 3)
    return 2;
  const std::filesystem::path folder = argv[2];
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const npu::xclbin::Bytes& seed : npu::xclbin::fuzz_target(argv[1]).seeds())
    npu::xclbin::write_file(folder / fmt::format("seed{}", number++), seed);
  return 0;
}
