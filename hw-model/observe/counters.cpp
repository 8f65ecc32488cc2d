// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/counters.h"

#include <algorithm>

namespace npu::observe {

namespace {
constexpr size_t kChannelCount = size_t{kTiles} * 2 * kChannelsPerDirection;
}  // namespace

Counters::Counters()
    : cores_(kTiles),
      channels_(kChannelCount),
      locks_(size_t{kTiles} * kLocksPerTile),
      core_states_(kTiles),
      channel_states_(kChannelCount),
      waits_(kChannelCount + kTiles + 1) {}

size_t Counters::wait_index(const Agent& agent) {
  if (agent.kind == AgentKind::Host)
    return kChannelCount + kTiles;
  if (agent.kind == AgentKind::Core)
    return kChannelCount + static_cast<size_t>(agent.tile.index());
  return channel_index(agent);
}

void Counters::on(const Event& event) {
  std::visit([&](const auto& payload) { take(event.cycle, payload); }, event.payload);
}

void Counters::finish(Cycle cycle) {
  for (size_t i = 0; i < cores_.size(); ++i) {
    auto& [state, since] = core_states_[i];
    cores_[i].cycles[static_cast<size_t>(state)] += cycle - since;
    since = cycle;
  }
  for (size_t i = 0; i < channels_.size(); ++i) {
    auto& [state, since] = channel_states_[i];
    channels_[i].cycles[static_cast<size_t>(state)] += cycle - since;
    since = cycle;
  }
  for (Wait& wait : waits_) {
    if (wait.open)
      locks_[wait.lock].waiting += cycle - wait.since;
    wait.since = cycle;
  }
  cycles_ = cycle;
}

void Counters::take(Cycle cycle, const ChannelChanged& e) {
  const size_t index = channel_index(e.channel);
  auto& [state, since] = channel_states_[index];
  ChannelCount& count = channels_[index];
  count.cycles[static_cast<size_t>(state)] += cycle - since;
  count.peak_queue = std::max(count.peak_queue, e.queued);
  state = e.state;
  since = cycle;
}

void Counters::take(Cycle, const TaskChanged& e) {
  ChannelCount& count = channels_[channel_index(e.channel)];
  count.tasks += e.what == TaskChanged::What::Started;
  count.tasks_dropped += e.what == TaskChanged::What::Dropped;
  count.peak_queue = std::max(count.peak_queue, e.queued);
}

void Counters::take(Cycle, const DescriptorChanged& e) {
  channels_[channel_index(e.channel)].descriptors += e.finished;
}

void Counters::take(Cycle cycle, const LockChanged& e) {
  const size_t index = lock_index(e.tile, e.lock);
  LockCount& count = locks_[index];
  Wait& wait = waits_[wait_index(e.agent)];
  switch (e.what) {
    case LockChanged::What::Waiting:
      if (!wait.open)
        wait = {static_cast<uint32_t>(index), true, cycle};
      return;
    case LockChanged::What::Acquired:
      ++count.acquired;
      if (wait.open && wait.lock == index) {
        count.waiting += cycle - wait.since;
        wait.open = false;
      }
      return;
    case LockChanged::What::Released:
      ++count.released;
      return;
    case LockChanged::What::Set:
    case LockChanged::What::Overflow:
    case LockChanged::What::Underflow:
      return;
  }
}

void Counters::take(Cycle cycle, const CoreChanged& e) {
  const auto index = static_cast<size_t>(e.core.tile.index());
  auto& [state, since] = core_states_[index];
  CoreCount& count = cores_[index];
  count.cycles[static_cast<size_t>(state)] += cycle - since;
  if (e.state == CoreState::Kernel) {
    ++count.kernels;
    count.kernel_cycles += e.cycles;
  }
  state = e.state;
  since = cycle;
}

void Counters::take(Cycle, const WordsMoved& e) {
  HopCount& hop =
      hops_[static_cast<size_t>(e.from.tile.kind())][static_cast<size_t>(e.to.tile.kind())];
  hop.received += e.words;
  if (e.to.kind != AgentKind::Core)
    channels_[channel_index(e.to)].words += e.words;
  if (!e.first)
    return;
  hop.sent += e.words;
  if (e.from.kind != AgentKind::Core)
    channels_[channel_index(e.from)].words += e.words;
}

void Counters::take(Cycle, const DdrUsed& e) {
  (e.channel.kind == AgentKind::Mm2s ? ddr_read_ : ddr_written_) += e.bytes;
}

void Counters::take(Cycle, const TokenIssued& e) {
  ++channels_[channel_index(e.channel)].tokens;
}

void Counters::take(Cycle cycle, const Fault& e) {
  const auto same = [&](const FaultCount& known) { return known.fault == e; };
  const auto known = std::find_if(faults_.begin(), faults_.end(), same);
  if (known != faults_.end())
    ++known->times;
  else if (faults_.size() < kFaultsKept)
    faults_.push_back({e, cycle, 1});
  else
    ++faults_not_kept_;
}

uint64_t Counters::kernels() const {
  uint64_t sum = 0;
  for (const CoreCount& core : cores_)
    sum += core.kernels;
  return sum;
}

uint64_t Counters::tasks_dropped() const {
  uint64_t sum = 0;
  for (const ChannelCount& channel : channels_)
    sum += channel.tasks_dropped;
  return sum;
}

}  // namespace npu::observe
