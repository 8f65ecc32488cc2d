// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <map>
#include <set>

#include "compiler/design/reach.h"
#include "compiler/design/text.h"
#include "compiler/lower/emit_bd.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/error.h"
#include "hw-model/arch/ports.h"
#include "hw-model/arch/program.h"

namespace npu::compiler {

namespace {

using arch::BlockWrite;
using arch::Bundle;
using arch::Port;
using arch::RegisterId;
using arch::TileKind;
using arch::Write;

uint32_t word_of(std::initializer_list<std::pair<arch::Bits, int64_t>> fields) {
  uint32_t word = 0;
  for (const auto& [bits, value] : fields)
    arch::put(std::span(&word, 1), bits, value, "register field");
  return word;
}

/// Emits the configuration of one design, part by part, in the order in which loaders take it: what
/// is in the files of the cores, everything else, the starts of the cores.
class Emitter {
 public:
  explicit Emitter(const Design& design) : design_(design) {}

  arch::Commands run_programs() {
    programs();
    data(TileKind::Core);
    return std::move(commands_);
  }

  arch::Commands run() {
    programs();
    data(TileKind::Core);
    locks();
    data(TileKind::Memtile);
    descriptors();
    switches();
    shim_multiplexers();
    commands_.insert(commands_.end(), design_.registers.begin(), design_.registers.end());
    cores(kHeld);
    channels();
    cores(kEnabled);
    return std::move(commands_);
  }

 private:
  static constexpr uint32_t kHeld = 0;
  static constexpr uint32_t kEnabled = 1;

  void write(Coord tile, uint32_t offset, uint32_t value) {
    commands_.push_back(Write{arch::address_of(tile, offset), value});
  }
  void block(Coord tile, uint32_t offset, std::vector<uint32_t> words) {
    commands_.push_back(BlockWrite{arch::address_of(tile, offset), std::move(words)});
  }

  /// The program with its buffers and locks as this core addresses them.
  arch::Program bound(const Core& core) const {
    arch::Program program = core.program;
    for (const Core::Reference& use : core.buffers) {
      const Buffer& buffer = design_.buffers[use.index];
      program.code[use.instruction].imm +=
          static_cast<int32_t>(core_window(core.tile, buffer.tile)->address + *buffer.address);
    }
    for (const Core::Reference& use : core.locks) {
      const Lock& lock = design_.locks[use.index];
      program.code[use.instruction].a =
          static_cast<uint8_t>(core_window(core.tile, lock.tile)->lock + *lock.id);
    }
    return program;
  }

  void programs() {
    for (const Core& core : design_.cores)
      block(core.tile, arch::register_offset(TileKind::Core, RegisterId::ProgramMemory),
            arch::encode(bound(core)));
  }

  void locks() {
    for (const Lock& lock : design_.locks)
      write(lock.tile, arch::register_offset(lock.tile.kind(), RegisterId::LockValue, *lock.id),
            static_cast<uint32_t>(lock.initial));
  }

  void data(TileKind kind) {
    for (const Buffer& buffer : design_.buffers)
      if (!buffer.initial.empty() && buffer.tile.kind() == kind)
        block(buffer.tile,
              arch::register_offset(buffer.tile.kind(), RegisterId::DataMemory) + *buffer.address,
              buffer.initial);
  }

  void descriptors() {
    for (const Channel& channel : design_.channels)
      for (const Descriptor& descriptor : channel.descriptors)
        block(channel.tile, arch::bd_offset(channel.tile.kind(), *descriptor.id),
              descriptor_words(design_, channel, descriptor));
  }

  struct Ports {
    std::map<Port, std::vector<const Connection*>> slaves;
    std::map<Port, std::vector<const Connection*>> masters;
  };

  void switches() {
    std::map<Coord, Ports> tiles;
    for (const Connection& connection : design_.connections) {
      tiles[connection.tile].slaves[connection.slave].push_back(&connection);
      tiles[connection.tile].masters[connection.master].push_back(&connection);
    }
    for (const auto& [tile, ports] : tiles) {
      for (const auto& [port, uses] : ports.slaves)
        slave(tile, port, uses);
      for (const auto& [port, uses] : ports.masters)
        master(tile, port, uses);
    }
  }

  void slave(Coord tile, Port port, const std::vector<const Connection*>& uses) {
    const int index = *arch::slave_index(tile.kind(), port);
    const bool packet = uses.front()->packet_id.has_value();
    write(tile, arch::switch_slave_offset(tile.kind(), index),
          word_of({{arch::slave::kEnable, 1}, {arch::slave::kPacket, packet}}));
    std::vector<uint32_t> slots;
    for (const Connection* use : uses) {
      if (!use->packet_id)
        continue;
      const uint32_t word = word_of({{arch::slot::kId, *use->packet_id},
                                     {arch::slot::kMask, use->mask},
                                     {arch::slot::kEnable, 1},
                                     {arch::slot::kMsel, use->msel},
                                     {arch::slot::kArbiter, use->arbiter}});
      if (std::find(slots.begin(), slots.end(), word) == slots.end())
        slots.push_back(word);
    }
    for (size_t i = 0; i < slots.size(); ++i)
      write(tile, arch::switch_slot_offset(tile.kind(), index, static_cast<int>(i)), slots[i]);
  }

  void master(Coord tile, Port port, const std::vector<const Connection*>& uses) {
    const Connection& first = *uses.front();
    uint32_t word =
        word_of({{arch::master::kEnable, 1}, {arch::master::kPacket, first.packet_id.has_value()}});
    if (first.packet_id) {
      uint32_t msels = 0;
      for (const Connection* use : uses)
        msels |= 1u << use->msel;
      word |= word_of({{arch::master::kArbiter, first.arbiter},
                       {arch::master::kMselMask, msels},
                       {arch::master::kDropHeader, first.drop_header}});
    } else {
      word |= word_of({{arch::master::kSlave, *arch::slave_index(tile.kind(), first.slave)}});
    }
    write(tile, arch::switch_master_offset(tile.kind(), *arch::master_index(tile.kind(), port)),
          word);
  }

  /// South ports with a choice lead to the DMA when a stream uses them (hardware reference 5.8).
  void shim_multiplexers() {
    std::map<std::pair<Coord, uint32_t>, uint32_t> words;
    const auto select = [&](Coord tile, uint32_t offset, std::optional<arch::Bits> bits) {
      if (bits)
        words[{tile, offset}] |= word_of({{*bits, static_cast<int64_t>(arch::ShimSelect::Dma)}});
    };
    for (const Connection& connection : design_.connections) {
      if (connection.tile.kind() != TileKind::Shim)
        continue;
      for (int channel = 0; channel < arch::facts(TileKind::Shim).mm2s_channels; ++channel)
        if (connection.slave == arch::shim_dma_slave(channel))
          select(connection.tile, arch::kShimMux, arch::shim_mux_bits(connection.slave.channel));
      for (int channel = 0; channel < arch::facts(TileKind::Shim).s2mm_channels; ++channel)
        if (connection.master == arch::shim_dma_master(channel))
          select(connection.tile, arch::kShimDemux,
                 arch::shim_demux_bits(connection.master.channel));
    }
    for (const auto& [place, word] : words)
      write(place.first, place.second, word);
  }

  void cores(uint32_t control) {
    for (const Core& core : design_.cores)
      write(core.tile, arch::register_offset(TileKind::Core, RegisterId::CoreControl), control);
  }

  void channels() {
    for (const Channel& channel : design_.channels) {
      const TileKind kind = channel.tile.kind();
      const bool s2mm = channel.direction == Direction::S2mm;
      if (channel.out_of_order || channel.finish_on_tlast)
        write(channel.tile, arch::channel_register(kind, RegisterId::S2mmControl, *channel.index),
              word_of({{arch::control::kOutOfOrder, channel.out_of_order},
                       {arch::control::kFotMode, channel.finish_on_tlast}}));
      if (channel.pad_value != 0)
        write(channel.tile, arch::register_offset(kind, RegisterId::PadValue, *channel.index),
              channel.pad_value);
      const RegisterId queue = s2mm ? RegisterId::S2mmQueue : RegisterId::Mm2sQueue;
      for (const Channel::Task& task : channel.tasks)
        write(channel.tile, arch::channel_register(kind, queue, *channel.index),
              queue_word(*channel.descriptors[task.first].id, task.repeat, task.token));
    }
  }

  const Design& design_;
  arch::Commands commands_;
};

}  // namespace

arch::Commands emit_configuration(const Design& design) {
  return Emitter(design).run();
}

arch::Commands emit_programs(const Design& design) {
  return Emitter(design).run_programs();
}

}  // namespace npu::compiler
