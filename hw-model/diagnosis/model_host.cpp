// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the host's commands are in the model.
#include <map>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/register.h"
#include "hw-model/diagnosis/model_builder.h"

namespace npu::diagnosis {

using arch::RegisterId;
using observe::AgentKind;

void ModelBuilder::add_host() {
  const auto [begin, end] = image_.range();
  m_.commands = static_cast<uint32_t>(end);
  std::multimap<size_t, int> pushed;
  for (size_t i = 0; i < image_.tasks().size(); ++i)
    if (const auto command = image_.tasks()[i].command)
      pushed.emplace(*command, static_cast<int>(i));
  for (auto i = static_cast<uint32_t>(begin); i < m_.commands; ++i) {
    const arch::Command& command = image_.host()[i];
    if (const auto* sync = std::get_if<arch::Sync>(&command))
      add_sync(i, *sync);
    else if (const auto* poll = std::get_if<arch::MaskPoll>(&command))
      add_poll(i, *poll);
    else if (const auto* w = std::get_if<arch::Write>(&command))
      add_write(i, w->address, w->value, false);
    else if (const auto* m = std::get_if<arch::MaskWrite>(&command))
      add_write(i, m->address, m->value & m->mask, true);
    else if (const auto* b = std::get_if<arch::BlockWrite>(&command))
      for (size_t word = 0; word < b->words.size(); ++word)
        add_write(i, b->address + static_cast<uint32_t>(4 * word), b->words[word], false);
    else if (std::holds_alternative<arch::Load>(command))
      gap("host command {} loads another configuration", i + 1);
    const auto [first, last] = pushed.equal_range(i);
    for (auto at = first; at != last; ++at)
      m_.host.push_back({Model::HostOp::What::Push,
                         i,
                         agent(image_.tasks()[static_cast<size_t>(at->second)].channel),
                         at->second,
                         {}});
  }
}

void ModelBuilder::add_sync(uint32_t command, const arch::Sync& sync) {
  Model::HostOp op{Model::HostOp::What::Sync, command, kNone, 0, {}};
  for (int col = sync.col; col < sync.col + sync.columns; ++col)
    for (int row = sync.row; row < sync.row + sync.rows; ++row) {
      const auto kind = sync.direction == arch::Direction::S2mm ? AgentKind::S2mm : AgentKind::Mm2s;
      const auto found = agent_index_.find(observe::Agent{
          {static_cast<uint8_t>(col), static_cast<uint8_t>(row)}, kind, sync.channel});
      if (found == agent_index_.end())
        op.what = Model::HostOp::What::Never;
      else
        op.agents.push_back(found->second);
    }
  m_.host.push_back(std::move(op));
}

namespace {

/// What a poll of a channel's status waits for, and at which descriptor; nothing for other polls.
std::optional<Model::HostOp> channel_wait(const arch::MaskPoll& poll) {
  using What = Model::HostOp::What;
  constexpr uint32_t kBusy =
      arch::status::kRunning.mask() | arch::status::kQueueSize.mask() | arch::status::kState.mask();
  constexpr uint32_t kStalled = arch::status::kStalledAcquire.mask();
  constexpr uint32_t kBd = arch::status::kCurrentBd.mask();
  if (poll.value == 0 && (poll.mask & arch::status::kRunning.mask()) && (poll.mask & ~kBusy) == 0)
    return Model::HostOp{What::WaitIdle};
  if ((poll.mask & ~kBd) != kStalled || (poll.value & kStalled) == 0)
    return std::nullopt;
  Model::HostOp op{What::WaitStalled};
  op.value = kNone;
  if ((poll.mask & kBd) == kBd)
    op.value = static_cast<int>(arch::get(std::span(&poll.value, 1), arch::status::kCurrentBd));
  else if ((poll.mask & kBd) != 0)
    return std::nullopt;
  return op;
}

}  // namespace

void ModelBuilder::add_poll(uint32_t command, const arch::MaskPoll& poll) {
  using What = Model::HostOp::What;
  if ((poll.value & ~poll.mask) != 0)
    return m_.host.push_back({What::Never, command, kNone, 0, {}});
  const Coord tile = arch::tile_of(poll.address);
  const auto at = arch::find_register(tile.kind(), image_.partition().device->generation,
                                      arch::offset_of(poll.address));
  constexpr uint32_t kDone = 1u << 20;
  if (at && image_.partition().contains(tile)) {
    const RegisterId id = at->row->id;
    if (id == RegisterId::CoreStatus && poll.mask == kDone && poll.value == kDone) {
      const auto core = agent_index_.find({tile, AgentKind::Core, 0});
      const bool runs = core != agent_index_.end();
      return m_.host.push_back(
          {runs ? What::WaitDone : What::Never, command, runs ? core->second : kNone, 0, {}});
    }
    const bool s2mm = id == RegisterId::S2mmStatus;
    auto wait = s2mm || id == RegisterId::Mm2sStatus ? channel_wait(poll) : std::nullopt;
    if (wait) {
      const auto channel = agent_index_.find(
          {tile, s2mm ? AgentKind::S2mm : AgentKind::Mm2s, static_cast<uint8_t>(at->index)});
      if (channel == agent_index_.end() && wait->what == What::WaitIdle)
        return;
      wait->command = command;
      if (channel == agent_index_.end())
        wait->what = What::Never;
      else
        wait->subject = channel->second;
      return m_.host.push_back(std::move(*wait));
    }
  }
  gap("host command {} polls {}", command + 1,
      arch::describe_address(image_.partition().device->generation, poll.address));
}

void ModelBuilder::add_write(uint32_t command, uint32_t address, uint32_t value, bool masked) {
  const Coord tile = arch::tile_of(address);
  if (!image_.partition().contains(tile))
    return;
  const auto at = arch::find_register(tile.kind(), image_.partition().device->generation,
                                      arch::offset_of(address));
  if (!at)
    return;
  switch (at->row->id) {
    case RegisterId::Bd:
      return add_rewrite(command, tile, at->index);
    case RegisterId::LockValue:
      if (masked)
        break;
      return add_lock_write(command, lock({tile, static_cast<uint8_t>(at->index)}),
                            static_cast<int>(value & 0x3F));
    case RegisterId::SwitchMaster:
    case RegisterId::SwitchSlave:
    case RegisterId::SwitchSlot:
    case RegisterId::SwitchMerge:
    case RegisterId::ShimMux:
    case RegisterId::ShimDemux:
    case RegisterId::CoreControl:
    case RegisterId::CascadeControl:
    case RegisterId::ProgramMemory:
    case RegisterId::MemoryControl:
      break;
    case RegisterId::S2mmControl:
    case RegisterId::Mm2sControl:
      // The controller id is all that is told apart in time.
      if ((value & ~arch::control::kControllerId.mask()) == 0)
        return;
      break;
    default:
      return;
  }
  gap("host command {} writes {}", command + 1,
      arch::describe_address(image_.partition().device->generation, address));
}

void ModelBuilder::add_lock_write(uint32_t command, int lock, int value) {
  m_.locks[static_cast<size_t>(lock)].host_sets = true;
  m_.host.push_back({Model::HostOp::What::SetLock, command, lock, value, {}});
}

/// Tasks that have the descriptor must be done before it changes.
void ModelBuilder::add_rewrite(uint32_t command, Coord tile, int bd) {
  const int place = tile.index();
  if (!m_.host.empty()) {
    const Model::HostOp& last = m_.host.back();
    if (last.what == Model::HostOp::What::Rewrite && last.command == command &&
        last.subject == place && last.value == bd)
      return;
  }
  Model::HostOp op{Model::HostOp::What::Rewrite, command, place, bd, {}};
  for (size_t i = 0; i < m_.agents.size(); ++i)
    if (m_.agents[i].id.tile == tile && m_.agents[i].id.kind != AgentKind::Core)
      op.agents.push_back(static_cast<int>(i));
  m_.host.push_back(std::move(op));
}

}  // namespace npu::diagnosis
