// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/tile.h"

#include <fmt/format.h>

namespace npu::arch {

std::string to_string(Coord tile) {
  return fmt::format("{}({},{})", to_string(tile.kind()), tile.col, tile.row);
}

}  // namespace npu::arch
