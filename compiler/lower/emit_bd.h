// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/design/design.h"

namespace npu::compiler {

/// The words of a descriptor of a core tile or memtile. Throws Error when a value does not fit its
/// field.
std::vector<uint32_t> descriptor_words(const Design& design, const Channel& channel,
                                       const Descriptor& descriptor);

/// The words of a shim descriptor, its address left to an AddressPatch: AXCACHE 2 and the longest
/// burst of the device.
std::vector<uint32_t> transfer_words(const Design& design, const Transfer& transfer);

/// The word that a start queue takes.
uint32_t queue_word(int descriptor, int repeat, bool token);

}  // namespace npu::compiler
