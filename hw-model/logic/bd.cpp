// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/bd.h"

namespace npu::logic {

using arch::BdField;

Bd decode_bd(arch::TileKind kind, std::span<const uint32_t> words) {
  const auto field = [&](BdField f) { return arch::get_bd(kind, words, f); };
  const auto u8 = [&](BdField f) { return static_cast<uint8_t>(field(f)); };
  const auto u32 = [&](BdField f) { return static_cast<uint32_t>(field(f)); };
  const auto dim = [&](BdField step, BdField wrap) { return Dim{u32(step), u32(wrap)}; };

  Bd bd;
  bd.access.base = static_cast<uint64_t>(field(BdField::BaseAddress)) |
                   static_cast<uint64_t>(field(BdField::BaseAddressHigh)) << 30;
  bd.access.length = static_cast<uint64_t>(field(BdField::Length));
  bd.access.dims[0] = dim(BdField::D0Step, BdField::D0Wrap);
  bd.access.dims[1] = dim(BdField::D1Step, BdField::D1Wrap);
  bd.access.dims[2] = {u32(BdField::D2Step), 0};
  if (kind == arch::TileKind::Memtile) {
    bd.access.dims[2].wrap = u32(BdField::D2Wrap);
    bd.access.dims[3] = {u32(BdField::D3Step), 0};
    bd.access.pads[0] = {u8(BdField::D0PadBefore), u8(BdField::D0PadAfter)};
    bd.access.pads[1] = {u8(BdField::D1PadBefore), u8(BdField::D1PadAfter)};
    bd.access.pads[2] = {u8(BdField::D2PadBefore), u8(BdField::D2PadAfter)};
  }
  bd.iteration_step = u32(BdField::IterationStep);
  bd.iteration_size = u32(BdField::IterationWrap);
  bd.iteration_current = u32(BdField::IterationCurrent);

  bd.valid = field(BdField::Valid) != 0;
  if (field(BdField::UseNextBd))
    bd.next = u8(BdField::NextBd);
  if (field(BdField::AcquireEnable))
    bd.acquire = AcquireRequest{static_cast<int8_t>(field(BdField::AcquireValue))};
  bd.acquire_lock = u8(BdField::AcquireId);
  bd.release = static_cast<int8_t>(field(BdField::ReleaseValue));
  bd.release_lock = u8(BdField::ReleaseId);

  bd.packet = field(BdField::EnablePacket) != 0;
  bd.packet_id = u8(BdField::PacketId);
  bd.packet_type = u8(BdField::PacketType);
  bd.out_of_order_id = u8(BdField::OutOfOrderId);
  bd.suppress_tlast = field(BdField::TlastSuppress) != 0;
  bd.compression = field(BdField::EnableCompression) != 0;
  return bd;
}

}  // namespace npu::logic
