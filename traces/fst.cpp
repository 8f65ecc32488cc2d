// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/fst.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hw-model/arch/error.h"

extern char** environ;

namespace npu::traces {
namespace {

/// An FST file begins with a header block: type 0, then its length, 329, in eight bytes.
bool is_fst(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char start[9] = {};
  file.read(start, sizeof start);
  return file && std::memcmp(start, "\0\0\0\0\0\0\0\x01\x49", sizeof start) == 0;
}

/// Runs `fst2vcd -f from -o to`; its exit status.
int convert(const std::string& from, const std::string& to) {
  std::string words[] = {"fst2vcd", "-f", from, "-o", to};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(),
                       words[3].data(), words[4].data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int error = posix_spawnp(&child, "fst2vcd", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT)
    throw Error("{}: an FST file, and the program `fst2vcd` is not installed", from)
        .hint("it comes with gtkwave: apt-get install gtkwave");
  if (error != 0)
    throw Error("{}: fst2vcd does not start: {}", from, std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

VcdCopy::VcdCopy(const std::string& path) : original_(path) {
  if (!is_fst(path))
    return;
  std::string name = std::filesystem::temp_directory_path() / "airlock-XXXXXX";
  const int file = mkstemp(name.data());
  if (file < 0)
    throw Error("{}: {}", name, std::strerror(errno));
  close(file);
  copy_ = name;
  std::error_code error;
  if (convert(path, copy_) == 0 && std::filesystem::file_size(copy_, error) > 0)
    return;
  std::filesystem::remove(copy_, error);
  throw Error("{}: fst2vcd cannot read it", path)
      .hint("an FST file that was cut cannot be read; a VCD file can");
}

VcdCopy::~VcdCopy() {
  std::error_code ignored;
  if (!copy_.empty())
    std::filesystem::remove(copy_, ignored);
}

}  // namespace npu::traces
