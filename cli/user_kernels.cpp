// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/user_kernels.h"

#include <numeric>

#include <dlfcn.h>

#include "hw-model/arch/error.h"

namespace npu::cli {

UserKernels::UserKernels(const std::string& path) : path_(path) {
  // A name without a slash would be searched for in the system's folders.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    const char* reason = dlerror();
    throw Error("{}: no shared object with kernels: {}", path, reason ? reason : "no reason given")
        .hint("built with -shared -fPIC from functions as airlock_kernel.h says");
  }
}

airlock_kernel UserKernels::find(const std::string& name) const {
  if (library_ == nullptr)
    return nullptr;
  return reinterpret_cast<airlock_kernel>(dlsym(library_, name.c_str()));
}

bool UserKernels::has(std::string_view name) const {
  return find(std::string(name)) != nullptr;
}

compiler::ExternalKernel UserKernels::call(std::string_view name, size_t arguments) const {
  functions(std::vector{std::string(name)});
  compiler::ExternalKernel kernel{
      .spec = arch::KernelSpec{.op = arch::KernelOp::External, .symbol = std::string(name)}};
  kernel.arguments.resize(arguments);
  std::iota(kernel.arguments.begin(), kernel.arguments.end(), 0);
  return kernel;
}

std::map<std::string, airlock_kernel, std::less<>> UserKernels::functions(
    std::span<const std::string> names) const {
  std::map<std::string, airlock_kernel, std::less<>> found;
  for (const std::string& name : names) {
    const airlock_kernel function = find(name);
    if (function == nullptr)
      throw Error("{}: the symbol `{}` is missing", path_, name)
          .hint("extern \"C\" void {}(airlock_core* core, const int64_t* arguments)", name);
    found.emplace(name, function);
  }
  return found;
}

}  // namespace npu::cli
