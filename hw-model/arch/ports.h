// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hw-model/arch/register.h"
#include "hw-model/arch/tile.h"

namespace npu::arch {

/// Port groups of a stream switch. `Dma` slaves are MM2S channels, `Dma` masters are S2MM channels.
enum class Bundle : uint8_t { Core, Dma, TileControl, Fifo, South, West, North, East, Trace };
std::string_view to_string(Bundle bundle);

/// One port of a switch by group and number.
struct Port {
  Bundle bundle = Bundle::Dma;
  uint8_t channel = 0;
  constexpr auto operator<=>(const Port&) const = default;
};
/// `north2`
std::string to_string(Port port);

/// Number of slave (into the switch) or master (out of it) ports of a group, by kind of tile.
int slave_count(TileKind kind, Bundle bundle);
int master_count(TileKind kind, Bundle bundle);

/// Port tables of hardware reference 5.2: the index used in registers, or nothing when the tile has
/// no such port.
std::optional<int> slave_index(TileKind kind, Port port);
std::optional<int> master_index(TileKind kind, Port port);
std::optional<Port> slave_port(TileKind kind, int index);
std::optional<Port> master_port(TileKind kind, int index);
int slave_ports(TileKind kind);
int master_ports(TileKind kind);

/// Whether the switch of that kind of tile can connect the slave to the master (hardware
/// reference 5.3).
bool connectable(TileKind kind, Port slave, Port master);

/// Where a master port of a tile leads: the slave port of the neighbouring tile that it feeds.
/// Nothing when the port ends in the tile itself (core, DMA, tile control, FIFO) or at the border
/// of the partition.
struct PortAt {
  Coord tile;
  Port port;
  constexpr auto operator<=>(const PortAt&) const = default;
};
std::optional<PortAt> wired_to(const Partition& partition, Coord tile, Port master);
/// The other way: the master port of the neighbouring tile that feeds a slave port, or nothing.
std::optional<PortAt> wired_from(const Partition& partition, Coord tile, Port slave);

/// The South port of the shim that a DMA channel uses: slave South 3 / 7 for MM2S 0 / 1, master
/// South 2 / 3 for S2MM 0 / 1.
Port shim_dma_slave(int mm2s_channel);
Port shim_dma_master(int s2mm_channel);

// Switch register fields (hardware reference 5.1, 5.8).
namespace master {
inline constexpr Bits kEnable = bits(0, 31, 31);
inline constexpr Bits kPacket = bits(0, 30, 30);
inline constexpr Bits kDropHeader = bits(0, 7, 7);
inline constexpr Bits kSlave = bits(0, 4, 0);     ///< circuit mode
inline constexpr Bits kArbiter = bits(0, 2, 0);   ///< packet mode
inline constexpr Bits kMselMask = bits(0, 6, 3);  ///< packet mode
}  // namespace master
namespace slave {
inline constexpr Bits kEnable = bits(0, 31, 31);
inline constexpr Bits kPacket = bits(0, 30, 30);
}  // namespace slave
namespace slot {
inline constexpr Bits kId = bits(0, 28, 24);
inline constexpr Bits kMask = bits(0, 20, 16);
inline constexpr Bits kEnable = bits(0, 8, 8);
inline constexpr Bits kMsel = bits(0, 5, 4);
inline constexpr Bits kArbiter = bits(0, 2, 0);
}  // namespace slot
inline constexpr int kSlotsPerSlave = 4;
inline constexpr int kArbiters = 8;        ///< the field is 3 bits wide
inline constexpr int kUsableArbiters = 6;  ///< what compilers use
inline constexpr int kMsels = 4;

/// Offsets of switch registers.
uint32_t switch_master_offset(TileKind kind, int master);
uint32_t switch_slave_offset(TileKind kind, int slave);
uint32_t switch_slot_offset(TileKind kind, int slave, int slot);

/// Shim multiplexer (into the array) and demultiplexer (out of it): the 2-bit selection of a South
/// port.
enum class ShimSelect : uint8_t { Pl = 0, Dma = 1, Noc = 2 };
inline constexpr uint32_t kShimMux = 0x1F000;
inline constexpr uint32_t kShimDemux = 0x1F004;
/// Bits of a South port in the multiplexer / demultiplexer; nothing for ports without a choice.
std::optional<Bits> shim_mux_bits(int south_slave);
std::optional<Bits> shim_demux_bits(int south_master);

// Packet header (hardware reference 5.5). The place of the out-of-order id is not published: [10:5]
// here.
namespace header {
inline constexpr Bits kStreamId = bits(0, 4, 0);
inline constexpr Bits kOutOfOrderId = bits(0, 10, 5);
inline constexpr Bits kType = bits(0, 14, 12);
inline constexpr Bits kSourceRow = bits(0, 20, 16);
inline constexpr Bits kSourceCol = bits(0, 27, 21);
inline constexpr Bits kParity = bits(0, 31, 31);
}  // namespace header

/// The header that the DMA of `tile` inserts; odd parity over the word.
uint32_t packet_header(Coord tile, int stream_id, int type, int out_of_order_id);

}  // namespace npu::arch
