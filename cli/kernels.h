// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/mlir_workload.h"
#include "xclbin/kernels.h"

namespace npu::cli {

/// A design file and the name that its kernel gets.
struct NamedFile {
  std::string name;
  std::string path;
};

/// What a kernel is called whose name is not given: as compilers call it, or as its file.
enum class NameOf : uint8_t { Compiler, Stem };
/// `mm=matmul.yaml` taken apart.
std::vector<NamedFile> named_files(const std::vector<std::string>& texts, NameOf name_of);

/// A design on its way into a container.
struct CompiledKernel {
  xclbin::KernelImage image;
  xclbin::Bytes instructions;
  const arch::Device* device = nullptr;
};
/// Throws Error with the file when the design cannot be compiled.
CompiledKernel compile_kernel(const NamedFile& file, const std::vector<Override>& overrides,
                              const MlirOptions& mlir = {});
std::vector<xclbin::KernelImage> images_of(const std::vector<CompiledKernel>& kernels);

/// An option that sets the device of designs.
void add_device_option(CLI::App& command, std::vector<Override>& overrides);

/// Where things go that are compiled into containers.
struct ContainerFiles {
  std::string container;
  std::string instructions;  ///< empty: none
  bool split = false;        ///< over several containers when one is too small
};
/// Writes containers and instruction streams. Returns a line for each kernel that tells where it
/// is.
std::string write_kernels(const std::vector<CompiledKernel>& kernels, const ContainerFiles& files);

}  // namespace npu::cli
