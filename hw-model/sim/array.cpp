// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/array.h"

#include <algorithm>

#include "hw-model/arch/ports.h"

namespace npu::sim {

using arch::Coord;
using arch::RegisterId;
using arch::TileKind;
using observe::FaultKind;

namespace {
// Each of the three address windows of a memtile channel, in words (hardware reference 2.2).
constexpr uint64_t kMemtileWindowWords = 0x80000 / 4;
}  // namespace

Tile::Tile(Context& context, Array& array, Coord at)
    : coord(at),
      memory(arch::facts(at.kind()).memory_bytes / 4),
      program(arch::facts(at.kind()).program_bytes / 4),
      locks(context, at),
      descriptors(static_cast<size_t>(arch::facts(at.kind()).descriptors)) {
  const arch::TileFacts& facts = arch::facts(at.kind());
  const bool has_dma = at.kind() != TileKind::Shim || context.partition.has_shim_dma(at.col);
  for (int i = 0; has_dma && i < facts.s2mm_channels; ++i)
    s2mm.push_back(std::make_unique<DmaChannel>(context, array, *this, arch::Direction::S2mm, i));
  for (int i = 0; has_dma && i < facts.mm2s_channels; ++i)
    mm2s.push_back(std::make_unique<DmaChannel>(context, array, *this, arch::Direction::Mm2s, i));
  if (at.kind() == TileKind::Core)
    core = std::make_unique<CoreUnit>(context, array, at);
  control = std::make_unique<ControlPort>(context, array, at);
}

Array::Array(Context& context, HostMemory& host, std::shared_ptr<Server> memory)
    : context_(context),
      host_(host),
      network_(context.partition, context.timing),
      fabric_(make_fabric(context, network_)),
      ddr_(context, std::move(memory)) {
  for (int col = 0; col < context.partition.columns; ++col)
    for (int row = 0; row < arch::kRows; ++row)
      tiles_.push_back(std::make_unique<Tile>(
          context, *this, Coord{static_cast<uint8_t>(col), static_cast<uint8_t>(row)}));
}

Tile* Array::core_neighbour(Coord at) {
  if (!context_.partition.contains(at) || at.kind() != TileKind::Core)
    return nullptr;
  return &tile(at);
}

Tile* Array::memtile_window(const observe::Agent& channel, uint64_t window) {
  if (window == 1)
    return &tile(channel.tile);
  if (window > 2 || channel.index >= arch::kMemtileNeighbourChannels)
    return nullptr;
  const Coord at{static_cast<uint8_t>(channel.tile.col + (window == 0 ? -1 : 1)), 1};
  return context_.partition.contains(at) ? &tile(at) : nullptr;
}

std::vector<uint32_t>* Array::beyond_partition(const observe::Agent& channel, uint64_t window) {
  const int column = context_.partition.first_column + channel.tile.col + (window == 0 ? -1 : 1);
  if (window > 2 || channel.index >= arch::kMemtileNeighbourChannels || column < 0 ||
      column >= context_.partition.device->columns)
    return nullptr;
  std::vector<uint32_t>& memory = beyond_[column];
  memory.resize(arch::facts(TileKind::Memtile).memory_bytes / 4);
  return &memory;
}

void Array::place(const observe::Agent& channel, LoadedBd& loaded) {
  logic::Access access = loaded.bd.access;
  if (channel.kind == observe::AgentKind::S2mm)
    access.pads = {};
  loaded.reachable = true;
  loaded.owner = channel.tile;
  if (channel.tile.kind() == TileKind::Shim) {
    const uint64_t bus = access.base * 4;
    const auto region =
        bus >= arch::kDdrOffset ? host_.region(bus - arch::kDdrOffset) : std::nullopt;
    loaded.reachable = region.has_value();
    if (region) {
      access.base = (bus - arch::kDdrOffset - region->start) / 4;
      loaded.memory = reinterpret_cast<uint32_t*>(region->data);
      loaded.memory_words = region->bytes / 4;
    }
  } else {
    Tile* owner = &tile(channel.tile);
    std::vector<uint32_t>* memory = &owner->memory;
    if (channel.tile.kind() == TileKind::Memtile) {
      const uint64_t window = access.base / kMemtileWindowWords;
      owner = memtile_window(channel, window);
      memory = owner ? &owner->memory : beyond_partition(channel, window);
      access.base %= kMemtileWindowWords;
    }
    loaded.reachable = memory != nullptr;
    if (memory) {
      loaded.owner = owner ? owner->coord : channel.tile;
      loaded.memory = memory->data();
      loaded.memory_words = memory->size();
    }
  }
  loaded.plan = logic::Plan(access);
}

bool Array::issue_token(const observe::Agent& channel, int64_t controller_id) {
  const auto header = static_cast<uint32_t>(controller_id);
  const logic::Route route =
      network_.resolve({channel.tile, logic::SinkKind::TileControl, 0}, header);
  const bool leaves = route.problem == logic::Route::Problem::None &&
                      std::any_of(route.legs.begin(), route.legs.end(), [](const logic::Leg& leg) {
                        return leg.sink.kind == logic::SinkKind::Border;
                      });
  if (!leaves)
    return false;
  context_.emit(observe::TokenIssued{channel});
  if (token_receiver_)
    token_receiver_(channel);
  return true;
}

void Array::withdraw(const LockClient& client, const observe::Agent& agent) {
  // Only tiles next to the agent's have locks that it can wait for.
  for (const auto& t : tiles_)
    if (std::abs(t->coord.col - agent.tile.col) <= 1 &&
        std::abs(t->coord.row - agent.tile.row) <= 1)
      t->locks.withdraw(client);
}

void Array::settle() {
  fabric_->settle();
  fabric_->tell_last();
  for (const auto& t : tiles_) {
    for (const auto* channels : {&t->s2mm, &t->mm2s})
      for (const auto& channel : *channels)
        channel->tell_last();
    if (t->core)
      t->core->tell_last();
    t->locks.tell_last();
  }
}

void Array::touch(const observe::Agent& core, uint64_t address, const logic::KernelArgument& use,
                  bool held) {
  if (!context_.hub.wants_memory())
    return;
  Coord at = core.tile;
  const uint64_t window = address & ~uint64_t{0xFFFF};
  if (window == arch::kCoreSouth)
    --at.row;
  else if (window == arch::kCoreNorth)
    ++at.row;
  else if (window == arch::kCoreWest)
    --at.col;
  const auto offset = static_cast<uint32_t>(address & 0xFFFF);
  if (use.reads)
    context_.emit(observe::MemoryAccess{core, at, offset, use.bytes, false, held});
  if (use.writes)
    context_.emit(observe::MemoryAccess{core, at, offset, use.bytes, true, held});
}

void Array::forget_host_memory() {
  for (const auto& t : tiles_)
    if (t->coord.kind() == TileKind::Shim) {
      for (BdSlot& slot : t->descriptors)
        ++slot.version;
      for (auto* channels : {&t->s2mm, &t->mm2s})
        for (const auto& channel : *channels)
          channel->lose_host_memory();
    }
}

void Array::launch_cores() {
  for (const auto& t : tiles_)
    if (t->core && (t->core->control() & 3) == 3)
      t->core->write_control(1);
}

void Array::zero_memory(Tile& tile) {
  std::fill(tile.memory.begin(), tile.memory.end(), 0);
  if (context_.hub.wants_memory())
    context_.emit(observe::MemoryAccess{
        {}, tile.coord, 0, static_cast<uint32_t>(tile.memory.size() * 4), true, false});
}

void Array::not_modelled(uint32_t address) {
  if (reported_.insert(address).second)
    context_.fault({}, FaultKind::NotModelled, address);
}

void Array::program_merge(const Tile& tile, int arbiter) {
  const auto& words = network_.at(tile.coord).merges[static_cast<size_t>(arbiter)];
  std::vector<logic::MergeStep> steps;
  if (words[2] & 1) {
    for (int i = 0; i < 4; ++i) {
      const uint32_t half = words[static_cast<size_t>(i / 2)] >> (16 * (i % 2));
      const logic::MergeStep step{static_cast<uint8_t>(half & 0x1F),
                                  static_cast<uint8_t>(half >> 8 & 0x3F)};
      if (step.packets > 0)
        steps.push_back(step);
    }
  }
  fabric_->program_merge(tile.coord, arbiter, std::move(steps));
}

}  // namespace npu::sim
