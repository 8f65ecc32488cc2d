// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/container_files.h"

#include <filesystem>
#include <fstream>

namespace npu::cli {

std::string marked_path(const std::string& path, const std::string& word) {
  std::filesystem::path file(path);
  const std::string ending = file.extension();
  file.replace_extension();
  return file.string() + "." + word + ending;
}

xclbin::Bytes head_of(const std::string& path) {
  constexpr size_t kEnough = 64;
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error("{}: cannot be read", path);
  xclbin::Bytes bytes(kEnough);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

}  // namespace npu::cli
