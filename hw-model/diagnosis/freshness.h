// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hw-model/arch/names.h"
#include "hw-model/diagnosis/image.h"
#include "hw-model/observe/hub.h"

namespace npu::diagnosis {

/// Bytes of a memtile that a descriptor sent although no descriptor and no configuration had
/// written them. Works on ranges, not values, so that a timing-only run knows of wrong data too;
/// costs next to nothing after each descriptor's first execution. Memtiles only: a core's memory is
/// written by its program as well (the memory checker covers it). Of a sequence that loads other
/// configurations nothing is said: no event tells when one takes the place of another.
class Freshness final : public observe::Observer {
 public:
  /// The image must be complete and outlive the observer.
  explicit Freshness(const Image& image) : image_(image), loads_(image.stages().size() > 1) {}

  struct Stale {
    Cycle cycle = 0;  ///< of the first time
    Agent reader;
    uint8_t bd = 0;
    Coord tile;
    uint32_t first = 0;  ///< byte offset of the first such byte
    uint32_t last = 0;   ///< one past the last
    uint64_t bytes = 0;  ///< in one execution
    uint64_t of = 0;     ///< bytes sent by one execution
  };
  const std::vector<Stale>& stale() const { return stale_; }

  void on(const observe::Event& event) override;

 private:
  void written(const TaskBd& bd, uint64_t shift);
  void sent(Cycle cycle, const Agent& reader, const TaskBd& bd, uint64_t shift);
  const TaskBd* find(const Agent& channel, uint8_t bd) const;

  const Image& image_;
  const bool loads_;
  std::map<Coord, std::vector<bool>> written_;  ///< by word
  std::set<std::pair<Agent, uint64_t>> settled_;
  std::vector<Stale> stale_;
};

/// `memtile(0,1).mm2s2 bd5 sent 32768 of 65536 bytes of C@0 that nothing had written (offsets
/// 32768..65535 of the buffer)`.
std::string to_text(const Freshness::Stale& stale, const arch::Names& names);

}  // namespace npu::diagnosis
