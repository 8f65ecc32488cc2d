// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/register_rows.h"

namespace npu::arch {

std::span<const Register> registers(TileKind kind) {
  switch (kind) {
    case TileKind::Shim:
      return shim_registers();
    case TileKind::Memtile:
      return memtile_registers();
    case TileKind::Core:
      return core_registers();
  }
  return {};
}

}  // namespace npu::arch
