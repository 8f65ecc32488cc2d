// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/ports.h"
#include "hw-model/arch/program.h"
#include "hw-model/sim/sim.h"

// A small bench around the facade: configures tiles register by register, lets the array run until
// nothing moves, and reads what became of it.
namespace npu::sim {

using arch::BdField;
using arch::Bundle;
using arch::Direction;
using arch::Port;
using arch::RegisterId;
using arch::TileKind;
using observe::FaultKind;
using Fields = std::initializer_list<std::pair<BdField, int64_t>>;
using Words = std::vector<uint32_t>;

inline constexpr Direction kS2mm = Direction::S2mm;
inline constexpr Direction kMm2s = Direction::Mm2s;
inline constexpr Port kDma0{Bundle::Dma, 0};
inline constexpr Port kDma1{Bundle::Dma, 1};
inline constexpr Port kCorePort{Bundle::Core, 0};
inline constexpr Port kTileControl{Bundle::TileControl, 0};

/// `count` words from `first` on.
inline Words counting(uint32_t first, size_t count) {
  Words words(count);
  for (size_t i = 0; i < count; ++i)
    words[i] = first + static_cast<uint32_t>(i);
  return words;
}

/// Timing with a controller that costs nothing, so that cycles are those of the array.
inline arch::Timing quick_controller() {
  arch::Timing timing;
  auto& c = timing.controller;
  for (arch::Parameter* p : {&c.write, &c.block_write, &c.block_write_word, &c.mask_write,
                             &c.address_patch, &c.queue_push, &c.sync, &c.load})
    p->value = 0;
  return timing;
}

/// Keeps every event.
class Record : public observe::Observer {
 public:
  void on(const observe::Event& event) override { events.push_back(event); }

  template <typename P>
  std::vector<P> all() const {
    std::vector<P> out;
    for (const observe::Event& e : events)
      if (const P* p = std::get_if<P>(&e.payload))
        out.push_back(*p);
    return out;
  }
  /// Cycle of the first event of type P for which `test` holds, or kNever.
  template <typename P>
  Cycle cycle_of(const std::function<bool(const P&)>& test) const {
    for (const observe::Event& e : events)
      if (const P* p = std::get_if<P>(&e.payload); p && test(*p))
        return e.cycle;
    return arch::kNever;
  }
  std::vector<FaultKind> faults() const {
    std::vector<FaultKind> out;
    for (const auto& f : all<observe::Fault>())
      out.push_back(f.kind);
    return out;
  }

  std::vector<observe::Event> events;
};

/// How a packet stream passes its switches.
struct PacketRoute {
  int id = 1;
  int mask = 0x1F;
  int slot = 0;
  int arbiter = 0;
  int msel = 0;
  bool drop = true;  ///< the header, at the last switch
  int lane = 0;
};

class Bench {
 public:
  explicit Bench(Options options = {}, const arch::Partition& partition = npu1(),
                 const arch::Timing& timing = quick_controller())
      : partition_(partition), simulation(partition, timing, options) {
    simulation.hub().attach(record);
  }

  static arch::Partition npu1() { return arch::partition_of(arch::kNpu1, 4); }
  static arch::Partition npu4() { return arch::partition_of(arch::kNpu4, 8); }

  // Registers

  void write(Coord tile, uint32_t offset, uint32_t value) {
    const arch::Commands one{arch::Write{arch::address_of(tile, offset), value}};
    simulation.configure(one);
  }
  uint32_t read(Coord tile, uint32_t offset) {
    return simulation.read(arch::address_of(tile, offset));
  }
  static uint32_t offset(Coord tile, RegisterId id, int index = 0) {
    return arch::register_offset(tile.kind(), id, index);
  }

  static Words bd_words(TileKind kind, Fields fields) {
    Words words(static_cast<size_t>(arch::bd_words(kind)));
    arch::put_bd(kind, words, BdField::Valid, 1);
    for (const auto& [field, value] : fields)
      arch::put_bd(kind, words, field, value);
    return words;
  }
  /// A valid descriptor with these fields; all others are 0 as written, so steps are 1.
  void bd(Coord tile, int id, Fields fields) {
    write_words(tile, arch::bd_offset(tile.kind(), id), bd_words(tile.kind(), fields));
  }
  int64_t bd_field(Coord tile, int id, BdField field) {
    const uint32_t at = arch::bd_offset(tile.kind(), id);
    Words words;
    for (int i = 0; i < arch::bd_words(tile.kind()); ++i)
      words.push_back(read(tile, at + 4 * static_cast<uint32_t>(i)));
    return arch::get_bd(tile.kind(), words, field);
  }

  static uint32_t task(int bd, int repeat = 1, bool token = false) {
    return static_cast<uint32_t>(bd) | static_cast<uint32_t>(repeat - 1) << 16 |
           (token ? 1u << 31 : 0u);
  }
  static uint32_t queue_offset(Coord tile, Direction direction, int channel) {
    return offset(tile, direction == kS2mm ? RegisterId::S2mmQueue : RegisterId::Mm2sQueue,
                  channel);
  }
  void push(Coord tile, Direction direction, int channel, int bd, int repeat = 1,
            bool token = false) {
    write(tile, queue_offset(tile, direction, channel), task(bd, repeat, token));
  }
  void control(Coord tile, Direction direction, int channel, uint32_t word) {
    write(tile,
          offset(tile, direction == kS2mm ? RegisterId::S2mmControl : RegisterId::Mm2sControl,
                 channel),
          word);
  }
  int64_t status(Coord tile, Direction direction, int channel, arch::Bits field) {
    const uint32_t word = read(
        tile, offset(tile, direction == kS2mm ? RegisterId::S2mmStatus : RegisterId::Mm2sStatus,
                     channel));
    return arch::get({&word, 1}, field);
  }

  void set_lock(Coord tile, int lock, int value) {
    write(tile, offset(tile, RegisterId::LockValue, lock), static_cast<uint32_t>(value));
  }
  int lock(Coord tile, int id) {
    return static_cast<int>(read(tile, offset(tile, RegisterId::LockValue, id)));
  }

  void write_words(Coord tile, uint32_t at, const Words& words) {
    const arch::Commands one{arch::BlockWrite{arch::address_of(tile, at), words}};
    simulation.configure(one);
  }
  Words words(Coord tile, uint32_t at, size_t count) {
    Words out;
    for (size_t i = 0; i < count; ++i)
      out.push_back(read(tile, at + 4 * static_cast<uint32_t>(i)));
    return out;
  }

  /// Loads a program and enables its core.
  void start_core(Coord tile, std::string_view text) {
    load_core(tile, text);
    write(tile, offset(tile, RegisterId::CoreControl), 1);
  }
  void load_core(Coord tile, std::string_view text) {
    write_words(tile, offset(tile, RegisterId::ProgramMemory),
                arch::encode(arch::parse_program(text)));
  }
  uint32_t core_status(Coord tile) { return read(tile, offset(tile, RegisterId::CoreStatus)); }

  // Streams

  /// One circuit connection inside a switch.
  void connect(Coord tile, Port slave, Port master) {
    write(tile, slave_register(tile, slave), arch::slave::kEnable.mask());
    write(tile, master_register(tile, master),
          arch::master::kEnable.mask() |
              static_cast<uint32_t>(*arch::slave_index(tile.kind(), slave)));
  }

  /// A circuit from a tile's port to another tile's, first along the column, then along the row.
  void circuit(Coord from, Port source, Coord to, Port sink, int lane = 0) {
    for_each_switch(from, source, to, sink, lane,
                    [&](Coord at, Port slave, Port master, bool) { connect(at, slave, master); });
  }

  /// A packet route, in packet mode at every switch. Routes may share slaves, arbiters and masters.
  void packet(Coord from, Port source, Coord to, Port sink, const PacketRoute& how) {
    for_each_switch(from, source, to, sink, how.lane,
                    [&](Coord at, Port slave, Port master, bool last) {
                      packet_slot(at, slave, how);
                      packet_master(at, master, how, last && how.drop);
                    });
  }
  void packet_slot(Coord at, Port slave, const PacketRoute& how) {
    const int index = *arch::slave_index(at.kind(), slave);
    write(at, slave_register(at, slave), arch::slave::kEnable.mask() | arch::slave::kPacket.mask());
    const uint32_t slot = arch::slot::kEnable.mask() | static_cast<uint32_t>(how.id) << 24 |
                          static_cast<uint32_t>(how.mask) << 16 |
                          static_cast<uint32_t>(how.msel) << 4 | static_cast<uint32_t>(how.arbiter);
    write(at, arch::switch_slot_offset(at.kind(), index, how.slot), slot);
  }
  void packet_master(Coord at, Port master, const PacketRoute& how, bool drop) {
    const uint32_t old = read(at, master_register(at, master));
    write(at, master_register(at, master),
          (old & arch::master::kMselMask.mask()) | arch::master::kEnable.mask() |
              arch::master::kPacket.mask() | (drop ? arch::master::kDropHeader.mask() : 0u) |
              1u << (how.msel + arch::master::kMselMask.lsb) | static_cast<uint32_t>(how.arbiter));
  }

  /// A shim task on host argument `argument`, as a runtime writes it: descriptor, address, start.
  static arch::Commands shim_task(Coord shim, Direction direction, int channel, int id,
                                  uint32_t argument, Fields fields, bool token = false,
                                  int repeat = 1) {
    const uint32_t at = arch::address_of(shim, arch::bd_offset(TileKind::Shim, id));
    return {arch::BlockWrite{at, bd_words(TileKind::Shim, fields)},
            arch::AddressPatch{.address = at + 4, .argument = argument},
            arch::Write{arch::address_of(shim, queue_offset(shim, direction, channel)),
                        task(id, repeat, token)}};
  }
  /// Sends tokens of a tile to the controller, in packets of stream id 0.
  void route_tokens(Coord tile) {
    packet(tile, kTileControl, {tile.col, 0}, {Bundle::South, 0},
           {.id = 0, .mask = 0, .arbiter = 5, .drop = false});
  }

  // Runs

  RunResult run(const arch::Commands& sequence, std::span<const HostBuffer> arguments = {}) {
    return simulation.run(sequence, arguments);
  }
  /// Runs until nothing moves any more: waits for a token that nobody sends.
  RunResult settle(const arch::Commands& first = {}, std::span<const HostBuffer> arguments = {}) {
    arch::Commands sequence = first;
    sequence.push_back(arch::Sync{.col = 0, .row = 5, .direction = kMm2s, .channel = 1});
    return run(sequence, arguments);
  }

  std::vector<FaultKind> faults() const { return record.faults(); }

 private:
  arch::Partition partition_;

  static uint32_t slave_register(Coord tile, Port slave) {
    return arch::switch_slave_offset(tile.kind(), *arch::slave_index(tile.kind(), slave));
  }
  static uint32_t master_register(Coord tile, Port master) {
    return arch::switch_master_offset(tile.kind(), *arch::master_index(tile.kind(), master));
  }

  static Bundle towards(Coord at, Coord to) {
    if (at.row != to.row)
      return to.row > at.row ? Bundle::North : Bundle::South;
    return to.col > at.col ? Bundle::East : Bundle::West;
  }

  /// Calls `f(tile, slave, master, last)` for the switches from a source to a sink; `Dma` of a shim
  /// stands for the South port that its multiplexer gives to the channel.
  template <typename F>
  void for_each_switch(Coord from, Port source, Coord to, Port sink, int lane, F f) {
    if (from.kind() == TileKind::Shim && source.bundle == Bundle::Dma) {
      source = arch::shim_dma_slave(source.channel);
      select(from, arch::kShimMux, *arch::shim_mux_bits(source.channel));
    }
    if (to.kind() == TileKind::Shim && sink.bundle == Bundle::Dma) {
      sink = arch::shim_dma_master(sink.channel);
      select(to, arch::kShimDemux, *arch::shim_demux_bits(sink.channel));
    }
    Coord at = from;
    Port slave = source;
    while (at != to) {
      const Port master{towards(at, to), static_cast<uint8_t>(lane)};
      f(at, slave, master, false);
      const arch::PortAt next = *arch::wired_to(partition_, at, master);
      at = next.tile;
      slave = next.port;
    }
    f(at, slave, sink, true);
  }
  void select(Coord tile, uint32_t at, arch::Bits bits) {
    uint32_t word = read(tile, at);
    arch::put({&word, 1}, bits, static_cast<int64_t>(arch::ShimSelect::Dma), "select");
    write(tile, at, word);
  }

 public:
  Record record;
  Simulation simulation;
};

/// Tests whose claim holds word by word and in closed form.
class BothFidelities : public ::testing::TestWithParam<Fidelity> {
 protected:
  Options options() const {
    Options o;
    o.fidelity = GetParam();
    return o;
  }
};

/// The words of a host buffer, and the buffer as an argument.
inline HostBuffer argument(Words& words) {
  return {reinterpret_cast<std::byte*>(words.data()), words.size() * 4};
}
inline arch::Commands operator+(arch::Commands a, const arch::Commands& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline std::string fidelity_name(const ::testing::TestParamInfo<Fidelity>& info) {
  return info.param == Fidelity::Flow ? "Flow" : "Word";
}
inline const auto kBothFidelities = ::testing::Values(Fidelity::Flow, Fidelity::Word);

}  // namespace npu::sim
