// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "compiler/import/core_body.h"
#include "hw-model/sim/airlock_kernel.h"

namespace npu::cli {

/// Kernels of a shared object of the user's, which must outlive the runs that use them (see
/// airlock_kernel.h).
class UserKernels {
 public:
  UserKernels() = default;
  /// Throws Error with the loader's reason when the file is no shared object.
  explicit UserKernels(const std::string& path);

  bool has(std::string_view name) const;
  /// A call of a function of the shared object. Throws Error naming the symbol when there is none.
  compiler::ExternalKernel call(std::string_view name, size_t arguments) const;
  /// The functions of those names. Throws Error naming the first symbol that is missing.
  std::map<std::string, airlock_kernel, std::less<>> functions(
      std::span<const std::string> names) const;

 private:
  airlock_kernel find(const std::string& name) const;

  std::string path_;
  void* library_ = nullptr;  ///< stays loaded
};

}  // namespace npu::cli
