// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/commands.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <unistd.h>

namespace npu::cli {

Source SourceOptions::source() const {
  Source source{file, shortcuts};
  for (const std::string& text : set)
    source.overrides.push_back(parse_override(text));
  return source;
}

void add_source_options(CLI::App& command, SourceOptions& options) {
  command.add_option("file", options.file, "a sim or problem file")
      ->type_name("FILE.yaml")
      ->required();
  command.add_option("--set", options.set, "change one key: --set problem.m=1024")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
}

void add_shortcut(CLI::App& command, SourceOptions& options, const std::string& option,
                  const std::string& path, const std::string& value_name,
                  const std::string& sentence) {
  command
      .add_option_function<std::string>(
          option,
          [&options, option, path](const std::string& value) {
            options.shortcuts.push_back({path, value, option + " " + value});
          },
          sentence)
      ->type_name(value_name);
}

bool has_colours(std::FILE* stream) {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(fileno(stream)) != 0 && (no_colour == nullptr || *no_colour == '\0');
}

void write_stdout(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw Error("stdout: {}", std::strerror(errno));
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.flush();
  if (!file)
    throw Error("{}: {}", path, std::strerror(errno))
        .hint("name a file in a directory that exists");
}

}  // namespace npu::cli
