// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "hw-model/arch/register.h"

namespace npu::arch {

/// Fields of a buffer descriptor. All three kinds of tile share the names; a kind that lacks a
/// field has no row.
enum class BdField : uint8_t {
  Length,
  BaseAddress,
  BaseAddressHigh,
  EnablePacket,
  PacketType,
  PacketId,
  OutOfOrderId,
  EnableCompression,
  D0Step,
  D1Step,
  D2Step,
  D3Step,
  D0Wrap,
  D1Wrap,
  D2Wrap,
  D0PadBefore,
  D1PadBefore,
  D2PadBefore,
  D0PadAfter,
  D1PadAfter,
  D2PadAfter,
  IterationCurrent,
  IterationWrap,
  IterationStep,
  TlastSuppress,
  NextBd,
  UseNextBd,
  Valid,
  AcquireId,
  AcquireValue,
  AcquireEnable,
  ReleaseId,
  ReleaseValue,
  BurstLength,
  SecureAccess,
  Smid,
  AxCache,
  AxQos,
};

/// One field of a descriptor: row of the table of that kind of tile, or nullptr when the kind has
/// no such field.
const FieldRow<BdField>* bd_field(TileKind kind, BdField field);

/// All rows of a kind, in word order.
std::span<const FieldRow<BdField>> bd_fields(TileKind kind);

/// Words of a descriptor: 6 in a core tile, else 8.
constexpr int bd_words(TileKind kind) {
  return kind == TileKind::Core ? 6 : 8;
}

/// Byte offset of descriptor `index` in its tile.
constexpr uint32_t bd_offset(TileKind kind, int index) {
  return (kind == TileKind::Memtile ? 0xA0000u : 0x1D000u) + 0x20u * static_cast<uint32_t>(index);
}

/// A field's value; 0 when the kind has no such field.
int64_t get_bd(TileKind kind, std::span<const uint32_t> words, BdField field);

/// Sets a field. Throws Error `d0_wrap: 300 does not fit in 8 bits`, or when the kind has no such
/// field and the value is not 0.
void put_bd(TileKind kind, std::span<uint32_t> words, BdField field, int64_t value);

/// The 48-bit byte address of a shim descriptor: `BaseAddressHigh` is its bits [47:32] and
/// `BaseAddress` its bits [31:2], that is, the low half of the byte address divided by four.
uint64_t shim_bd_address(std::span<const uint32_t> words);
/// Sets both halves; throws Error when the address is not word aligned or needs more than 48 bits.
void put_shim_bd_address(std::span<uint32_t> words, uint64_t address);

// Fields of the channel registers (hardware reference 4.7). One word each.
namespace control {
inline constexpr Bits kReset = bits(0, 1, 1);        ///< core and memtile
inline constexpr Bits kPauseMemory = bits(0, 1, 1);  ///< shim
inline constexpr Bits kPauseStream = bits(0, 2, 2);  ///< shim
inline constexpr Bits kOutOfOrder = bits(0, 3, 3);   ///< S2MM
inline constexpr Bits kCompression = bits(0, 4, 4);
inline constexpr Bits kControllerId = bits(0, 15, 8);
inline constexpr Bits kFotMode = bits(0, 17, 16);  ///< S2MM
}  // namespace control
namespace queue {
inline constexpr Bits kStartBd = bits(0, 5, 0);
inline constexpr Bits kRepeat = bits(0, 23, 16).minus_one();
inline constexpr Bits kToken = bits(0, 31, 31);
}  // namespace queue
namespace status {
inline constexpr Bits kState = bits(0, 1, 0);  ///< 0 idle, 1 starting, 2 running
inline constexpr Bits kStalledAcquire = bits(0, 2, 2);
inline constexpr Bits kStalledRelease = bits(0, 3, 3);
inline constexpr Bits kStalledStream =
    bits(0, 4, 4);  ///< starvation (S2MM) or back-pressure (MM2S)
inline constexpr Bits kStalledToken = bits(0, 5, 5);
inline constexpr Bits kLockUnavailable = bits(0, 8, 8);
inline constexpr Bits kMemoryUnavailable = bits(0, 9, 9);
inline constexpr Bits kBdUnavailable = bits(0, 10, 10);
inline constexpr Bits kBdInvalid = bits(0, 11, 11);
inline constexpr Bits kFotLength = bits(0, 12, 12);
inline constexpr Bits kFotBdsPerTask = bits(0, 13, 13);
inline constexpr Bits kDecodeError = bits(0, 16, 16);
inline constexpr Bits kSlaveError = bits(0, 17, 17);
inline constexpr Bits kQueueOverflow = bits(0, 18, 18);
inline constexpr Bits kRunning = bits(0, 19, 19);
inline constexpr Bits kQueueSize = bits(0, 22, 20);
inline constexpr Bits kCurrentBd = bits(0, 29, 24);  ///< [27:24] outside the memtile
}  // namespace status

/// Offset of a channel's control, start-queue or status register.
uint32_t channel_register(TileKind kind, RegisterId id, int channel);

}  // namespace npu::arch
