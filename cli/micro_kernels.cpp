// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/micro_kernels.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/ranges.h>

#include "compiler/compile.h"
#include "compiler/kernels/generate.h"
#include "hw-model/arch/error.h"
#include "hw-model/arch/program.h"
#include "hw-model/logic/kernel_registry.h"
#include "hw-model/logic/kernels/isa.h"
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

/// Throws Error when the registry has no such kernel. Any instruction set tells.
void check_built_in(const arch::KernelSpec& spec) {
  logic::kernels::find_kernel(spec, logic::kernels::Isa::Scalar);
}

bool is_built_in(const arch::KernelSpec& spec) {
  try {
    check_built_in(spec);
    return true;
  } catch (const Error&) {
    return false;
  }
}

MicroKernel decide(const arch::KernelSpec& spec, const std::map<std::string, std::string>& files) {
  MicroKernel kernel{.kernel = arch::to_string(spec)};
  if (const auto file = files.find(name_of(spec)); file != files.end()) {
    kernel.origin = KernelOrigin::External;
    kernel.file = file->second;
    UserKernels found;
    UserLibrary(file->second).call(logic::kernel_symbol(spec), 0, found);
  } else if (spec.op == arch::KernelOp::External) {
    kernel.origin = KernelOrigin::External;
  } else if (compiler::can_generate(spec) && !is_built_in(spec)) {
    kernel.origin = KernelOrigin::Generated;
  } else {
    check_built_in(spec);
  }
  return kernel;
}

}  // namespace

std::string origin_text(const MicroKernel& kernel) {
  switch (kernel.origin) {
    case KernelOrigin::Generated:
      return "generated";
    case KernelOrigin::External:
      return kernel.file.empty() ? "external" : "external: " + kernel.file;
    case KernelOrigin::BuiltIn:
      break;
  }
  return "built in";
}

std::vector<MicroKernel> decide_kernels(compiler::Design& design,
                                        const std::map<std::string, std::string>& files) {
  std::vector<MicroKernel> kernels;
  for (const arch::KernelSpec& spec : compiler::micro_kernels(design)) {
    kernels.push_back(decide(spec, files));
    if (kernels.back().origin != KernelOrigin::Generated)
      continue;
    for (compiler::Core& core : design.cores) {
      const auto& called = core.program.kernels;
      if (const auto at = std::ranges::find(called, spec); at != called.end())
        compiler::generate_kernel(core, static_cast<size_t>(at - called.begin()));
    }
  }
  return kernels;
}

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
