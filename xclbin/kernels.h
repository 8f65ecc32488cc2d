// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hw-model/arch/names.h"
#include "xclbin/container.h"
#include "xclbin/metadata.h"
#include "xclbin/partition.h"

namespace npu::xclbin {

/// What becomes a kernel of a container.
struct KernelImage {
  std::string name = "MLIR_AIE";
  std::string instance = "MLIRAIE";
  std::optional<uint32_t> id;  ///< missing: the first free one from 0x901
  Bytes pdi;
  int columns = 4;  ///< of the partition that it needs
  int buffers = kLeastBuffers;
  std::optional<Uuid> uuid;  ///< of the PDI; missing: from name and contents
  arch::Names names;         ///< kept when the design has a name
  std::string source;        ///< file that it comes from, for errors
};

/// A kernel that is in a container.
struct ContainedKernel {
  KernelInfo info;
  const PartitionPdi* pdi =
      nullptr;  ///< the first that lists its id, as the runtime picks; or none
};

/// Decoded sections of a container for the NPU.
struct NpuContents {
  AiePartition partition;
  std::vector<KernelInfo> kernels;

  /// Kernels with their PDIs. Pointers are into `partition`.
  std::vector<ContainedKernel> contained() const;
  /// The kernel of that name; the only one when the name is empty. Throws Error with the names.
  ContainedKernel kernel(std::string_view name) const;
};
NpuContents read_contents(const Container& container);

struct Limits {
  int pdis = 16;  ///< in one container
};
/// Compute units that the driver accepts in one hardware context.
inline constexpr int kMostKernels = 32;

/// Start columns for a width: a whole device begins at 0; a part at any place that compilers list.
std::vector<uint16_t> start_columns(const arch::Device& device, int columns);

struct ContainerOptions {
  Limits limits;
  uint64_t timestamp = 0;  ///< seconds since 1970; 0 so that equal inputs are equal files
  bool mirror = true;
};

/// A container as current compilers write it, and a section with the names. Kernels must have the
/// same width. Throws Error for a clash or a limit before anything is built.
Container make_container(std::span<const KernelImage> kernels, const arch::Device& device,
                         const ContainerOptions& options = {});

/// `base` and more kernels: metadata, layout, connectivity, one PDI each, groups anew. Names, ids
/// and PDI uuids stay unique; a clash throws Error with the names of both kernels. Equal images are
/// no clash. PDIs of `base` whose uuid is zero or not the only one get a uuid.
Container merge(const Container& base, std::span<const KernelImage> kernels,
                const Limits& limits = {});

/// How many containers that number of kernels needs: numbers of kernels, in order.
std::vector<std::vector<size_t>> split(size_t kernels, const Limits& limits = {});

/// Names of the kernels' designs; empty when there are none.
arch::Names names_of(const Container& container, std::string_view kernel);

}  // namespace npu::xclbin
