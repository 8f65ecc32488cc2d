// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <string>

#include "hw-model/arch/names.h"
#include "xclbin/bytes.h"

namespace npu::xclbin {

/// Names of the designs in a container, by kernel.
using KernelNames = std::map<std::string, arch::Names>;

/// The section text of the names, and back. Reading throws Error for text that is not such JSON;
/// keys that are missing are empty.
Bytes write_names(const KernelNames& names);
KernelNames read_names(View text);

/// True when a USER_METADATA section holds names rather than something of another tool.
bool is_names(View text);

}  // namespace npu::xclbin
