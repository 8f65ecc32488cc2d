// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <map>

#include "compiler/lower/numbers.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

void assign_locks(Design& design) {
  std::map<Coord, Numbers> taken;
  for (const Lock& lock : design.locks)
    if (lock.id)
      taken[lock.tile].take(*lock.id);
  for (Lock& lock : design.locks) {
    if (lock.id)
      continue;
    const int there = arch::facts(lock.tile.kind()).locks;
    Numbers& numbers = taken[lock.tile];
    lock.id = numbers.free(0, there);
    if (!lock.id) {
      const auto asked = std::count_if(design.locks.begin(), design.locks.end(),
                                       [&](const Lock& other) { return other.tile == lock.tile; });
      throw Error("{}: needs {} locks, has {}: none is left for `{}`", arch::to_string(lock.tile),
                  asked, there, lock.name)
          .hint("let streams of the tile share locks, or move buffers to another tile");
    }
    numbers.take(*lock.id);
  }
}

}  // namespace npu::compiler
