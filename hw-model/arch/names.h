// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/tile.h"
#include "hw-model/arch/types.h"

namespace npu::arch {

// Names travel beside Commands, never in them: who prints joins them with ids.

/// A buffer in a tile's memory, by host offset.
struct BufferName {
  Coord tile;
  uint32_t offset = 0;
  uint32_t bytes = 0;
  std::string name;    ///< `C@64`
  std::string shape;   ///< `64x128xf32`
  std::string source;  ///< `file:line` where there is one
};

struct LockName {
  Coord tile;
  uint8_t lock = 0;
  uint8_t initial = 0;
  std::string name;  ///< `C@64.write`
  std::string source;
};

/// A DMA channel's stream.
struct FlowName {
  Coord tile;
  Direction direction = Direction::Mm2s;
  uint8_t channel = 0;
  std::string name;  ///< `A0`
  std::string source;
};

struct KernelName {
  Coord tile;
  std::string name;
};

struct ArgumentName {
  uint32_t index = 0;
  std::string name;
  uint64_t bytes = 0;
  std::string type;
};

/// The table of names of a design.
struct Names {
  std::string design;
  std::vector<BufferName> buffers;
  std::vector<LockName> locks;
  std::vector<FlowName> flows;
  std::vector<KernelName> cores;
  std::vector<ArgumentName> arguments;
  std::vector<std::string>
      notes;  ///< what the compiler knows of its own doing, for diagnosis (`key: value`)

  const BufferName* buffer_at(Coord tile, uint32_t offset) const;
  const LockName* lock(Coord tile, int lock) const;
  const FlowName* flow(Coord tile, Direction direction, int channel) const;
};

}  // namespace npu::arch
