// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <vector>

#include "hw-model/sim/fabric.h"

namespace npu::sim {

class Array;

/// The tile-control port: control packets write and read the registers and memory of their tile
/// (hardware reference 5.7). Operations 0 (write) and 1 (read); the others are not settled and are
/// reported as unsupported.
class ControlPort final : public SourceClient, public SinkClient {
 public:
  ControlPort(Context& context, Array& array, arch::Coord tile);

  void sent() override;
  void received(uint64_t words, bool tlast) override;
  void moving(bool) override {}

 private:
  enum class Expect : uint8_t { PacketHeader, ControlWord, Data };
  void want_word();
  void take_control_word();
  void respond();

  Context& context_;
  Array& array_;
  observe::Agent agent_;
  int source_ = -1;
  int sink_ = -1;
  Expect expect_ = Expect::PacketHeader;
  uint32_t word_ = 0;
  uint32_t address_ = 0;
  uint32_t left_ = 0;
  uint32_t packet_header_ = 0;
  std::vector<uint32_t> response_;
  logic::Plan word_plan_;
  logic::Plan response_plan_;
  Alarm open_;
};

}  // namespace npu::sim
