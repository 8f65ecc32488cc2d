// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "xclbin/bytes.h"
#include "xclbin/uuid.h"

namespace npu::xclbin {

enum class CdoGroupType : uint8_t { Unknown, Primary, Lite, PrePost };
/// `PRIMARY`, as the tools write it.
std::string to_string(CdoGroupType type);

/// Which kernels a PDI serves.
struct CdoGroup {
  std::string name = "DPU";
  CdoGroupType type = CdoGroupType::Primary;
  uint64_t pdi_id = 1;
  std::vector<uint64_t> kernel_ids;
  std::vector<uint64_t> pre_groups = {0xC1};
  bool operator==(const CdoGroup&) const = default;
};

struct PartitionPdi {
  Uuid uuid;
  Bytes image;
  std::vector<CdoGroup> groups;
  bool operator==(const PartitionPdi&) const = default;
};

/// AIE_PARTITION: how many columns a kernel needs, where they may start, and the images. Defaults
/// are what compilers write.
struct AiePartition {
  std::string name;
  uint8_t schema_version = 0;
  uint32_t operations_per_cycle = 2048;
  uint64_t inference_fingerprint = 23423;
  uint64_t pre_post_fingerprint = 12345;
  uint16_t columns = 1;
  std::vector<uint16_t> start_columns;
  std::vector<PartitionPdi> pdis;
  std::optional<std::string> kernel_commit_id = "";  ///< older tools write none
  bool operator==(const AiePartition&) const = default;
};

/// Throws Error with the offset. Parts that name the same bytes over and over are an error too.
AiePartition read_partition(View bytes);

/// The heap is in the order of the common tool, so that what it writes comes back byte for byte.
Bytes write_partition(const AiePartition& partition);

}  // namespace npu::xclbin
