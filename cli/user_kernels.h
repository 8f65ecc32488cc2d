// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "compiler/import/core_body.h"
#include "hw-model/sim/airlock_kernel.h"

namespace npu::cli {

/// Functions of a shared object, by name.
using UserKernels = std::map<std::string, airlock_kernel, std::less<>>;

/// A shared object with kernels of the user's (see airlock_kernel.h). It stays loaded.
class UserLibrary {
 public:
  /// Throws Error with the loader's reason when the file is no shared object, and with both
  /// versions when it was built for another interface.
  explicit UserLibrary(const std::string& path);

  bool has(std::string_view name) const;
  /// A call of a function, with all arguments; adds it to those that are called. Throws Error
  /// naming the symbol when there is none.
  compiler::ExternalKernel call(std::string_view name, size_t arguments, UserKernels& called) const;

 private:
  airlock_kernel find(std::string_view name) const;

  std::string path_;
  void* library_ = nullptr;
};

/// What tells shared objects from others of the same names: a line for each with what calls it and
/// a digest of its contents.
std::string contents_of(const std::map<std::string, std::string>& files);

}  // namespace npu::cli
