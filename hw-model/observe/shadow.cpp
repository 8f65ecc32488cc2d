// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/shadow.h"

#include <algorithm>

namespace npu::observe {

size_t Shadow::end_word(uint32_t address, uint32_t bytes) const {
  return std::min<size_t>((size_t{address} + bytes + 3) / 4, words_.size());
}

std::optional<Shadow::Race> Shadow::check(uint32_t address, uint32_t bytes, bool write,
                                          size_t agent, const VectorClock& clock) const {
  for (size_t i = address / 4; i < end_word(address, bytes); ++i) {
    const Word& word = words_[i];
    const bool written = word.write.before(agent, clock);
    if (written && (!write || word.read.before(agent, clock)))
      continue;
    const Use& use = written ? word.read : word.write;
    return Race{static_cast<uint32_t>(i * 4), use.agent - 1};
  }
  return std::nullopt;
}

void Shadow::record(uint32_t address, uint32_t bytes, bool write, size_t agent, uint32_t count) {
  const Use use{static_cast<uint32_t>(agent + 1), count};
  for (size_t i = address / 4; i < end_word(address, bytes); ++i)
    (write ? words_[i].write : words_[i].read) = use;
}

}  // namespace npu::observe
