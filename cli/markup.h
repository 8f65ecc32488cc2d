// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <string_view>

namespace npu::cli {

/// The text as XML and HTML have it, attributes included; what XML does not allow becomes `?`.
std::string escaped(std::string_view text);

}  // namespace npu::cli
