// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/lanes.h"

#include <algorithm>

#include <fmt/format.h>

namespace npu::diagnosis {

using observe::AgentKind;

Lanes::Lanes(const Image& image, const arch::Names& names) : names_(names) {
  for (const Task& task : image.tasks())
    for (const TaskBd& bd : task.chain) {
      const arch::BufferName* buffer = names.buffer_at(bd.memory, bd.address);
      if (task.channel.kind != AgentKind::S2mm || !buffer || !bd.acquire ||
          bd.memory.kind() != arch::TileKind::Memtile)
        continue;
      auto join = std::find_if(joins_.begin(), joins_.end(), [&](const Join& j) {
        return j.buffer == buffer && j.lock == *bd.acquire;
      });
      if (join == joins_.end())
        join = joins_.insert(joins_.end(), {buffer, *bd.acquire, {}, {}, false});
      auto lane = std::find(join->lanes.begin(), join->lanes.end(), task.channel);
      if (lane == join->lanes.end()) {
        lane = join->lanes.insert(join->lanes.end(), task.channel);
        join->done.push_back(0);
      }
      place_[{task.channel, bd.id}] = {static_cast<size_t>(join - joins_.begin()),
                                       static_cast<size_t>(lane - join->lanes.begin())};
    }
}

void Lanes::on(const observe::Event& event) {
  const auto* e = std::get_if<observe::DescriptorChanged>(&event.payload);
  if (!e || !e->finished)
    return;
  const auto found = place_.find({e->channel, e->bd});
  if (found == place_.end())
    return;
  Join& join = joins_[found->second.first];
  const size_t lane = found->second.second;
  ++join.done[lane];
  for (size_t other = 0; other < join.lanes.size() && !join.told; ++other)
    if (join.done[lane] >= join.done[other] + 2)
      tell(join, lane, other);
}

void Lanes::tell(Join& join, size_t fast, size_t slow) {
  join.told = true;
  const arch::LockName* name = names_.lock(join.lock.tile, join.lock.lock);
  const auto times = [](uint64_t count) {
    return count == 1   ? std::string("once")
           : count == 2 ? std::string("twice")
                        : fmt::format("{} times", count);
  };
  overtakings_.push_back(fmt::format(
      "buffer `{}` of {}: writer lane {} ({}) completed {} before lane {} ({}) completed {}; both "
      "acquire lock {}{}",
      join.buffer->name, arch::to_string(join.buffer->tile), fast,
      observe::to_string(join.lanes[fast]), times(join.done[fast]), slow,
      observe::to_string(join.lanes[slow]), times(join.done[slow] + 1), join.lock.lock,
      name ? fmt::format(" `{}`", name->name) : ""));
}

}  // namespace npu::diagnosis
