// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "xclbin/bytes.h"

namespace npu::xclbin {

/// The instruction stream that a control ELF holds, with an address patch behind each block write
/// that a relocation changes; arguments are numbered from the first buffer on, and no offset is
/// moved to DDR (formats reference 12). Throws Error with the offset, for a file without a stream
/// and for relocations of another kind than those of shim descriptors.
Bytes control_stream(View elf);

}  // namespace npu::xclbin
