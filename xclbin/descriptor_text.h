// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <span>
#include <string>

#include "hw-model/arch/names.h"
#include "hw-model/arch/tile.h"

namespace npu::xclbin {

/// A descriptor's words as one reads them: `base=0x400 length=1024 d0=32x1 d1=8x64 acq=lock2>=1
/// rel=lock3+1 next=bd1`. Base in bytes, length in words, dimensions as size x step, innermost
/// first; what is at rest is left out. Memory and locks of a memtile's neighbours have `west.` or
/// `east.` before them. With names, the buffer's and the locks' stand behind in brackets.
std::string descriptor_text(arch::Coord tile, std::span<const uint32_t> words,
                            const arch::Names* names = nullptr);

}  // namespace npu::xclbin
