// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/kernel_names.h"

#include <array>
#include <charconv>

#include "hw-model/config.h"
#include "hw-model/yaml.h"

namespace npu::cli {
namespace {

using config::Node;

constexpr std::array<std::string_view, 4> kKeys{"name", "signature", "kernel", "pass"};
constexpr int kMostArguments = 63;
constexpr int kMostCycles = 1'000'000'000;

const Node& value(const Node& row, std::string_view key) {
  const Node* found = row.find(key);
  if (found == nullptr)
    throw Error("{}: `{}` is missing", row.where, key);
  return *found;
}

compiler::KernelAlias read_alias(const Node& row) {
  config::check_keys(row, "kernels", kKeys);
  compiler::KernelAlias alias{.name = config::to_text(value(row, "name"), "name"),
                              .signature = config::to_text(value(row, "signature"), "signature"),
                              .kernel = config::to_text(value(row, "kernel"), "kernel")};
  for (const Node& argument : value(row, "pass").items)
    alias.pass.push_back(static_cast<int>(config::to_integer(argument, "pass", 0, kMostArguments)));
  return alias;
}

}  // namespace

compiler::KernelNames kernel_names(const std::vector<std::string>& stubs) {
  std::vector<compiler::KernelAlias> aliases;
  for (const config::BuiltinFile& file : config::builtin_kernel_names()) {
    const Node root = config::parse_yaml(file.text, std::string(file.path));
    for (const Node& row : value(root, "kernels").items)
      aliases.push_back(read_alias(row));
  }
  compiler::KernelNames names(std::move(aliases));
  for (const std::string& text : stubs) {
    const size_t equals = text.find('=');
    int cycles = -1;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = equals == std::string::npos
                                     ? std::from_chars_result{end, std::errc::invalid_argument}
                                     : std::from_chars(text.data() + equals + 1, end, cycles);
    if (problem != std::errc{} || stop != end || equals == 0 || cycles < 0 || cycles > kMostCycles)
      throw Error("--stub {}: no function with its cycles", text).hint("--stub conv2dk1_i8=5000");
    names.stub(text.substr(0, equals), cycles);
  }
  return names;
}

}  // namespace npu::cli
