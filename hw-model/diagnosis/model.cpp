// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/model.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/ports.h"
#include "hw-model/arch/register.h"
#include "hw-model/diagnosis/model_builder.h"

namespace npu::diagnosis {

using arch::RegisterId;
using arch::TileKind;
using observe::AgentKind;

namespace {

constexpr int64_t kMemtileWindowWords = 0x80000 / 4;
constexpr uint32_t kEnable = 1;

logic::SourceId source_of(const observe::Agent& agent) {
  const bool core = agent.kind == AgentKind::Core;
  return {agent.tile, core ? logic::SinkKind::Core : logic::SinkKind::Dma, agent.index};
}

template <typename T>
void add_once(std::vector<T>& list, const T& value) {
  if (std::find(list.begin(), list.end(), value) == list.end())
    list.push_back(value);
}

/// Tile behind a core's lock number or address window: south, west, north, own.
std::optional<Coord> window_of(Coord tile, int window, const arch::Partition& partition) {
  switch (window) {
    case 0:
      --tile.row;
      break;
    case 1:
      --tile.col;
      break;
    case 2:
      ++tile.row;
      break;
    case 3:
      break;
    default:
      return std::nullopt;
  }
  if (!partition.contains(tile) || tile.kind() != TileKind::Core)
    return std::nullopt;
  return tile;
}

}  // namespace

Model make_model(const Image& image, const arch::Timing& timing) {
  return ModelBuilder(image, timing).build();
}

ModelBuilder::ModelBuilder(const Image& image, const arch::Timing& timing) : image_(image) {
  m_.columns = image.partition().columns;
  m_.queue_depth = static_cast<int>(timing.dma.queue_depth.cycles());
  m_.running_task_counts = static_cast<bool>(timing.dma.running_task_counts);
  lock_index_.assign(LockRef::kAll, kNone);
}

Model ModelBuilder::build() {
  if (m_.queue_depth > kMostQueued)
    gap("task queues of {} places", m_.queue_depth);
  for (const Task& task : image_.tasks())
    agent(task.channel);
  for (const auto& [tile, core] : image_.cores())
    agent({tile, AgentKind::Core, 0});
  // Routes may lead to receivers that have no task; they join the agents as they are met.
  for (const Task& task : image_.tasks())
    add_task(task);
  for (const auto& [tile, core] : image_.cores())
    add_core(core);
  m_.first_tasks.resize(m_.agents.size());
  for (size_t i = 0; i < image_.tasks().size(); ++i)
    if (!image_.tasks()[i].command)
      m_.first_tasks[static_cast<size_t>(agent(image_.tasks()[i].channel))].push_back(
          static_cast<int>(i));
  for (size_t i = 0; i < m_.agents.size(); ++i)
    read_control(m_.agents[i]);
  add_host();
  for (size_t i = 0; i < m_.locks.size(); ++i)
    m_.initial.push_back(image_.initial(m_.lock_ids[i]));
  return std::move(m_);
}

int ModelBuilder::agent(const observe::Agent& id) {
  const auto [at, added] = agent_index_.try_emplace(id, static_cast<int>(m_.agents.size()));
  if (added) {
    m_.agents.emplace_back().id = id;
    m_.first_tasks.resize(m_.agents.size());
  }
  return at->second;
}

int ModelBuilder::lock(LockRef ref) {
  int& index = lock_index_[ref.index()];
  if (index == kNone) {
    index = static_cast<int>(m_.locks.size());
    m_.locks.emplace_back();
    m_.lock_ids.push_back(ref);
  }
  return index;
}

void ModelBuilder::takes(int user, int lock, int amount) {
  if (amount >= 0)
    gap("{} acquires lock {} of {} by equality", observe::to_string(id(user)),
        m_.lock_ids[static_cast<size_t>(lock)].lock,
        arch::to_string(m_.lock_ids[static_cast<size_t>(lock)].tile));
  add_once(m_.locks[static_cast<size_t>(lock)].takers, user);
}

void ModelBuilder::gives(int user, int lock, int amount) {
  if (amount < 0)
    gap("{} releases lock {} of {} by a negative amount", observe::to_string(id(user)),
        m_.lock_ids[static_cast<size_t>(lock)].lock,
        arch::to_string(m_.lock_ids[static_cast<size_t>(lock)].tile));
  add_once(m_.locks[static_cast<size_t>(lock)].givers, user);
}

void ModelBuilder::add_task(const npu::diagnosis::Task& task) {
  const int user = agent(task.channel);
  Model::Task out;
  out.repeat = task.repeat;
  out.token = task.token;
  for (const TaskBd& bd : task.chain)
    out.chain.push_back(step(user, bd));
  const auto place = [&](int id) {
    for (size_t i = 0; i < task.chain.size(); ++i)
      if (task.chain[i].id == id)
        return static_cast<int>(i);
    return kNone;
  };
  const TaskBd* last = task.chain.empty() ? nullptr : &task.chain.back();
  if (last && last->bd.valid && last->bd.next)
    out.again = place(*last->bd.next);
  // A chain that leads to a descriptor that does not exist stops its channel there.
  if (!last || (last->bd.valid && last->bd.next && out.again == kNone))
    out.chain.push_back({.stops = true});
  m_.tasks.push_back(std::move(out));
}

bool ModelBuilder::stops(const observe::Agent& channel, const TaskBd& bd) const {
  if (!bd.bd.valid || bd.bd.compression)
    return true;
  const TileKind kind = channel.tile.kind();
  if (kind == TileKind::Shim)
    return false;
  if (kind == TileKind::Memtile) {
    const bool upper = bd.id >= arch::kMemtileDescriptorsPerParity;
    if (upper != (channel.index % 2 == 1))
      return true;
    const bool away = bd.memory != channel.tile;
    // The neighbour's memory is there when the device has its column, whosever it is.
    const arch::Partition& partition = image_.partition();
    const int column = partition.first_column + static_cast<int8_t>(bd.memory.col);
    if (away && (channel.index >= arch::kMemtileNeighbourChannels || column < 0 ||
                 column >= partition.device->columns))
      return true;
  }
  logic::Access access = bd.bd.access;
  if (channel.kind == AgentKind::S2mm)
    access.pads = {};
  if (kind == TileKind::Memtile)
    access.base %= kMemtileWindowWords;
  const logic::Plan plan(access);
  const uint64_t most =
      uint64_t{bd.bd.iteration_size > 1 ? bd.bd.iteration_size - 1 : 0} * bd.bd.iteration_step;
  return plan.end() > plan.lowest() && plan.end() + most > arch::facts(kind).memory_bytes / 4;
}

Model::Step ModelBuilder::step(int user, const TaskBd& bd) {
  const observe::Agent channel = id(user);
  Model::Step out;
  out.bd = bd.id;
  out.stops = stops(channel, bd);
  out.words = static_cast<int64_t>(bd.bd.access.length);
  const bool far =
      channel.tile.kind() == TileKind::Memtile && channel.index >= arch::kMemtileNeighbourChannels;
  const auto reach = [&](const std::optional<LockRef>& ref) {
    return ref && !(far && ref->tile != channel.tile);
  };
  if (bd.bd.acquire) {
    out.request = *bd.bd.acquire;
    if (reach(bd.acquire))
      takes(user, out.acquire = lock(*bd.acquire), out.request.value);
    else
      out.stops = true;
  }
  if (bd.bd.release != 0) {
    out.release_amount = bd.bd.release;
    if (reach(bd.release))
      gives(user, out.release = lock(*bd.release), out.release_amount);
    else
      out.stops_at_release = true;
  }
  if (channel.kind != AgentKind::Mm2s || out.stops)
    return out;
  out.header = bd.bd.packet;
  out.tlast = !bd.bd.suppress_tlast;
  std::optional<uint32_t> header;
  if (bd.bd.packet)
    header = arch::packet_header(channel.tile, bd.bd.packet_id, bd.bd.packet_type,
                                 bd.bd.out_of_order_id);
  out.route = route(user, header);
  return out;
}

int ModelBuilder::route(int user, std::optional<uint32_t> header) {
  using Problem = logic::Route::Problem;
  const logic::Route found = image_.network().resolve(source_of(id(user)), header);
  if (found.packet && !header)
    return Model::kSteered;
  if (found.problem != Problem::None)
    return kNone;
  Model::Route out;
  out.packet = found.packet;
  for (const logic::Leg& leg : found.legs) {
    if (leg.sink.kind == logic::SinkKind::Border)
      continue;
    if (leg.sink.kind == logic::SinkKind::TileControl) {
      gap("{} sends control packets to {}", observe::to_string(id(user)),
          arch::to_string(leg.sink.tile));
      continue;
    }
    const bool core = leg.sink.kind == logic::SinkKind::Core;
    const int sink =
        agent({leg.sink.tile, core ? AgentKind::Core : AgentKind::S2mm, leg.sink.channel});
    out.legs.push_back({sink, static_cast<int>(leg.buffer), leg.drops_header});
    add_once(m_.agents[static_cast<size_t>(sink)].sources, user);
  }
  if (out.legs.empty())
    return kNone;
  for (const logic::ArbiterUse& use : found.arbiters)
    out.arbiters.push_back(arbiter(user, use));
  for (size_t i = 0; i < m_.routes.size(); ++i)
    if (m_.routes[i] == out)
      return static_cast<int>(i);
  m_.routes.push_back(std::move(out));
  return static_cast<int>(m_.routes.size()) - 1;
}

int ModelBuilder::arbiter(int user, const logic::ArbiterUse& use) {
  const auto [at, added] = arbiter_index_.try_emplace(Model::ArbiterId{use.tile, use.arbiter},
                                                      static_cast<int>(m_.arbiters.size()));
  if (added) {
    m_.arbiters.emplace_back();
    m_.arbiter_ids.push_back({use.tile, use.arbiter});
    const auto& merges = image_.network().at(use.tile).merges;
    if (use.arbiter < merges.size() && (merges[use.arbiter][2] & 1))
      gap("arbiter {} of {} has a programmed order", use.arbiter, arch::to_string(use.tile));
  }
  add_once(m_.arbiters[static_cast<size_t>(at->second)].takers, user);
  return at->second;
}

void ModelBuilder::add_core(const CoreFacts& facts) {
  const int user = agent({facts.tile, AgentKind::Core, 0});
  const uint32_t control =
      image_
          .written(arch::address_of(facts.tile,
                                    arch::register_offset(TileKind::Core, RegisterId::CoreControl)))
          .value_or(0);
  if (!(control & kEnable))
    return;
  if (!facts.program) {
    gap("the code of {} is not a program of this project", arch::to_string(facts.tile));
    return;
  }
  const auto& code = facts.program->code;
  std::vector<int> locks(code.size(), kNone);
  int registers = 0;
  bool sends = false;
  for (size_t i = 0; i < code.size(); ++i) {
    const arch::Instruction& in = code[i];
    registers = std::max({registers, in.dst + 1, in.a + 1, in.b + 1});
    if (in.op == arch::Op::Call)
      registers = std::max(registers, in.a + in.b);
    sends = sends || in.op == arch::Op::StreamPut;
    if (in.op != arch::Op::Acquire && in.op != arch::Op::Release)
      continue;
    const auto tile = window_of(facts.tile, in.a / arch::kCoreLocksPerWindow, image_.partition());
    if (!tile)
      continue;
    locks[i] = lock({*tile, static_cast<uint8_t>(in.a % arch::kCoreLocksPerWindow)});
    in.op == arch::Op::Acquire ? takes(user, locks[i], static_cast<int8_t>(in.imm))
                               : gives(user, locks[i], in.imm);
  }
  const int stream = sends ? route(user, std::nullopt) : kNone;
  const int target = cascade_target(facts.tile);
  Model::Agent& core = m_.agents[static_cast<size_t>(user)];
  core.code = code;
  core.kernels = facts.program->kernels;
  core.lock_of = std::move(locks);
  core.registers = std::min(registers, arch::kProgramRegisters);
  core.first_register = m_.registers;
  core.stream = stream;
  core.cascade_target = target;
  m_.registers += core.registers;
}

/// The core that this one's cascade output feeds, when that one listens in this direction.
int ModelBuilder::cascade_target(Coord tile) {
  const auto control = [&](Coord at) {
    const uint32_t offset = arch::register_offset(TileKind::Core, RegisterId::CascadeControl);
    return image_.written(arch::address_of(at, offset)).value_or(0);
  };
  const bool east = control(tile) & 2;
  (east ? tile.col : tile.row) = static_cast<uint8_t>(east ? tile.col + 1 : tile.row - 1);
  if (!image_.partition().contains(tile) || tile.kind() != TileKind::Core ||
      ((control(tile) & 1) != 0) != east)
    return kNone;
  const auto found = agent_index_.find(observe::Agent{tile, AgentKind::Core, 0});
  return found == agent_index_.end() ? kNone : found->second;
}

void ModelBuilder::read_control(Model::Agent& channel) {
  if (channel.id.kind == AgentKind::Core)
    return;
  const bool receives = channel.id.kind == AgentKind::S2mm;
  const uint32_t word =
      image_
          .written(arch::address_of(
              channel.id.tile,
              arch::channel_register(channel.id.tile.kind(),
                                     receives ? RegisterId::S2mmControl : RegisterId::Mm2sControl,
                                     channel.id.index)))
          .value_or(0);
  const std::span words(&word, 1);
  channel.finishes_on_tlast = receives && arch::get(words, arch::control::kFotMode) != 0;
  if (receives && arch::get(words, arch::control::kOutOfOrder) != 0)
    gap("{} takes its descriptors from packet headers", observe::to_string(channel.id));
  const bool shim = channel.id.tile.kind() == TileKind::Shim;
  const uint32_t halting =
      shim ? arch::control::kPauseMemory.mask() | arch::control::kPauseStream.mask()
           : arch::control::kReset.mask();
  if (word & halting)
    gap("{} is {}", observe::to_string(channel.id), shim ? "paused" : "held in reset");
  const auto controller = static_cast<uint32_t>(arch::get(words, arch::control::kControllerId));
  const logic::Route route =
      image_.network().resolve({channel.id.tile, logic::SinkKind::TileControl, 0}, controller);
  channel.token_leaves =
      route.problem == logic::Route::Problem::None &&
      std::any_of(route.legs.begin(), route.legs.end(),
                  [](const logic::Leg& leg) { return leg.sink.kind == logic::SinkKind::Border; });
}

}  // namespace npu::diagnosis
