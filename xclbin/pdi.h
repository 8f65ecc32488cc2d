// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "hw-model/arch/command.h"
#include "xclbin/bytes.h"
#include "xclbin/cdo.h"

namespace npu::xclbin {

/// A programmable device image: headers around one partition, which is one CDO.
struct Pdi {
  std::string image = "aie_image";
  uint32_t image_id = 0x1C00'0000;
  uint32_t id_code = 0x14CA'8093;  ///< the same for both devices
  uint32_t extended_id_code = 1;
  uint32_t measurement = 0;  ///< newer tools write -1
  Cdo cdo;
  /// Rewritten for faster loading: read from its zones, without the NOPs that it once had.
  bool transformed = false;

  bool operator==(const Pdi&) const = default;
};

/// Reads an image by the offsets in its headers. Throws Error with the offset when it has not one
/// image with one partition that is a CDO.
Pdi read_pdi(View bytes);

/// Writes it with canonical headers; what was transformed is written plain.
Bytes write_pdi(const Pdi& pdi);

/// What is not as it should be but does not keep a loader from reading: checksums of headers.
std::vector<std::string> pdi_findings(View bytes);

/// The image of a configuration: its phases as a driver writes them, packed.
Pdi make_pdi(std::span<const arch::Command> configuration);

}  // namespace npu::xclbin
