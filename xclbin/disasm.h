// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/names.h"
#include "xclbin/json.h"

namespace npu::xclbin {

struct DisasmOptions {
  arch::Generation generation = arch::Generation::Aie2;
  bool fold = true;                 ///< whole descriptors in one line, however they were written
  std::optional<arch::Coord> only;  ///< lines of this tile
  const arch::Names* names = nullptr;
};

/// A line of a listing.
struct DisasmLine {
  size_t command = 0;  ///< the first of the commands that it shows
  size_t commands = 1;
  std::optional<arch::Coord> tile;
  std::string text;
};

/// What the commands do, with tiles, registers and fields by name.
std::vector<DisasmLine> disassemble(std::span<const arch::Command> commands,
                                    const DisasmOptions& options = {});

/// The lines as text, each after the number of its command.
std::string to_text(std::span<const DisasmLine> lines);
Json to_json(std::span<const DisasmLine> lines);

}  // namespace npu::xclbin
