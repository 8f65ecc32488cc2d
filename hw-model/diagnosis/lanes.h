// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "hw-model/arch/names.h"
#include "hw-model/diagnosis/image.h"
#include "hw-model/observe/hub.h"

namespace npu::diagnosis {

/// The lanes of a join: channels that write one memtile buffer behind a lock that they share. The
/// lock counts arrivals, not who arrived: a lane that completes twice before another completes once
/// has spent that one's credit. The image and the names must outlive the observer.
class Lanes final : public observe::Observer {
 public:
  Lanes(const Image& image, const arch::Names& names);

  void on(const observe::Event& event) override;

  /// ``buffer `C@0` of memtile(0,1): writer lane 0 (memtile(0,1).s2mm2) completed twice before lane
  /// 1 (memtile(0,1).s2mm3) completed once; both acquire lock 4 `C@0.write` ``, once a join.
  const std::vector<std::string>& overtakings() const { return overtakings_; }

 private:
  struct Join {
    const arch::BufferName* buffer = nullptr;
    LockRef lock;
    std::vector<Agent> lanes;
    std::vector<uint64_t> done;
    bool told = false;
  };
  void tell(Join& join, size_t fast, size_t slow);

  const arch::Names& names_;
  std::vector<Join> joins_;
  std::map<std::pair<Agent, uint8_t>, std::pair<size_t, size_t>> place_;  ///< join and lane
  std::vector<std::string> overtakings_;
};

}  // namespace npu::diagnosis
