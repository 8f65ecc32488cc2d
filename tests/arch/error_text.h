// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "hw-model/arch/error.h"

namespace npu {

/// What `f` complains of, the hint after a semicolon; empty when it does not.
template <typename F>
std::string error_text(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.hint().empty() ? error.what() : std::string(error.what()) + "; " + error.hint();
  }
  return {};
}

}  // namespace npu
