// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <map>

#include "compiler/design/text.h"
#include "compiler/lower/numbers.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

using arch::TileKind;

struct Reach {
  int begin;
  int end;
};

/// The descriptors that a channel can use (hardware reference 4.1).
Reach reach(const Channel& channel) {
  if (channel.tile.kind() != TileKind::Memtile)
    return {0, arch::facts(channel.tile.kind()).descriptors};
  const int begin = *channel.index % 2 * arch::kMemtileDescriptorsPerParity;
  return {begin, begin + arch::kMemtileDescriptorsPerParity};
}

Error out_of_descriptors(const Design& design, const Channel& channel, int free) {
  const Reach here = reach(channel);
  std::vector<std::string> takers;
  for (const Channel& other : design.channels)
    if (&other != &channel && other.tile == channel.tile && !other.descriptors.empty() &&
        reach(other).begin == here.begin)
      takers.push_back(fmt::format("{}{} {}", to_string(other.direction), *other.index,
                                   other.descriptors.size()));
  const std::string others =
      takers.empty() ? ""
                     : fmt::format(", {} of them free beside {}", free, fmt::join(takers, ", "));
  return Error("{}: channel {} needs {} descriptors, {} reachable{}", describe(channel),
               *channel.index, channel.descriptors.size(), here.end - here.begin, others)
      .hint("use longer or fewer descriptors{}",
            channel.tile.kind() == TileKind::Memtile ? ", or a channel of the other parity" : "");
}

}  // namespace

void assign_descriptors(Design& design) {
  std::map<Coord, Numbers> taken;
  for (const Channel& channel : design.channels)
    for (const Descriptor& descriptor : channel.descriptors)
      if (descriptor.id)
        taken[channel.tile].take(*descriptor.id);
  for (Channel& channel : design.channels) {
    Numbers& numbers = taken[channel.tile];
    const Reach here = reach(channel);
    const int free = numbers.count_free(here.begin, here.end);
    for (Descriptor& descriptor : channel.descriptors) {
      if (descriptor.id)
        continue;
      descriptor.id = numbers.free(here.begin, here.end);
      if (!descriptor.id)
        throw out_of_descriptors(design, channel, free);
      numbers.take(*descriptor.id);
    }
  }
}

}  // namespace npu::compiler
