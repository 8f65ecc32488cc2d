// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/image.h"

#include <algorithm>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/ports.h"
#include "hw-model/arch/register.h"

namespace npu::diagnosis {

using arch::RegisterId;
using arch::TileKind;

namespace {

constexpr uint32_t kMemtileWindow = 0x80000;
constexpr size_t kLongestChain = 64;
constexpr uint32_t kCoreReset = 2;

}  // namespace

std::optional<uint64_t> Task::words() const {
  if (endless)
    return std::nullopt;
  uint64_t sum = 0;
  for (const TaskBd& each : chain)
    sum += each.bd.access.length;
  return sum * repeat;
}

Image::Image(const arch::Partition& partition, const arch::Timing& timing)
    : partition_(partition),
      queue_depth_(timing.dma.queue_depth.cycles()),
      network_(partition, timing) {}

void Image::configure(std::span<const arch::Command> commands) {
  for (const arch::Command& command : commands)
    apply(command, std::nullopt);
}

void Image::sequence(std::span<const arch::Command> commands) {
  host_ = std::make_shared<const arch::Commands>(commands.begin(), commands.end());
  for (size_t i = 0; i < commands.size(); ++i) {
    const auto* loads = std::get_if<arch::Load>(&commands[i]);
    if (loads && loads_.contains(loads->id))
      load(loads->id, i);
    else
      apply(commands[i], i);
  }
  end_ = commands.size();
}

void Image::load(uint32_t id, size_t host) {
  end_ = host;
  auto before = std::make_shared<Image>(*this);
  before->past_.clear();
  before->loads_.clear();
  past_.push_back(std::move(before));
  begin_ = host + 1;
  loaded_ = id;
  for (const arch::Command& command : loads_.at(id))
    apply(command, std::nullopt);
}

const Image& Image::at(size_t command) const {
  const auto holds = std::ranges::find_if(
      past_, [&](const std::shared_ptr<const Image>& image) { return command <= image->end_; });
  return holds == past_.end() ? *this : **holds;
}

std::vector<const Image*> Image::stages() const {
  std::vector<const Image*> all;
  for (const std::shared_ptr<const Image>& image : past_)
    all.push_back(image.get());
  all.push_back(this);
  return all;
}

const arch::Names& names_of(const Image& image, const arch::Names& all,
                            const std::map<uint32_t, arch::Names>& of_loads) {
  const auto own = of_loads.find(image.loaded().value_or(0));
  return own == of_loads.end() ? all : own->second;
}

void Image::reset(const Agent& channel) {
  std::erase_if(tasks_, [&](const Task& task) { return task.channel == channel; });
}

void Image::apply(const arch::Command& command, std::optional<size_t> host) {
  if (const auto* c = std::get_if<arch::Write>(&command)) {
    write(c->address, c->value, host);
  } else if (const auto* b = std::get_if<arch::BlockWrite>(&command)) {
    for (size_t i = 0; i < b->words.size(); ++i)
      write(b->address + static_cast<uint32_t>(4 * i), b->words[i], host);
  } else if (const auto* m = std::get_if<arch::MaskWrite>(&command)) {
    const auto old = words_.find(m->address);
    write(m->address, ((old == words_.end() ? 0 : old->second) & ~m->mask) | (m->value & m->mask),
          host);
  } else if (const auto* p = std::get_if<arch::AddressPatch>(&command)) {
    patches_[p->address] = {p->argument, p->offset};
  }
}

void Image::write(uint32_t address, uint32_t value, std::optional<size_t> host) {
  const Coord tile = arch::tile_of(address);
  if (!partition_.contains(tile))
    return;
  const auto at =
      arch::find_register(tile.kind(), partition_.device->generation, arch::offset_of(address));
  if (!at)
    return;
  words_[address] = value;
  patches_.erase(address);
  logic::SwitchState& state = network_.at(tile);
  const auto index = static_cast<size_t>(at->index);
  const auto word = static_cast<size_t>(at->word);
  switch (at->row->id) {
    case RegisterId::SwitchMaster:
      state.masters[index] = value;
      break;
    case RegisterId::SwitchSlave:
      state.slaves[index] = value;
      break;
    case RegisterId::SwitchSlot:
      state.slots[index][word] = value;
      break;
    case RegisterId::SwitchMerge:
      state.merges[index][word] = value;
      break;
    case RegisterId::ShimMux:
      state.mux = value;
      break;
    case RegisterId::ShimDemux:
      state.demux = value;
      break;
    case RegisterId::S2mmQueue:
      return push(tile, arch::Direction::S2mm, at->index, value, host);
    case RegisterId::Mm2sQueue:
      return push(tile, arch::Direction::Mm2s, at->index, value, host);
    case RegisterId::LockValue:
      if (!host)
        initial_[{tile, static_cast<uint8_t>(at->index)}] = static_cast<int>(value & 0x3F);
      break;
    case RegisterId::S2mmControl:
    case RegisterId::Mm2sControl:
      if (tile.kind() != TileKind::Shim && (value & arch::control::kReset.mask()))
        reset({tile,
               at->row->id == RegisterId::S2mmControl ? observe::AgentKind::S2mm
                                                      : observe::AgentKind::Mm2s,
               static_cast<uint8_t>(at->index)});
      break;
    case RegisterId::CoreControl:
      if (value & kCoreReset)
        cores_.erase(tile);
      if (value & 1)
        read_program(tile);
      break;
    default:
      break;
  }
}

std::optional<LockRef> Image::lock_ref(const Agent& channel, int id) const {
  Coord tile = channel.tile;
  if (tile.kind() != TileKind::Memtile)
    return LockRef{tile, static_cast<uint8_t>(id)};
  const int per_tile = arch::facts(TileKind::Memtile).locks;
  tile.col = static_cast<uint8_t>(tile.col + id / per_tile - 1);
  if (!partition_.contains(tile))
    return std::nullopt;
  return LockRef{tile, static_cast<uint8_t>(id % per_tile)};
}

TaskBd Image::describe(const Agent& channel, int id) const {
  const TileKind kind = channel.tile.kind();
  std::array<uint32_t, 8> registers{};
  const uint32_t first = arch::address_of(channel.tile, arch::bd_offset(kind, id));
  for (uint32_t i = 0; i < static_cast<uint32_t>(arch::bd_words(kind)); ++i) {
    const auto found = words_.find(first + 4 * i);
    registers[i] = found == words_.end() ? 0 : found->second;
  }
  TaskBd out{static_cast<uint8_t>(id), logic::decode_bd(kind, registers), {}, {}, channel.tile, 0};
  if (const auto patch = patches_.find(first + 4);
      kind == TileKind::Shim && patch != patches_.end())
    out.host = patch->second;
  if (out.bd.acquire)
    out.acquire = lock_ref(channel, out.bd.acquire_lock);
  if (out.bd.release != 0)
    out.release = lock_ref(channel, out.bd.release_lock);
  const uint64_t byte = out.bd.access.base * 4;
  out.address = static_cast<uint32_t>(byte);
  if (kind == TileKind::Memtile) {
    out.memory.col = static_cast<uint8_t>(channel.tile.col + byte / kMemtileWindow - 1);
    out.address = static_cast<uint32_t>(byte % kMemtileWindow);
  }
  return out;
}

void Image::push(Coord tile, arch::Direction direction, int channel, uint32_t word,
                 std::optional<size_t> host) {
  const std::span queue(&word, 1);
  Task task;
  task.channel = {
      tile,
      direction == arch::Direction::Mm2s ? observe::AgentKind::Mm2s : observe::AgentKind::S2mm,
      static_cast<uint8_t>(channel)};
  task.repeat = static_cast<uint16_t>(arch::get(queue, arch::queue::kRepeat));
  task.token = arch::get(queue, arch::queue::kToken) != 0;
  task.command = host;
  int id = static_cast<int>(arch::get(queue, arch::queue::kStartBd));
  while (task.chain.size() < kLongestChain && id < arch::facts(tile.kind()).descriptors) {
    const bool seen = std::any_of(task.chain.begin(), task.chain.end(),
                                  [&](const TaskBd& bd) { return bd.id == id; });
    task.endless = seen;
    if (seen)
      break;
    task.chain.push_back(describe(task.channel, id));
    const logic::Bd& bd = task.chain.back().bd;
    if (!bd.valid || !bd.next)
      break;
    id = *bd.next;
  }
  tasks_.push_back(std::move(task));
}

void Image::read_program(Coord tile) {
  const auto memory = arch::register_offset(TileKind::Core, RegisterId::ProgramMemory);
  std::vector<uint32_t> image(arch::kProgramMemoryBytes / 4);
  const uint32_t first = arch::address_of(tile, memory);
  for (auto at = words_.lower_bound(first);
       at != words_.end() && at->first < first + arch::kProgramMemoryBytes; ++at)
    image[(at->first - first) / 4] = at->second;
  CoreFacts facts{tile, arch::decode(image), {}, false};
  if (facts.program) {
    const auto& code = facts.program->code;
    for (size_t i = 0; i < code.size(); ++i) {
      if (code[i].op == arch::Op::Jump && static_cast<size_t>(code[i].imm) <= i)
        facts.endless = true;
      if (code[i].op != arch::Op::Acquire && code[i].op != arch::Op::Release)
        continue;
      Coord owner = tile;
      switch (code[i].a / arch::kCoreLocksPerWindow) {
        case 0:
          --owner.row;
          break;
        case 1:
          --owner.col;
          break;
        case 2:
          ++owner.row;
          break;
        default:
          break;
      }
      const auto lock = static_cast<uint8_t>(code[i].a % arch::kCoreLocksPerWindow);
      facts.locks.push_back({{owner, lock}, code[i].imm, code[i].op == arch::Op::Acquire, i});
    }
  }
  cores_[tile] = std::move(facts);
}

int Image::initial(LockRef lock) const {
  const auto found = initial_.find(lock);
  return found == initial_.end() ? 0 : found->second;
}

std::optional<uint32_t> Image::written(uint32_t address) const {
  const auto found = words_.find(address);
  return found == words_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<LockUser> Image::users(LockRef lock, bool giving) const {
  std::vector<LockUser> out;
  for (const Task& task : tasks_) {
    for (const TaskBd& each : task.chain) {
      if (giving && each.release == lock)
        out.push_back({task.channel, each.bd.release, each.id});
      if (!giving && each.acquire == lock)
        out.push_back({task.channel, each.bd.acquire->value, each.id});
    }
  }
  for (const auto& [tile, core] : cores_)
    for (const CoreFacts::LockUse& use : core.locks)
      if (use.lock == lock && use.acquires != giving)
        out.push_back({{tile, observe::AgentKind::Core, 0}, use.value, 0});
  return out;
}

std::vector<LockUser> Image::givers(LockRef lock) const {
  return users(lock, true);
}
std::vector<LockUser> Image::takers(LockRef lock) const {
  return users(lock, false);
}

std::vector<const Task*> Image::tasks_of(const Agent& channel) const {
  std::vector<const Task*> out;
  for (const Task& task : tasks_)
    if (task.channel == channel)
      out.push_back(&task);
  return out;
}

std::vector<logic::Route> Image::routes(const Agent& source) const {
  const bool core = source.kind == observe::AgentKind::Core;
  const logic::SourceId id{source.tile, core ? logic::SinkKind::Core : logic::SinkKind::Dma,
                           source.index};
  std::vector<logic::Route> out{network_.resolve(id, std::nullopt)};
  for (const Task* task : tasks_of(source))
    for (const TaskBd& each : task->chain)
      if (each.bd.packet)
        out.push_back(network_.resolve(
            id, arch::packet_header(source.tile, each.bd.packet_id, each.bd.packet_type,
                                    each.bd.out_of_order_id)));
  return out;
}

std::vector<logic::Leg> Image::legs(const Agent& source) const {
  std::vector<logic::Leg> out;
  for (const logic::Route& route : routes(source))
    for (const logic::Leg& leg : route.legs)
      if (std::none_of(out.begin(), out.end(),
                       [&](const logic::Leg& known) { return known.sink == leg.sink; }))
        out.push_back(leg);
  return out;
}

std::vector<Agent> Image::all_sources() const {
  std::vector<Agent> out;
  for (int col = 0; col < partition_.columns; ++col) {
    for (int row = 0; row < arch::kRows; ++row) {
      const Coord tile{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
      for (int i = 0; i < arch::facts(tile.kind()).mm2s_channels; ++i)
        out.push_back({tile, observe::AgentKind::Mm2s, static_cast<uint8_t>(i)});
      if (tile.kind() == TileKind::Core)
        out.push_back({tile, observe::AgentKind::Core, 0});
    }
  }
  return out;
}

std::vector<Agent> Image::sources(const Agent& sink) const {
  const bool core = sink.kind == observe::AgentKind::Core;
  const logic::SinkId wanted{sink.tile, core ? logic::SinkKind::Core : logic::SinkKind::Dma,
                             sink.index};
  std::vector<Agent> out;
  for (const Agent& candidate : all_sources())
    for (const logic::Leg& leg : legs(candidate))
      if (leg.sink == wanted)
        out.push_back(candidate);
  return out;
}

std::optional<logic::ArbiterUse> Image::contested(const Agent& source, const Agent& rival) const {
  for (const logic::Route& mine : routes(source))
    for (const logic::ArbiterUse& use : mine.arbiters)
      for (const logic::Route& other : routes(rival))
        for (const logic::ArbiterUse& theirs : other.arbiters)
          if (use.tile == theirs.tile && use.arbiter == theirs.arbiter)
            return use;
  return std::nullopt;
}

std::vector<Agent> Image::rivals(const Agent& source) const {
  std::vector<logic::ArbiterUse> mine;
  for (const logic::Route& route : routes(source))
    mine.insert(mine.end(), route.arbiters.begin(), route.arbiters.end());
  const auto shared = [&](const logic::ArbiterUse& use) {
    return std::any_of(mine.begin(), mine.end(), [&](const logic::ArbiterUse& m) {
      return m.tile == use.tile && m.arbiter == use.arbiter;
    });
  };
  std::vector<Agent> out;
  for (const Agent& candidate : all_sources()) {
    if (candidate == source)
      continue;
    for (const logic::Route& route : routes(candidate)) {
      if (std::none_of(route.arbiters.begin(), route.arbiters.end(), shared))
        continue;
      out.push_back(candidate);
      break;
    }
  }
  return out;
}

}  // namespace npu::diagnosis
