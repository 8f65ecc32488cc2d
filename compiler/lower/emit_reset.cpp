// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <span>

#include "compiler/lower/passes.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/ports.h"
#include "hw-model/arch/register.h"

namespace npu::compiler {

namespace {

using arch::RegisterId;
using arch::TileKind;

uint32_t bit(arch::Bits field) {
  uint32_t word = 0;
  arch::put(std::span(&word, 1), field, 1, "reset");
  return word;
}

class Reset {
 public:
  arch::Commands run(const arch::Partition& partition) {
    for (int col = 0; col < partition.columns; ++col)
      for (int row = 0; row < arch::kRows; ++row) {
        tile_ = {static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
        core();
        channels();
        switches();
        locks();
      }
    return std::move(commands_);
  }

 private:
  void write(uint32_t offset, uint32_t value) {
    commands_.push_back(arch::Write{arch::address_of(tile_, offset), value});
  }

  void core() {
    constexpr arch::Bits kReset = arch::bits(0, 1, 1);
    if (tile_.kind() == TileKind::Core)
      write(arch::register_offset(TileKind::Core, RegisterId::CoreControl), bit(kReset));
  }

  void channels() {
    const TileKind kind = tile_.kind();
    if (kind == TileKind::Shim)
      return;
    const auto reset = [&](RegisterId control, int channels) {
      for (int channel = 0; channel < channels; ++channel)
        for (const uint32_t value : {bit(arch::control::kReset), 0U})
          write(arch::channel_register(kind, control, channel), value);
    };
    reset(RegisterId::S2mmControl, arch::facts(kind).s2mm_channels);
    reset(RegisterId::Mm2sControl, arch::facts(kind).mm2s_channels);
  }

  void switches() {
    const TileKind kind = tile_.kind();
    for (int master = 0; master < arch::master_ports(kind); ++master)
      write(arch::switch_master_offset(kind, master), 0);
    for (int slave = 0; slave < arch::slave_ports(kind); ++slave) {
      write(arch::switch_slave_offset(kind, slave), 0);
      for (int slot = 0; slot < arch::kSlotsPerSlave; ++slot)
        write(arch::switch_slot_offset(kind, slave, slot), 0);
    }
  }

  void locks() {
    const TileKind kind = tile_.kind();
    for (int lock = 0; lock < arch::facts(kind).locks; ++lock)
      write(arch::register_offset(kind, RegisterId::LockValue, lock), 0);
  }

  arch::Coord tile_ = {};
  arch::Commands commands_;
};

}  // namespace

arch::Commands emit_reset(const arch::Partition& partition) {
  return Reset().run(partition);
}

}  // namespace npu::compiler
