// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "hw-model/arch/dma.h"

namespace npu::arch {

// Buffer descriptors as the manual lays them out (hardware reference 4.2 to 4.4). Steps and
// iteration wraps are stored minus one, lock values are signed, wraps are actual (0 never wraps).

// clang-format off

/// Core tile. Addresses and steps count 32-bit words.
inline constexpr Block<BdField, 24> kCoreBd{
    .name = "dma.bd{}", .base = 0x1D000, .stride = 0x20, .words = 6, .count = 16,
    .fields = {{
        {BdField::Length,            "length",             bits(0, 13, 0)},
        {BdField::BaseAddress,       "base_address",       bits(0, 27, 14)},
        {BdField::PacketType,        "packet_type",        bits(1, 18, 16)},
        {BdField::PacketId,          "packet_id",          bits(1, 23, 19)},
        {BdField::OutOfOrderId,      "out_of_order_id",    bits(1, 29, 24)},
        {BdField::EnablePacket,      "enable_packet",      bits(1, 30, 30)},
        {BdField::EnableCompression, "enable_compression", bits(1, 31, 31)},
        {BdField::D0Step,            "d0_step",            bits(2, 12, 0).minus_one()},
        {BdField::D1Step,            "d1_step",            bits(2, 25, 13).minus_one()},
        {BdField::D2Step,            "d2_step",            bits(3, 12, 0).minus_one()},
        {BdField::D0Wrap,            "d0_wrap",            bits(3, 20, 13)},
        {BdField::D1Wrap,            "d1_wrap",            bits(3, 28, 21)},
        {BdField::IterationStep,     "iteration_step",     bits(4, 12, 0).minus_one()},
        {BdField::IterationWrap,     "iteration_wrap",     bits(4, 18, 13).minus_one()},
        {BdField::IterationCurrent,  "iteration_current",  bits(4, 24, 19)},
        {BdField::AcquireId,         "acquire_id",         bits(5, 3, 0)},
        {BdField::AcquireValue,      "acquire_value",      bits(5, 11, 5).signed_()},
        {BdField::AcquireEnable,     "acquire_enable",     bits(5, 12, 12)},
        {BdField::ReleaseId,         "release_id",         bits(5, 16, 13)},
        {BdField::ReleaseValue,      "release_value",      bits(5, 24, 18).signed_()},
        {BdField::Valid,             "valid",              bits(5, 25, 25)},
        {BdField::UseNextBd,         "use_next_bd",        bits(5, 26, 26)},
        {BdField::NextBd,            "next_bd",            bits(5, 30, 27)},
        {BdField::TlastSuppress,     "tlast_suppress",     bits(5, 31, 31)},
    }}};
static_assert(well_formed(kCoreBd));

/// Memtile. Addresses and steps count 32-bit words; addresses and locks name the windows of hardware reference 2.2.
inline constexpr Block<BdField, 32> kMemtileBd{
    .name = "dma.bd{}", .base = 0xA0000, .stride = 0x20, .words = 8, .count = 48,
    .fields = {{
        {BdField::Length,            "length",             bits(0, 16, 0)},
        {BdField::OutOfOrderId,      "out_of_order_id",    bits(0, 22, 17)},
        {BdField::PacketId,          "packet_id",          bits(0, 27, 23)},
        {BdField::PacketType,        "packet_type",        bits(0, 30, 28)},
        {BdField::EnablePacket,      "enable_packet",      bits(0, 31, 31)},
        {BdField::BaseAddress,       "base_address",       bits(1, 18, 0)},
        {BdField::UseNextBd,         "use_next_bd",        bits(1, 19, 19)},
        {BdField::NextBd,            "next_bd",            bits(1, 25, 20)},
        {BdField::D0PadBefore,       "d0_pad_before",      bits(1, 31, 26)},
        {BdField::D0Step,            "d0_step",            bits(2, 16, 0).minus_one()},
        {BdField::D0Wrap,            "d0_wrap",            bits(2, 26, 17)},
        {BdField::TlastSuppress,     "tlast_suppress",     bits(2, 31, 31)},
        {BdField::D1Step,            "d1_step",            bits(3, 16, 0).minus_one()},
        {BdField::D1Wrap,            "d1_wrap",            bits(3, 26, 17)},
        {BdField::D1PadBefore,       "d1_pad_before",      bits(3, 31, 27)},
        {BdField::D2Step,            "d2_step",            bits(4, 16, 0).minus_one()},
        {BdField::D2Wrap,            "d2_wrap",            bits(4, 26, 17)},
        {BdField::D2PadBefore,       "d2_pad_before",      bits(4, 30, 27)},
        {BdField::EnableCompression, "enable_compression", bits(4, 31, 31)},
        {BdField::D3Step,            "d3_step",            bits(5, 16, 0).minus_one()},
        {BdField::D0PadAfter,        "d0_pad_after",       bits(5, 22, 17)},
        {BdField::D1PadAfter,        "d1_pad_after",       bits(5, 27, 23)},
        {BdField::D2PadAfter,        "d2_pad_after",       bits(5, 31, 28)},
        {BdField::IterationStep,     "iteration_step",     bits(6, 16, 0).minus_one()},
        {BdField::IterationWrap,     "iteration_wrap",     bits(6, 22, 17).minus_one()},
        {BdField::IterationCurrent,  "iteration_current",  bits(6, 28, 23)},
        {BdField::AcquireId,         "acquire_id",         bits(7, 7, 0)},
        {BdField::AcquireValue,      "acquire_value",      bits(7, 14, 8).signed_()},
        {BdField::AcquireEnable,     "acquire_enable",     bits(7, 15, 15)},
        {BdField::ReleaseId,         "release_id",         bits(7, 23, 16)},
        {BdField::ReleaseValue,      "release_value",      bits(7, 30, 24).signed_()},
        {BdField::Valid,             "valid",              bits(7, 31, 31)},
    }}};
static_assert(well_formed(kMemtileBd));

/// Shim. Steps count words; `base_address` is byte address [31:2] and `base_address_high` is byte address [47:32].
inline constexpr Block<BdField, 29> kShimBd{
    .name = "dma.bd{}", .base = 0x1D000, .stride = 0x20, .words = 8, .count = 16,
    .fields = {{
        {BdField::Length,            "length",             bits(0, 31, 0)},
        {BdField::BaseAddress,       "base_address",       bits(1, 31, 2)},
        {BdField::BaseAddressHigh,   "base_address_high",  bits(2, 15, 0)},
        {BdField::PacketType,        "packet_type",        bits(2, 18, 16)},
        {BdField::PacketId,          "packet_id",          bits(2, 23, 19)},
        {BdField::OutOfOrderId,      "out_of_order_id",    bits(2, 29, 24)},
        {BdField::EnablePacket,      "enable_packet",      bits(2, 30, 30)},
        {BdField::D0Step,            "d0_step",            bits(3, 19, 0).minus_one()},
        {BdField::D0Wrap,            "d0_wrap",            bits(3, 29, 20)},
        {BdField::SecureAccess,      "secure_access",      bits(3, 30, 30)},
        {BdField::D1Step,            "d1_step",            bits(4, 19, 0).minus_one()},
        {BdField::D1Wrap,            "d1_wrap",            bits(4, 29, 20)},
        {BdField::BurstLength,       "burst_length",       bits(4, 31, 30)},
        {BdField::D2Step,            "d2_step",            bits(5, 19, 0).minus_one()},
        {BdField::AxQos,             "axqos",              bits(5, 23, 20)},
        {BdField::AxCache,           "axcache",            bits(5, 27, 24)},
        {BdField::Smid,              "smid",               bits(5, 31, 28)},
        {BdField::IterationStep,     "iteration_step",     bits(6, 19, 0).minus_one()},
        {BdField::IterationWrap,     "iteration_wrap",     bits(6, 25, 20).minus_one()},
        {BdField::IterationCurrent,  "iteration_current",  bits(6, 31, 26)},
        {BdField::AcquireId,         "acquire_id",         bits(7, 3, 0)},
        {BdField::AcquireValue,      "acquire_value",      bits(7, 11, 5).signed_()},
        {BdField::AcquireEnable,     "acquire_enable",     bits(7, 12, 12)},
        {BdField::ReleaseId,         "release_id",         bits(7, 16, 13)},
        {BdField::ReleaseValue,      "release_value",      bits(7, 24, 18).signed_()},
        {BdField::Valid,             "valid",              bits(7, 25, 25)},
        {BdField::UseNextBd,         "use_next_bd",        bits(7, 26, 26)},
        {BdField::NextBd,            "next_bd",            bits(7, 30, 27)},
        {BdField::TlastSuppress,     "tlast_suppress",     bits(7, 31, 31)},
    }}};
static_assert(well_formed(kShimBd));

// clang-format on

}  // namespace npu::arch
