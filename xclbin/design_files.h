// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/device.h"
#include "hw-model/arch/names.h"
#include "xclbin/kernels.h"
#include "xclbin/txn.h"

namespace npu::xclbin {

// Between what is simulated, Commands and Names, and files: a configuration is a kernel of a
// container, a host sequence is an instruction file.

/// A configuration as a kernel: its phases in a PDI, as many buffers as the names have arguments.
/// Throws Error for a command that no configuration has and for more arguments than a call can
/// have.
KernelImage kernel_image(std::string name, std::span<const arch::Command> configuration,
                         const arch::Names& names, const arch::Partition& partition);

/// The bytes of an instruction file for a host sequence.
Bytes instruction_file(std::span<const arch::Command> sequence, const arch::Partition& partition);

/// The container in a file, or the one that a bare PDI would be the only kernel of: as wide as its
/// configuration reaches. Throws Error for anything else and with the offset.
Container open_container(View file);

/// A kernel of a container, ready to configure a simulation.
struct LoadedKernel {
  KernelInfo info;
  int columns = 0;
  arch::Commands configuration;
  arch::Names names;  ///< empty for containers of others
  /// Cores whose program is machine code that the model cannot execute.
  std::vector<arch::Coord> foreign_cores;
  std::map<std::string, size_t> unmodelled;  ///< commands without an equivalent
};

/// The kernel of that name, or the only one for an empty name. Throws Error when there is none, it
/// has no PDI, or its image cannot be read.
LoadedKernel load_kernel(const Container& container, std::string_view name = {});

/// The images of a container by the number that a stream loads them with: the first is 1. Throws
/// Error for one that cannot be read.
std::map<uint32_t, arch::Commands> load_images(const Container& container);

/// What each image is called by, of the kernel that it serves; none for containers of others.
std::map<uint32_t, arch::Names> image_names(const Container& container);

/// An instruction file as Commands.
struct LoadedInstructions : TxnCommands {
  arch::Generation generation = arch::Generation::Aie2;
  int columns = 0;
  Aperture aperture = Aperture::Firmware;  ///< of an ELF, Runtime: whoever loads it translates all
};
/// Reads a binary or text file, or the ELF that holds a stream, as `to_commands` does, and the text
/// of before there were transactions, which is for the first generation. Throws Error for anything
/// else and with the offset.
LoadedInstructions load_instructions(View file, Aperture aperture = Aperture::Firmware,
                                     uint32_t translated = kFirmwareArguments);

}  // namespace npu::xclbin
