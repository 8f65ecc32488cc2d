// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/file.h"

#include <fstream>

#include <unistd.h>

namespace npu::xclbin {

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code problem;
  if (!file || std::filesystem::is_directory(path, problem))
    throw Error("{}: cannot be read", path.string());
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

void write_file(const std::filesystem::path& path, View bytes) {
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}.tmp", getpid());
  std::error_code problem;
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (file)
      std::filesystem::rename(temporary, path, problem);
    else
      problem = std::make_error_code(std::errc::io_error);
  }
  if (problem) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw Error("{}: cannot be written: {}", path.string(), problem.message());
  }
}

}  // namespace npu::xclbin
