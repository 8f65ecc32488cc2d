// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/names.h"

#include <algorithm>

namespace npu::arch {

namespace {
template <typename T, typename Match>
const T* first(const std::vector<T>& rows, Match match) {
  const auto found = std::find_if(rows.begin(), rows.end(), match);
  return found == rows.end() ? nullptr : &*found;
}
}  // namespace

const BufferName* Names::buffer_at(Coord tile, uint32_t offset) const {
  return first(buffers, [&](const BufferName& b) {
    return b.tile == tile && offset >= b.offset && offset - b.offset < b.bytes;
  });
}

const LockName* Names::lock(Coord tile, int lock) const {
  return first(locks, [&](const LockName& l) { return l.tile == tile && l.lock == lock; });
}

const FlowName* Names::flow(Coord tile, Direction direction, int channel) const {
  return first(flows, [&](const FlowName& f) {
    return f.tile == tile && f.direction == direction && f.channel == channel;
  });
}

}  // namespace npu::arch
