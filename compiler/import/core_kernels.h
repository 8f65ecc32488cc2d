// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/import/core_body.h"

namespace npu::compiler {

/// A function that designs call, and the kernel that it is; configs/kernels/aliases.yaml says how
/// its parts read.
struct KernelAlias {
  std::string name = {};  ///< `*` at the end: and what begins like it
  std::string signature = {};
  std::string kernel = {};
  std::vector<int> pass = {};
};

/// Finds the kernels of external functions.
class KernelNames {
 public:
  KernelNames() = default;
  explicit KernelNames(std::vector<KernelAlias> aliases) : aliases_(std::move(aliases)) {}

  /// A function that takes cycles and touches nothing, whatever its arguments are.
  void stub(std::string name, int cycles) { stubs_[std::move(name)] = cycles; }

  /// The kernel of a call: of a stub, of a name that is a kernel's text itself, or of the first
  /// alias that fits.
  ExternalKernel find(std::string_view name, std::span<const CallArgument> arguments) const;

 private:
  std::vector<KernelAlias> aliases_;
  std::map<std::string, int, std::less<>> stubs_;
};

}  // namespace npu::compiler
