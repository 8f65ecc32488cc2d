// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <random>

#include "hw-model/arch/command.h"

namespace npu::xclbin {

/// Random values of a fixed seed.
class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  uint32_t word() { return static_cast<uint32_t>(engine_()); }
  uint32_t below(uint32_t limit) { return word() % limit; }
  std::vector<uint32_t> words(uint32_t count) {
    std::vector<uint32_t> words(count);
    for (uint32_t& w : words)
      w = word();
    return words;
  }
  /// A word address in the partition.
  uint32_t address() { return below(8) << 25 | below(6) << 20 | below(0x40000) << 2; }

  /// A command that configures: write, mask write or block write.
  arch::Command configuration() {
    switch (below(3)) {
      case 0:
        return arch::Write{address(), word()};
      case 1:
        return arch::MaskWrite{address(), word(), word()};
      default:
        // One word would come back as a write; 300 needs the long form of a command's length.
        return arch::BlockWrite{address(), words(2 + below(300))};
    }
  }

  /// Any command.
  arch::Command command() {
    switch (below(6)) {
      case 0:
        return arch::MaskPoll{address(), word(), word()};
      case 1:
        return arch::AddressPatch{address(), below(8), uint64_t{below(256)} << 32 | word()};
      case 2:
        return arch::Sync{static_cast<uint8_t>(below(8)),
                          static_cast<uint8_t>(below(6)),
                          arch::Direction{static_cast<uint8_t>(below(2))},
                          static_cast<uint8_t>(below(6)),
                          static_cast<uint8_t>(below(8)),
                          static_cast<uint8_t>(below(6))};
      case 3:
        return arch::Load{below(256)};
      default:
        return configuration();
    }
  }

  arch::Commands commands(int count, arch::Command (Random::*kind)()) {
    arch::Commands commands;
    for (int i = 0; i < count; ++i)
      commands.push_back((this->*kind)());
    return commands;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace npu::xclbin
