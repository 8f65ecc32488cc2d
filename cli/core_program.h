// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/lower/lower.h"
#include "hw-model/arch/command.h"
#include "hw-model/arch/device.h"
#include "hw-model/arch/timing.h"

namespace npu::cli {

/// `0,2=zero f32 1024` taken apart. Throws Error for what is no core.
std::vector<std::pair<arch::Coord, std::string>> parse_cores(const std::vector<std::string>& texts);

/// Whether an address is the beginning of a core's program memory.
bool is_program_of_core(uint32_t address);

/// Gives a core of a configuration another program: that of a file, or one that calls a kernel for
/// ever. Arguments of the kernel are the buffers of the core's input channels, then those of its
/// output channels, in the order of their descriptors and under their locks. Throws Error for a
/// kernel with another number of arguments and for channels without locks.
void replace_program(arch::Commands& configuration, arch::Coord core, const std::string& what,
                     const arch::Partition& partition, const arch::Timing& timing);

/// Gives all cores that a configuration enables the programs of `programs`, a design of cores with
/// their buffers and locks, and its names to what has none. What the configuration loads into the
/// program memories is dropped. Throws Error, with the file that the programs are from, when it has
/// no core for one that is enabled, one for a core that is not, and when it is for another device.
void replace_programs(compiler::Lowered& lowered, std::string_view file,
                      const compiler::Design& programs, const arch::Partition& partition,
                      const arch::Timing& timing);

}  // namespace npu::cli
