// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hw-model/observe/order.h"

namespace npu::observe {

/// Who used each 32-bit word of a memory last, by which two uses that nothing orders are found
/// although they did not meet in time. Of readers that nothing orders it remembers the latest, so
/// it finds most and never one too many.
class Shadow {
 public:
  explicit Shadow(uint32_t bytes = 0) : words_((size_t{bytes} + 3) / 4) {}

  struct Race {
    uint32_t address;  ///< of the first word
    size_t other;      ///< number of the earlier agent
  };
  /// The first word that `agent`, who knows `clock`, must not use yet.
  std::optional<Race> check(uint32_t address, uint32_t bytes, bool write, size_t agent,
                            const VectorClock& clock) const;
  /// Remembers a use that ended when the agent's own count was `count`.
  void record(uint32_t address, uint32_t bytes, bool write, size_t agent, uint32_t count);

 private:
  /// An agent's number, plus one, and its count at the use.
  struct Use {
    uint32_t agent = 0;
    uint32_t count = 0;
    bool before(size_t me, const VectorClock& clock) const {
      return agent == 0 || agent == me + 1 || count <= clock.of(agent - 1);
    }
  };
  struct Word {
    Use write;
    Use read;
  };
  size_t end_word(uint32_t address, uint32_t bytes) const;

  std::vector<Word> words_;
};

}  // namespace npu::observe
