// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/user_kernels.h"

#include <filesystem>
#include <numeric>

#include <dlfcn.h>

#include "hw-model/arch/error.h"
#include "xclbin/file.h"
#include "xclbin/uuid.h"

namespace npu::cli {
namespace {

/// Throws Error unless the shared object was built for the interface of this program.
void check_version(void* library, const std::string& path) {
  constexpr uint32_t kWanted = AIRLOCK_KERNEL_VERSION;
  const auto* version = static_cast<const uint32_t*>(dlsym(library, "airlock_kernel_version"));
  if (version == nullptr)
    throw Error("{}: does not say for which version of airlock_kernel.h it is", path)
        .hint("this program has version {}: a file that includes it says so by itself", kWanted);
  if (*version != kWanted)
    throw Error("{}: built for version {} of airlock_kernel.h, this program has version {}", path,
                *version, kWanted)
        .hint("build it again with the {} header", *version < kWanted ? "newer" : "older");
}

}  // namespace

UserLibrary::UserLibrary(const std::string& path) : path_(path) {
  // A name without a slash would be searched for in the system's folders.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    const char* reason = dlerror();
    throw Error("{}: no shared object with kernels: {}", path, reason ? reason : "no reason given")
        .hint("built with -shared -fPIC from functions as airlock_kernel.h says");
  }
  check_version(library_, path_);
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

std::string contents_of(const std::map<std::string, std::string>& files) {
  std::string text;
  for (const auto& [name, path] : files) {
    std::string digest = "missing";
    if (std::error_code problem; std::filesystem::is_regular_file(path, problem))
      digest = to_string(xclbin::uuid_of({xclbin::read_file(path)}));
    text += fmt::format("{} {}\n", name, digest);
  }
  return text;
}

}  // namespace npu::cli
