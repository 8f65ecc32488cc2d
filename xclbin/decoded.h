// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <string>

#include "hw-model/arch/command.h"

namespace npu::xclbin {

/// What a file says as Commands, and what it says that no Command does, by name and number.
struct Decoded {
  arch::Commands commands;
  std::map<std::string, size_t> skipped;     ///< no effect on the array
  std::map<std::string, size_t> unmodelled;  ///< an effect that no Command has
};

}  // namespace npu::xclbin
