// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/e2e/differential/generator.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "hw-model/arch/dma.h"
#include "hw-model/arch/error.h"
#include "hw-model/config.h"
#include "tests/e2e/differential/parts.h"

namespace npu::differential {

namespace {

constexpr std::array kOrdered{
    Part{"pipeline", 50, add_pipeline},
    Part{"join", 6, add_join},
    Part{"packets", 25, add_packets},
    Part{"senders in turn", 5, add_senders_in_turn},
    Part{"shared memory", 6, add_shared_memory},
    Part{"baton", 4, add_baton},
    Part{"cascade", 4, add_cascade},
    Part{"core stream", 8, add_core_stream},
};
constexpr std::array kRacing{
    Part{"race for lock", 1, add_race_for_lock},
    Part{"race for credit", 1, add_race_for_credit},
    Part{"race for port", 2, add_race_for_port},
    Part{"race for trunk", 1, add_race_for_trunk},
};

const Part& draw(Random& r, std::span<const Part> parts) {
  int total = 0;
  for (const Part& part : parts)
    total += part.weight;
  int at = r.between(0, total - 1);
  for (const Part& part : parts)
    if ((at -= part.weight) < 0)
      return part;
  return parts.back();
}

/// The numbers of a device, or others: what holds must hold for all of them.
arch::Timing draw_timing(Random& r, const arch::Device& device) {
  arch::Timing t = config::builtin_device(device.name).timing;
  if (r.chance(25))
    return t;
  const auto set = [&](arch::Parameter& p, int low, int high) { p.value = r.between(low, high); };
  set(t.stream.words_per_cycle, 1, r.chance(20) ? 4 : 2);
  for (arch::Parameter* p :
       {&t.stream.hop, &t.stream.local_slave, &t.stream.local_master, &t.stream.local})
    set(*p, 1, 9);
  for (arch::Buffering* rows : {&t.stream.circuit, &t.stream.packet})
    for (arch::Parameter* p : {&rows->core, &rows->memtile, &rows->shim})
      set(*p, 0, r.chance(30) ? 40 : 10);
  set(t.dma.start, 1, 8);
  set(t.dma.chain, 1, 4);
  set(t.lock.wake, 1, 3);
  set(t.core.call, 1, 20);
  set(t.shim.mm2s_cold, 1, 300);
  set(t.shim.mm2s_warm, 1, 100);
  set(t.shim.s2mm_completion, 1, 170);
  set(t.shim.bytes_per_cycle, 4, 16);
  set(t.ddr.bytes_per_cycle, 8, 64);
  if (r.chance(60))
    for (arch::Parameter* p :
         {&t.controller.write, &t.controller.block_write, &t.controller.mask_write,
          &t.controller.address_patch, &t.controller.queue_push, &t.controller.sync})
      set(*p, 1, 60);
  return t;
}

/// The host sequence: transfers start in an order that keeps that of each channel; awaits follow at
/// the end or in between.
class HostPlan {
 public:
  HostPlan(Builder& b, Random& r) : b_(b), r_(r) {}

  void write() {
    std::vector<int> order;
    std::set<int> in_turn;
    for (const auto& turns : b_.in_turn)
      in_turn.insert(turns.begin(), turns.end());
    for (const compiler::Transfer& t : b_.transfers)
      if (!in_turn.contains(t.id))
        order.push_back(t.id);
    if (r_.chance(50))
      std::stable_sort(order.begin(), order.end(),
                       [&](int x, int y) { return receives(x) > receives(y); });
    const bool early = r_.chance(25);
    for (const int id : order) {
      start(id);
      if (early && r_.chance(40))
        await(id);
    }
    for (const arch::Command& gate : b_.gates)
      b_.design.sequence.emplace_back(gate);
    for (const auto& turns : b_.in_turn)
      for (const int id : turns) {
        start(id);
        b_.awaited.insert(id);
        await(id);
      }
    if (r_.chance(30))
      r_.shuffle(order);
    for (const int id : order)
      await(id);
  }

 private:
  bool receives(int id) const {
    const auto& t = b_.transfers[static_cast<size_t>(id)];
    return b_.design.shim_channels[static_cast<size_t>(t.shim_channel)].direction ==
           Direction::S2mm;
  }
  void start(int id) {
    const compiler::Transfer& t = b_.transfers[static_cast<size_t>(id)];
    auto& outstanding = outstanding_[t.shim_channel];
    while (outstanding.size() >= arch::kTaskQueueDepth) {
      b_.awaited.insert(outstanding.front());
      await(outstanding.front());
    }
    outstanding.push_back(id);
    b_.design.sequence.emplace_back(t);
  }
  void await(int id) {
    auto& outstanding = outstanding_[b_.transfers[static_cast<size_t>(id)].shim_channel];
    const auto place = std::find(outstanding.begin(), outstanding.end(), id);
    if (!b_.awaited.contains(id) || place == outstanding.end())
      return;
    b_.design.sequence.emplace_back(compiler::Await{id});
    outstanding.erase(outstanding.begin(), place + 1);
  }

  Builder& b_;
  Random& r_;
  std::map<int, std::vector<int>> outstanding_;  ///< by shim channel
};

/// Polls at the end of the sequence: cores that are done, channels that are idle.
arch::Commands polls(const Builder& b, const compiler::Design& design) {
  arch::Commands made;
  for (const Wait& wait : b.waits) {
    if (wait.channel < 0) {
      constexpr uint32_t kDone = 1u << 20;
      made.push_back(arch::MaskPoll{
          arch::address_of(wait.tile,
                           arch::register_offset(TileKind::Core, arch::RegisterId::CoreStatus)),
          kDone, kDone});
      continue;
    }
    const compiler::Channel& channel = design.channels[static_cast<size_t>(wait.channel)];
    const auto id = channel.direction == Direction::S2mm ? arch::RegisterId::S2mmStatus
                                                         : arch::RegisterId::Mm2sStatus;
    made.push_back(arch::MaskPoll{
        arch::address_of(wait.tile, arch::channel_register(wait.tile.kind(), id, *channel.index)),
        arch::status::kRunning.mask(), 0});
  }
  return made;
}

/// Resets some channels of tiles, all at once, and gives them their tasks again. Channels that
/// share their buffers behind locks stay as they are: one that starts anew is out of step with the
/// others.
arch::Commands restart(Random& r, const compiler::Design& design) {
  arch::Commands resets;
  arch::Commands pushes;
  for (const compiler::Channel& channel : design.channels) {
    const bool alone = std::none_of(
        channel.descriptors.begin(), channel.descriptors.end(),
        [](const Descriptor& d) { return d.acquire.has_value() || d.release.has_value(); });
    if (!alone || !r.chance(50))
      continue;
    const TileKind kind = channel.tile.kind();
    const bool receives = channel.direction == Direction::S2mm;
    const uint32_t control = arch::address_of(
        channel.tile,
        arch::channel_register(
            kind, receives ? arch::RegisterId::S2mmControl : arch::RegisterId::Mm2sControl,
            *channel.index));
    resets.push_back(arch::MaskWrite{control, arch::control::kReset.mask(), ~0u});
    resets.push_back(arch::MaskWrite{control, arch::control::kReset.mask(), 0});
    const uint32_t queue = arch::address_of(
        channel.tile,
        arch::channel_register(kind,
                               receives ? arch::RegisterId::S2mmQueue : arch::RegisterId::Mm2sQueue,
                               *channel.index));
    for (const compiler::Channel::Task& task : channel.tasks) {
      uint32_t word = 0;
      arch::put(std::span(&word, 1), arch::queue::kStartBd,
                *channel.descriptors[static_cast<size_t>(task.first)].id, "start_bd");
      arch::put(std::span(&word, 1), arch::queue::kRepeat, task.repeat, "repeat");
      pushes.push_back(arch::Write{queue, word});
    }
  }
  resets.insert(resets.end(), pushes.begin(), pushes.end());
  return resets;
}

/// Whether packets of two senders may meet at an arbiter, those aside that the host keeps apart.
bool contended(const Builder& b, const compiler::Design& design) {
  const auto apart = [&](int id, int other) {
    return std::any_of(b.ids_in_turn.begin(), b.ids_in_turn.end(), [&](const std::set<int>& turns) {
      return turns.contains(id) && turns.contains(other);
    });
  };
  std::map<std::pair<Coord, int>, std::set<std::pair<int, arch::Port>>> users;
  for (const compiler::Connection& c : design.connections)
    for (int id = 0; c.packet_id && id < b.packet_ids(); ++id)
      if ((id & c.mask) == (*c.packet_id & c.mask))
        users[{c.tile, c.arbiter}].emplace(id, c.slave);
  for (const auto& [arbiter, packets] : users)
    for (const auto& [id, slave] : packets)
      for (const auto& [other, other_slave] : packets)
        if (slave != other_slave && !apart(id, other))
          return true;
  return false;
}

}  // namespace

std::span<const Part> ordered_parts() {
  return kOrdered;
}
std::span<const Part> racing_parts() {
  return kRacing;
}

std::optional<Case> generate(uint64_t seed, std::vector<bool> kept) {
  Random r(seed * 0x9E3779B97F4A7C15 + 1);
  Case c{.seed = seed};
  const arch::Device& device = r.chance(50) ? arch::kNpu1 : arch::kNpu4;
  Random timing_random = r.fork();
  Builder b;
  b.timing = draw_timing(timing_random, device);
  b.design.partition = arch::partition_of(device, r.pick(std::vector{1, 1, 2, 2, 3, 4}));
  b.mischief = r.pick(std::vector{0, 0, 0, 10, 30});
  const bool races = r.chance(12);
  const int parts = r.between(1, 4);
  Random host_random = r.fork();
  kept.resize(static_cast<size_t>(parts), true);
  for (int i = 0; i < parts; ++i) {
    Random part_random = r.fork();
    const Part& part = draw(part_random, races && i == 0 ? racing_parts() : ordered_parts());
    if (!kept[static_cast<size_t>(i)])
      continue;
    Builder grown = b;
    try {
      part.add(grown, part_random);
    } catch (const NoRoom&) {
      continue;
    }
    b = std::move(grown);
    c.parts.emplace_back(part.name);
  }
  HostPlan(b, host_random).write();
  try {
    c.lowered = compiler::lower(b.design);
  } catch (const Error&) {
    return std::nullopt;
  }
  c.sequence = c.lowered.sequence;
  for (const arch::Command& poll : polls(b, c.lowered.design))
    c.sequence.push_back(poll);
  c.kept = std::move(kept);
  c.racing = b.must_be_flagged;
  c.contended = contended(b, c.lowered.design);
  c.timing = b.timing;
  c.data_steers = b.data_steers;
  c.again = host_random.chance(20);
  if (!c.racing && !c.contended && b.in_turn.empty() && host_random.chance(25))
    c.restart = restart(host_random, c.lowered.design);
  // After a restart a receiver may take data for the header that names its descriptor.
  for (const compiler::Channel& channel : c.lowered.design.channels)
    c.data_steers = c.data_steers || (channel.out_of_order && !c.restart.empty());
  return c;
}

}  // namespace npu::differential
