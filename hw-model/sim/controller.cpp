// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/controller.h"

#include <algorithm>

#include "hw-model/arch/dma.h"

namespace npu::sim {

using arch::Command;
using arch::Cycle;
using arch::RegisterId;

Controller::Controller(Context& context, Array& array) : context_(context), array_(array) {
  alarm_.bind<&Controller::take_step>(*this);
  array.on_token([this](const observe::Agent& channel) { take_token(channel); });
}

void Controller::after(Cycle cycles, void (Controller::*next)()) {
  step_ = next;
  context_.wheel.arm(alarm_, context_.now() + cycles);
}

void Controller::set_state(What what) {
  context_.emit(observe::HostChanged{what, static_cast<uint32_t>(next_)});
}

void Controller::configure(std::span<const Command> commands) {
  for (const Command& command : commands)
    std::visit([this](const auto& c) { execute(c); }, command);
}

void Controller::start(std::span<const Command> sequence, std::span<const uint64_t> addresses) {
  sequence_ = sequence;
  addresses_.assign(addresses.begin(), addresses.end());
  next_ = 0;
  array_.launch_cores();
  set_state(What::Running);
  step();
}

void Controller::abandon() {
  context_.wheel.cancel(alarm_);
  polling_ = syncing_ = false;
  sequence_ = {};
  next_ = 0;
}

void Controller::step() {
  if (done())
    return set_state(What::Done);
  after(cost(sequence_[next_]), &Controller::finish);
}

/// The command's time has passed: it takes effect, or begins to wait.
void Controller::finish() {
  const Command& command = sequence_[next_];
  if (std::holds_alternative<arch::Sync>(command)) {
    syncing_ = true;
    set_state(What::Syncing);
    return try_sync();
  }
  if (std::holds_alternative<arch::MaskPoll>(command)) {
    polling_ = true;
    set_state(What::Polling);
    return retry_poll();
  }
  std::visit([this](const auto& c) { execute(c); }, command);
  ++next_;
  step();
}

void Controller::retry_poll() {
  const auto& poll = std::get<arch::MaskPoll>(sequence_[next_]);
  if ((array_.read(poll.address) & poll.mask) != poll.value)
    return;
  polling_ = false;
  pass_wait();
}

Cycle Controller::cost(const Command& command) const {
  const auto& t = context_.timing.controller;
  if (const auto* write = std::get_if<arch::Write>(&command)) {
    const arch::Coord at = arch::tile_of(write->address);
    const auto row = arch::find_register(at.kind(), context_.partition.device->generation,
                                         arch::offset_of(write->address));
    const bool push =
        row && at.kind() == arch::TileKind::Shim &&
        (row->row->id == RegisterId::S2mmQueue || row->row->id == RegisterId::Mm2sQueue);
    return t.write.cycles() + (push ? t.queue_push.cycles() : 0);
  }
  if (const auto* block = std::get_if<arch::BlockWrite>(&command))
    return t.block_write.cycles() +
           static_cast<Cycle>(t.block_write_word.value * static_cast<double>(block->words.size()));
  if (std::holds_alternative<arch::MaskWrite>(command))
    return t.mask_write.cycles();
  if (std::holds_alternative<arch::AddressPatch>(command))
    return t.address_patch.cycles();
  if (std::holds_alternative<arch::Load>(command))
    return t.load.cycles();
  return 0;
}

void Controller::execute(const arch::Write& c) {
  array_.write(c.address, c.value);
}
void Controller::execute(const arch::BlockWrite& c) {
  array_.write_block(c.address, c.words);
}
void Controller::execute(const arch::MaskWrite& c) {
  array_.write_masked(c.address, c.mask, c.value);
}
void Controller::execute(const arch::Load& c) {
  const auto found = configurations_.find(c.id);
  if (found == configurations_.end())
    throw Error("the host sequence loads configuration {}, which does not exist", c.id)
        .hint("{} configurations are known", configurations_.size());
  configure(found->second);
  array_.launch_cores();
}

/// The 48-bit address of a shim descriptor: word 1 is its lower part, word 2 [15:0] its upper.
void Controller::execute(const arch::AddressPatch& c) {
  if (c.argument >= addresses_.size())
    throw Error("the host sequence uses argument {}, and {} are given", c.argument,
                addresses_.size())
        .hint("arguments are numbered from 0");
  constexpr uint32_t kLow = ~3u;
  constexpr uint32_t kHigh = 0xFFFF;
  const uint32_t low = array_.read(c.address);
  const uint32_t high = array_.read(c.address + 4);
  const uint64_t bus = addresses_[c.argument] + c.offset + arch::kDdrOffset;
  array_.write(c.address, (static_cast<uint32_t>(bus) & kLow) | (low & ~kLow));
  array_.write(c.address + 4, (static_cast<uint32_t>(bus >> 32) & kHigh) | (high & ~kHigh));
}

void Controller::take_token(const observe::Agent& channel) {
  const auto direction =
      channel.kind == observe::AgentKind::Mm2s ? arch::Direction::Mm2s : arch::Direction::S2mm;
  tokens_[{channel.tile.col, channel.tile.row, direction, channel.index}].push_back(context_.now());
  if (syncing_)
    try_sync();
}

bool Controller::sync_ready(const arch::Sync& sync, Cycle& noticed) const {
  for (int col = sync.col; col < sync.col + sync.columns; ++col) {
    for (int row = sync.row; row < sync.row + sync.rows; ++row) {
      const auto found = tokens_.find({col, row, sync.direction, sync.channel});
      if (found == tokens_.end() || found->second.empty())
        return false;
      noticed = std::max(noticed, found->second.front() + context_.timing.controller.sync.cycles());
    }
  }
  return true;
}

void Controller::try_sync() {
  const auto& sync = std::get<arch::Sync>(sequence_[next_]);
  Cycle noticed = context_.now();
  if (!sync_ready(sync, noticed))
    return;
  for (int col = sync.col; col < sync.col + sync.columns; ++col)
    for (int row = sync.row; row < sync.row + sync.rows; ++row)
      tokens_[{col, row, sync.direction, sync.channel}].pop_front();
  syncing_ = false;
  after(noticed - context_.now(), &Controller::pass_wait);
}

/// The wait is over, and has been noticed.
void Controller::pass_wait() {
  ++next_;
  set_state(What::Running);
  step();
}

}  // namespace npu::sim
