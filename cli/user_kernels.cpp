// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/user_kernels.h"

#include <numeric>

#include <dlfcn.h>

#include "hw-model/arch/error.h"

namespace npu::cli {

UserLibrary::UserLibrary(const std::string& path) : path_(path) {
  // A name without a slash would be searched for in the system's folders.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    const char* reason = dlerror();
    throw Error("{}: no shared object with kernels: {}", path, reason ? reason : "no reason given")
        .hint("built with -shared -fPIC from functions as airlock_kernel.h says");
  }
}

airlock_kernel UserLibrary::find(std::string_view name) const {
  return reinterpret_cast<airlock_kernel>(dlsym(library_, std::string(name).c_str()));
}

bool UserLibrary::has(std::string_view name) const {
  return find(name) != nullptr;
}

compiler::ExternalKernel UserLibrary::call(std::string_view name, size_t arguments,
                                           UserKernels& called) const {
  const airlock_kernel function = find(name);
  if (function == nullptr)
    throw Error("{}: the symbol `{}` is missing", path_, name)
        .hint("extern \"C\" void {}(airlock_core* core, const int64_t* arguments)", name);
  called.emplace(std::string(name), function);
  compiler::ExternalKernel kernel{
      .spec = arch::KernelSpec{.op = arch::KernelOp::External, .symbol = std::string(name)}};
  kernel.arguments.resize(arguments);
  std::iota(kernel.arguments.begin(), kernel.arguments.end(), 0);
  return kernel;
}

}  // namespace npu::cli
