// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/micro_kernels.h"

#include <set>
#include <vector>

#include <fmt/ranges.h>

#include "hw-model/arch/error.h"
#include "hw-model/arch/program.h"
#include "hw-model/logic/kernel_registry.h"
#include "hw-model/yaml.h"
#include "xclbin/elf.h"

namespace npu::cli {
namespace {

/// What a user calls a kernel: its operation, or the name that it is known by alone.
std::string name_of(const arch::KernelSpec& spec) {
  const std::string text = arch::to_string(spec);
  return spec.op == arch::KernelOp::External ? spec.symbol : text.substr(0, text.find(' '));
}

/// Symbols of the kernels that the cores' programs call, by what users call them.
std::map<std::string, std::set<std::string>> called_kernels(
    std::span<const arch::Command> configuration) {
  std::map<std::string, std::set<std::string>> symbols;
  for (const xclbin::CoreElf& core : xclbin::core_elfs(configuration))
    for (const xclbin::ElfSegment& segment : core.elf.segments) {
      if (segment.address != 0 || segment.bytes.empty() || segment.bytes.size() % 4 != 0)
        continue;
      if (const auto program = arch::decode(xclbin::words_of(segment.bytes, "program")))
        for (const arch::KernelSpec& spec : program->kernels)
          symbols[name_of(spec)].insert(logic::kernel_symbol(spec));
    }
  return symbols;
}

}  // namespace

UserKernels external_kernels(const std::map<std::string, std::string>& files,
                             std::span<const arch::Command> configuration) {
  UserKernels functions;
  if (files.empty())
    return functions;
  const auto called = called_kernels(configuration);
  for (const auto& [name, path] : files) {
    const auto symbols = called.find(name);
    if (symbols == called.end()) {
      std::vector<std::string_view> names;
      for (const auto& [each, all] : called)
        names.push_back(each);
      throw Error("kernels: no core calls a kernel `{}`", config::printable(name))
          .hint("the design calls: {}", fmt::join(names, ", "));
    }
    const UserLibrary library(path);
    for (const std::string& symbol : symbols->second)
      library.call(symbol, 0, functions);
  }
  return functions;
}

}  // namespace npu::cli
