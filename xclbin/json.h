// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "xclbin/container.h"

namespace npu::xclbin {

/// Objects keep the order in which they are built.
using Json = nlohmann::ordered_json;

/// One line. Bytes that are not UTF-8 are replaced.
std::string dump(const Json& json);

/// The contents of a section as the common tool's JSON: memory topology, connectivity, IP layout
/// and the groups. Null for other kinds and for one that cannot be read.
Json section_payload(const Section& section);

}  // namespace npu::xclbin
