// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw-model/arch/names.h"
#include "hw-model/arch/timing.h"
#include "hw-model/diagnosis/history.h"
#include "hw-model/diagnosis/image.h"

namespace npu::diagnosis {

/// Something that a finished run leaves behind, so that the next one does not find the array as
/// this one did.
struct Leftover {
  enum class What : uint8_t {
    Tasks,  ///< in a queue, or under way
    Part,   ///< a descriptor that has moved some of its words
    Port,   ///< words in a receiver's port
    Lock,   ///< a lock that is not where it rests without work
  };
  What what = What::Tasks;
  Agent agent;  ///< of all but locks
  LockRef lock;
  uint64_t count = 0;   ///< tasks, words, or the lock's value
  uint64_t wanted = 0;  ///< words of the descriptor, or the value at which the lock rests
};

/// What is left over when the host is done. Tasks of tile channels that loop for ever do not count.
/// A lock rests where the configuration alone brings it: looping channels and cores take their
/// first locks and wait. Locks that a channel takes in turn are compared by their sum, so that a
/// ring which stops at another place than it began is none; locks whose users still move are not
/// compared, nor any when the abstract machine cannot express the design.
std::vector<Leftover> leftovers(const Image& image, const arch::Timing& timing,
                                const History& history);

/// ``memtile(0,1).s2mm1 `B0` has taken 128 of 4096 bytes of a descriptor``
std::string to_text(const Leftover& leftover, const Image& image, const arch::Names& names);

}  // namespace npu::diagnosis
