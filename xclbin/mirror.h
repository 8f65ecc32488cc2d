// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "xclbin/container.h"

namespace npu::xclbin {

inline constexpr std::string_view kMirrorBegin = "XCLBIN_MIRROR_DATA_START";
inline constexpr std::string_view kMirrorEnd = "XCLBIN_MIRROR_DATA_END";

/// The textual copy of header and section headers, between its marks.
std::string mirror_text(const ContainerHeader& header, std::span<const Placed> sections);

/// What the copy in the bytes behind the sections says that is not so; empty when it is true.
std::vector<std::string> mirror_findings(View tail, const ContainerHeader& header,
                                         std::span<const Placed> sections);

}  // namespace npu::xclbin
