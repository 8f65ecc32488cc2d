// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "hw-model/arch/names.h"
#include "hw-model/diagnosis/wait_graph.h"

namespace npu::diagnosis {

/// How the diagnosis speaks of things: by hardware name, and by the design's name where there is
/// one.
class Wording {
 public:
  Wording(const Image& image, const arch::Names& names, const History& history)
      : image_(image), names_(names), history_(history) {}

  /// `memtile(1,1).s2mm2 C(1,3)`
  std::string agent(const Agent& agent) const;
  /// `lock 4 C@64.write of memtile(1,1)`
  std::string lock(LockRef lock) const;
  /// `buffer C@64 [64x128xf32]`, or where it lies.
  std::string buffer(const arch::BufferName& buffer) const;

  /// What a wait is about: `waits for lock 4 C@64.write >= 1, is 0; 0 of 16384 bytes moved`.
  std::string wait(const Wait& wait) const;
  /// The wait when whoever can end it still runs.
  std::string busy(const Wait& wait) const;
  /// The cause when nothing can end the wait.
  std::string dead_end(const Wait& wait) const;

  /// The buffer whose descriptors use a lock; null when it has no name.
  const arch::BufferName* buffer_of(LockRef lock) const;

 private:
  std::string lock_dead_end(const Wait& wait) const;
  std::string words_dead_end(const Wait& wait) const;
  /// Whether all descriptors of a receiver are of that length.
  bool has_objects_of(const Agent& receiver, uint64_t words) const;
  std::string token_dead_end(const Wait& wait) const;
  std::string idle_because(const Agent& channel) const;

  const Image& image_;
  const arch::Names& names_;
  const History& history_;
};

}  // namespace npu::diagnosis
