// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/device.h"
#include "hw-model/arch/ports.h"
#include "hw-model/arch/program.h"
#include "hw-model/arch/types.h"

namespace npu::compiler {

using arch::Coord;
using arch::Direction;

// A Design is a plain value. Things refer to each other by index into the Design's vectors. Numbers
// that hardware needs (addresses, lock, descriptor and channel numbers, routes) are optional:
// lowering fills in what is missing and keeps what is given. Lengths, offsets and steps of
// descriptors are in 32-bit words.

/// A region of a tile's memory.
struct Buffer {
  std::string name = {};  ///< unique in the design
  Coord tile = {};
  arch::Type type = arch::Type::I32;
  std::vector<int64_t> shape = {};
  std::optional<uint32_t> address = {};  ///< byte offset in the tile
  std::optional<int> bank = {};
  std::vector<uint32_t> initial = {};  ///< words written at configuration; empty: none
  std::string source = {};

  uint64_t bytes() const;
};

struct Lock {
  std::string name = {};
  Coord tile = {};
  int initial = 0;
  std::optional<int> id = {};
  std::string source = {};
};

/// One dimension, innermost first as in the registers; `size` steps of `step` words.
struct Dim {
  uint64_t size = 1;
  uint64_t step = 1;
  bool operator==(const Dim&) const = default;
};
struct Pad {
  int before = 0;
  int after = 0;
  bool operator==(const Pad&) const = default;
};

/// Lock operation of a descriptor. Acquire waits for at least `value` and subtracts it; release
/// adds it.
struct LockUse {
  int lock = 0;  ///< index into Design::locks (own tile or, in a memtile, a neighbour's)
  int value = 1;
  bool equal = false;  ///< acquire when equal instead
};

/// Inserts a packet header.
struct Packet {
  int id = 0;
  int type = 0;
};

/// A buffer descriptor of a tile DMA.
struct Descriptor {
  int buffer = 0;  ///< index into Design::buffers (own tile or, in a memtile, a neighbour's)
  uint64_t offset = 0;
  uint64_t length = 0;         ///< words on the stream
  std::vector<Dim> dims = {};  ///< innermost first; empty: linear
  std::vector<Pad> pads = {};  ///< one per dims entry, or empty
  std::optional<LockUse> acquire = {};
  std::optional<LockUse> release = {};
  std::optional<Packet> packet = {};
  std::optional<int> out_of_order_id = {};
  uint64_t iteration_step = 0;  ///< words
  int iteration_size = 1;
  int iteration_current = 0;  ///< executions that the first counts as done
  bool suppress_tlast = false;
  std::optional<int> next = {};  ///< index into the channel's descriptors
  std::optional<int> id = {};    ///< descriptor number
  std::string source = {};
};

/// A DMA channel of a core tile or memtile and the tasks that the configuration starts on it.
struct Channel {
  std::string name = {};  ///< of the stream: `A0`
  Coord tile = {};
  Direction direction = Direction::Mm2s;
  std::optional<int> index = {};
  std::vector<Descriptor> descriptors = {};
  /// Tasks pushed by the configuration, in order. Empty: none (the host starts it).
  struct Task {
    int first = 0;
    int repeat = 1;
    bool token = false;
  };
  std::vector<Task> tasks = {};
  bool out_of_order = false;
  int finish_on_tlast = 0;  ///< FoT mode 0..3
  uint32_t pad_value = 0;   ///< of MM2S of memtiles, second generation
  std::string source = {};
};

/// One end of a flow: a stream-switch port of a tile. For a DMA: index of a Channel, or of a shim
/// DMA channel by number.
struct Endpoint {
  Coord tile = {};
  arch::Bundle bundle = arch::Bundle::Dma;
  std::optional<int> channel =
      {};  ///< port or channel number; missing: taken from `design_channel`
  std::optional<int> design_channel =
      {};  ///< index into Design::channels, whose number lowering assigns
  std::optional<int> shim_channel = {};  ///< index into Design::shim_channels
};

/// A stream from one source to one or more destinations.
struct Flow {
  std::string name = {};
  Endpoint source = {};
  std::vector<Endpoint> destinations = {};
  std::optional<int> packet_id = {};  ///< missing: circuit
  bool keep_packet_header = false;
  std::string source_location = {};
};

/// One connection inside a switch; given by designs that are already routed, else filled by
/// routing.
struct Connection {
  Coord tile = {};
  arch::Port slave = {};
  arch::Port master = {};
  // Packet mode: rule of the slave and arbiter of the master.
  std::optional<int> packet_id = {};
  int mask = 0x1F;
  int arbiter = 0;
  int msel = 0;
  bool drop_header = false;
};

/// A shim DMA channel that the host sequence uses, by role.
struct ShimChannel {
  std::string name = {};
  int col = 0;
  Direction direction = Direction::Mm2s;
  std::optional<int> index = {};
  std::string source = {};
};

/// A core's program. `buffer` and `lock` operands are symbolic until lowering: `Const` instructions
/// listed in `buffers` get the core address of that buffer (plus their imm as a byte offset),
/// `Acquire`/`Release` listed in `locks` get the core lock number.
struct Core {
  Coord tile = {};
  arch::Program program = {};
  struct Reference {
    int instruction = 0;
    int index = 0;  ///< of the buffer or lock
  };
  std::vector<Reference> buffers = {};
  std::vector<Reference> locks = {};
  int stack_bytes = 1024;
  std::string source = {};
};

/// How the host lays a user's matrices into a larger buffer before a launch, and takes them out
/// after it. Extents in elements, in the order of memory: lines, one after another.
struct Staging {
  int64_t matrices = 1;
  int64_t lines = 0;
  int64_t length = 0;  ///< of a line
  int64_t staged_lines = 0;
  int64_t staged_length = 0;
  uint32_t margin = 0;  ///< bits of an element in the margins
  /// One more element behind every line, or one more line behind every matrix, of values that the
  /// host is given, else of `extra_bits`.
  enum class Extra : uint8_t { None, Element, Line };
  Extra extra = Extra::None;
  bool extra_given = false;
  uint32_t extra_bits = 0;
  bool operator==(const Staging&) const = default;
};

/// A kernel argument of the host.
struct Argument {
  std::string name = {};
  arch::Type type = arch::Type::I32;
  uint64_t elements = 0;  ///< of the buffer, margins of a staging included
  std::optional<Staging> staging = {};
  bool zeroed = false;  ///< the host zeroes it before every launch
  uint64_t bytes() const { return elements * arch::bytes_of(type); }
};

// Host sequence.

/// Starts a transfer between an argument and a shim channel. `length` words per execution; with
/// `repeat` > 1 the whole is executed again, `iteration_step` words further each time (0: the same
/// again).
struct Transfer {
  int shim_channel = 0;  ///< index into Design::shim_channels
  int argument = 0;
  uint64_t offset = 0;  ///< bytes
  uint64_t length = 0;
  std::vector<Dim> dims = {};
  int repeat = 1;
  uint64_t iteration_step = 0;
  bool token = false;
  std::optional<Packet> packet = {};
  std::optional<int> descriptor = {};  ///< shim descriptor number; missing: assigned
  int id = 0;                          ///< what Await names
};

/// Waits until the transfer of that id has finished (it must issue a token).
struct Await {
  int id = 0;
};

using HostOp = std::variant<Transfer, Await, arch::Command>;

/// Everything that can be simulated, before it is registers.
struct Design {
  std::string name = "design";
  arch::Partition partition = {};
  std::vector<Buffer> buffers = {};
  std::vector<Lock> locks = {};
  std::vector<Channel> channels = {};
  std::vector<ShimChannel> shim_channels = {};
  std::vector<Flow> flows = {};
  std::vector<Connection> connections = {};  ///< given or routed
  std::vector<Core> cores = {};
  arch::Commands registers = {};  ///< written besides, before the cores start
  std::vector<Argument> arguments = {};
  std::vector<HostOp> sequence = {};
  /// Other configurations of the device: `Load{n}` of the sequence loads the n-th, counted from 1,
  /// and `Load{0}` this one again.
  std::vector<Design> others = {};
  /// The place of what goes on when a run is over, so that the host cannot run this again; empty:
  /// nothing does.
  std::string once = {};
  std::vector<std::string> notes = {};  ///< `key: value`, carried into Names for diagnosis
};

}  // namespace npu::compiler
