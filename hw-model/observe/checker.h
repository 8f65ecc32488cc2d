// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "hw-model/arch/names.h"
#include "hw-model/observe/hub.h"
#include "hw-model/observe/order.h"
#include "hw-model/observe/shadow.h"

namespace npu::observe {

enum class MemoryMistake : uint8_t {
  UninitialisedRead,  ///< nobody wrote these bytes
  Conflict,           ///< another agent uses these bytes now, and one of the two writes
  Unordered,  ///< another agent used these bytes before, one of the two writes, and no lock stands
              ///< between them
  OutsideBuffer,  ///< a descriptor leaves the buffer that it begins in
  StackTouched,   ///< a channel reaches the stack of a core
  StackOverlap,   ///< the stack of a core overlaps a buffer
};
std::string_view to_string(MemoryMistake mistake);

/// Something wrong with the use of memory; told once for each agent, buffer and mistake.
struct MemoryFinding {
  Cycle cycle = 0;
  MemoryMistake mistake = MemoryMistake::UninitialisedRead;
  Agent agent;
  std::optional<Agent> other;  ///< of Conflict and Unordered
  Coord tile;
  uint32_t address = 0;  ///< the first byte that is wrong, as host offset
  uint32_t bytes = 0;    ///< of the access
  std::string buffer;    ///< by name; empty when no name covers it

  /// `cycle 120: core(0,2).s2mm0 writes buffer A, which core(0,2) uses at the same time, at 0x400`
  std::string text() const;
};

/// A set of bytes of one memory.
class ByteSet {
 public:
  explicit ByteSet(uint32_t bytes = 0) : bits_((size_t{bytes} + 63) / 64) {}

  void insert(uint32_t first, uint32_t bytes);
  void erase(uint32_t first, uint32_t bytes);
  /// The first byte of the range that is in the set, or nothing.
  std::optional<uint32_t> first_in(uint32_t first, uint32_t bytes) const;
  /// The first byte of the range that is not in the set, or nothing. What lies behind the memory
  /// counts as inside.
  std::optional<uint32_t> first_not_in(uint32_t first, uint32_t bytes) const;

 private:
  /// Calls `f(word, mask)` for each 64 bits of the range that exist, until it returns true.
  template <typename Bits, typename F>
  static void for_each_word(Bits& bits, uint32_t first, uint32_t bytes, F f);

  std::vector<uint64_t> bits_;
};

/// Finds mistakes in the use of memory: bytes read that nobody wrote, bytes used by two agents at
/// once, descriptors that leave their buffer, and stacks that are reached. Bytes count as written
/// from the end of the transfer or kernel that writes them. A buffer named `stack` is the stack of
/// its core. Needs MemoryAccess events, and the end of every descriptor, one that a reset ends
/// included.
class MemoryChecker : public Observer {
 public:
  explicit MemoryChecker(const arch::Names& names);

  void on(const Event& event) override;
  bool wants_memory() const override { return true; }

  const std::vector<MemoryFinding>& findings() const { return findings_; }

 private:
  /// A range that an agent uses until its descriptor or kernel ends.
  struct Held {
    Coord tile;
    uint32_t address;
    uint32_t bytes;
    bool write;
  };
  struct Use {
    std::vector<Held> held;
    const arch::BufferName* buffer = nullptr;  ///< in which the first range begins
    std::optional<uint32_t> sent;              ///< its own count at the last words that it sent
  };
  /// The bytes that an agent uses of one memory.
  struct InUse {
    Agent agent;
    uint32_t ranges = 0;
    ByteSet read;
    ByteSet written;
  };
  struct Memory {
    ByteSet written;
    Shadow shadow;
    std::vector<InUse> users;
  };

  void access(Cycle cycle, const MemoryAccess& e);
  void check_conflict(Cycle cycle, const MemoryAccess& e);
  void check_order(Cycle cycle, const MemoryAccess& e);
  void check_buffer(Cycle cycle, const MemoryAccess& e);
  void hold(const MemoryAccess& e);
  void remember(Memory& where, const Agent& agent, const Held& range,
                std::optional<uint32_t> sent = {});
  /// The agent is done; of what it held, the first `bytes` were used.
  void let_go(const Agent& agent, uint64_t bytes);
  Memory& memory(Coord tile);
  /// Tells a mistake, unless it was told: about the buffer at `address`, or the one that is given.
  void find(Cycle cycle, MemoryMistake mistake, const MemoryAccess& e, uint32_t address,
            std::optional<Agent> other = {}, const arch::BufferName* buffer = nullptr);
  void find_stack_overlaps();

  const arch::Names names_;
  std::vector<const arch::BufferName*> stacks_;
  OrderChecker order_;
  std::map<Coord, Memory> memories_;
  std::map<Agent, Use> uses_;
  std::set<std::tuple<Agent, Coord, std::string, MemoryMistake>> told_;
  std::vector<MemoryFinding> findings_;
};

}  // namespace npu::observe
