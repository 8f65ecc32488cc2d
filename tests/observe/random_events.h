// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <random>
#include <vector>

#include "hw-model/arch/device.h"
#include "hw-model/observe/event.h"

namespace npu::observe {

/// Events with random contents, of every kind, about agents that exist; cycles never go back.
class RandomEvents {
 public:
  explicit RandomEvents(uint64_t seed, int columns = arch::kMaxColumns)
      : random_(seed), columns_(columns) {}

  std::vector<Event> take(size_t count) {
    std::vector<Event> events;
    for (size_t i = 0; i < count; ++i) {
      cycle_ += below(3) == 0 ? below(50) : 0;
      events.push_back({cycle_, payload()});
    }
    return events;
  }

 private:
  template <typename T = uint32_t>
  T below(uint64_t limit) {
    return static_cast<T>(std::uniform_int_distribution<uint64_t>(0, limit - 1)(random_));
  }
  template <typename Enum>
  Enum any(int count) {
    return static_cast<Enum>(below(static_cast<uint64_t>(count)));
  }
  Coord tile() {
    return {below<uint8_t>(static_cast<uint64_t>(columns_)), below<uint8_t>(arch::kRows)};
  }
  Coord core_tile() {
    return {below<uint8_t>(static_cast<uint64_t>(columns_)), static_cast<uint8_t>(2 + below(4))};
  }
  Agent channel() {
    const Coord at = tile();
    const auto& facts = arch::facts(at.kind());
    if (below(2) == 0)
      return {at, AgentKind::S2mm, below<uint8_t>(static_cast<uint64_t>(facts.s2mm_channels))};
    return {at, AgentKind::Mm2s, below<uint8_t>(static_cast<uint64_t>(facts.mm2s_channels))};
  }
  Agent receiver() {
    const Coord at = tile();
    return {at, AgentKind::S2mm,
            below<uint8_t>(static_cast<uint64_t>(arch::facts(at.kind()).s2mm_channels))};
  }
  Agent shim_channel() {
    const Coord at{below<uint8_t>(static_cast<uint64_t>(columns_)), 0};
    return {at, below(2) == 0 ? AgentKind::S2mm : AgentKind::Mm2s, below<uint8_t>(2)};
  }
  Agent core() { return {core_tile(), AgentKind::Core, 0}; }
  Agent agent() {
    const uint32_t kind = below(8);
    return kind == 0 ? Agent{} : kind < 3 ? core() : channel();
  }
  Payload payload() {
    const auto bd = below<uint8_t>(48);
    const auto queued = below<uint8_t>(6);
    switch (below(13)) {
      case 0:
        return ChannelChanged{channel(), any<ChannelState>(9), bd, queued};
      case 1:
        return TaskChanged{channel(), any<TaskChanged::What>(4), bd,
                           queued,    below<uint16_t>(257),      below(2) == 0};
      case 2:
        return DescriptorChanged{channel(), below(2) == 0, bd, below(1u << 17),
                                 below<uint64_t>(1ull << 48)};
      case 3: {
        const Coord at = tile();
        const auto lock = below<uint8_t>(static_cast<uint64_t>(arch::facts(at.kind()).locks));
        return LockChanged{at,
                           lock,
                           any<LockChanged::What>(6),
                           agent(),
                           static_cast<int8_t>(below<int>(128) - 64),
                           below<uint8_t>(64)};
      }
      case 4:
        return CoreChanged{core(), any<CoreState>(8), below<uint16_t>(64), below(100000)};
      case 5:
        return WordsMoved{channel(), receiver(), below(5000), below(4) != 0};
      case 6:
        return RouteFill{receiver(), below(70)};
      case 7:
        return DdrUsed{shim_channel(), below(1u << 20), cycle_ + below(1000)};
      case 8:
        return TokenIssued{channel()};
      case 9:
        return HostChanged{any<HostChanged::What>(4), below(1u << 20)};
      case 10:
        return Fault{agent(), any<FaultKind>(16),
                     std::uniform_int_distribution<uint64_t>()(random_)};
      case 11:
        return MemoryAccess{agent(),     tile(),        below(1u << 19),
                            below(4096), below(2) == 0, below(2) == 0};
      default:
        return CoreMarked{core(), below<uint8_t>(2)};
    }
  }

  std::mt19937_64 random_;
  int columns_;
  Cycle cycle_ = 0;
};

}  // namespace npu::observe
