// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "hw-model/arch/program.h"
#include "hw-model/sim/airlock_kernel.h"
#include "hw-model/sim/fiber.h"

namespace npu::sim {

/// A call of a user's kernel. What the kernel asks for comes as instructions, one by one; their
/// operands are in the first registers.
class UserCall {
 public:
  /// What the kernel may do at once.
  struct Core {
    std::function<std::byte*(uint64_t address, uint32_t bytes)> memory;
    std::function<void(uint64_t cycles)> spend;
  };
  UserCall(airlock_kernel kernel, Core core, std::span<const int64_t> arguments,
           std::span<int64_t> registers);

  /// Goes on after the last instruction is done; false when the kernel has ended.
  bool next();
  const arch::Instruction& instruction() const { return instruction_; }

 private:
  /// What the kernel gets, so that its callbacks find their call.
  struct Handle : airlock_core {
    UserCall* call = nullptr;
  };
  static UserCall& of(airlock_core* core) { return *static_cast<Handle*>(core)->call; }
  void ask(arch::Instruction instruction);

  Core core_;
  std::vector<int64_t> arguments_;
  std::span<int64_t> registers_;
  Handle handle_;
  arch::Instruction instruction_;
  Fiber fiber_;
};

}  // namespace npu::sim
