// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hw-model/arch/program.h"

namespace npu::logic {

/// Data memory as a core addresses it: south, west, north, own; null where there is none.
using CoreMemory = std::array<std::byte*, 4>;

/// Whether an instruction concerns the core alone: arithmetic, branches, and loads and stores.
bool is_simple(arch::Op op);

/// A core program made ready to run fast, up to the next instruction that is not simple.
class Machine {
 public:
  using Registers = std::array<int64_t, arch::kProgramRegisters>;

  Machine() = default;
  explicit Machine(const arch::Program& program);

  /// Executes simple instructions from `pc` on, at most `limit`, and says how many. Stops before
  /// one that is not simple, one whose memory is missing, and the end of the program.
  uint64_t run(size_t& pc, Registers& registers, const CoreMemory& memory, uint64_t limit) const;
  /// Whether a run would stop at `pc` at once, before an instruction that is not simple.
  bool stops_at(size_t pc) const { return steps_[pc].stops; }

 private:
  /// An instruction with what its type means worked out.
  struct Step {
    uint8_t action = 0;  ///< an Op, or one of the machine's own
    uint8_t spare = 0;   ///< bits that the type leaves free
    uint8_t dst = 0;
    uint8_t a = 0;
    uint8_t b = 0;
    bool stops = true;
    int32_t imm = 0;
  };
  std::vector<Step> steps_;
  std::vector<arch::Instruction> code_;
};

}  // namespace npu::logic
