// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "xclbin/bytes.h"
#include "xclbin/cdo.h"

namespace npu::xclbin {

/// Reads the configuration of a transformed PDI: a CDO header with stale lengths, `zone` bytes of
/// commands in groups of equal kind, then the data of their blocks. Old tools end the file up to 20
/// bytes before the end of the last block; what is missing there reads as 0. Throws Error with the
/// offset.
Cdo read_transformed(Reader& partition, uint32_t zone);

}  // namespace npu::xclbin
