// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "hw-model/arch/register.h"
#include "hw-model/arch/tile.h"
#include "xclbin/bytes.h"

namespace npu::xclbin {

enum class ControlOperation : uint8_t { Write, Read, WriteIncrement, Reserved };

/// A packet that reads or writes registers of a tile over the streams: at most four words.
struct ControlPacket {
  int packet_id = 0;
  int packet_type = 0;
  arch::Coord source;    ///< of the packet header
  uint32_t address = 0;  ///< in the tile
  ControlOperation operation = ControlOperation::Write;
  int beats = 1;  ///< words written or asked for
  int return_id = 0;
  Words data;  ///< of writes
  bool operator==(const ControlPacket&) const = default;
};

/// Whether the stream contains packet headers, or the descriptor that sends it inserts them.
enum class PacketHeaders : uint8_t { InStream, Inserted };

/// Calls `visit` for every packet. Words of 0 between packets are padding. Throws Error with the
/// word for a wrong parity or a packet that leaves the stream.
void for_each_control_packet(std::span<const uint32_t> words, PacketHeaders headers,
                             const std::function<void(const ControlPacket&)>& visit);

/// The words of packets, parities set; each padded with zeros to a multiple of `align` words.
Words write_control_packets(std::span<const ControlPacket> packets, PacketHeaders headers,
                            size_t align = 1);

}  // namespace npu::xclbin
