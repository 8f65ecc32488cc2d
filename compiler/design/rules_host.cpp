// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <map>

#include "compiler/design/reach.h"
#include "compiler/design/rules.h"
#include "compiler/design/text.h"

namespace npu::compiler::rules {

using arch::TileKind;

std::optional<Finding> shim_channels(const Design& design) {
  for (const ShimChannel& channel : design.shim_channels) {
    if (channel.col < 0 || channel.col >= design.partition.columns)
      return finding({}, "shim channel `{}`: column {} of {}", channel.name, channel.col,
                     design.partition.columns);
    if (!design.partition.has_shim_dma(channel.col))
      return finding({}, "{}: the shim has no DMA", describe(channel));
    const int there = channel.direction == Direction::S2mm
                          ? arch::facts(TileKind::Shim).s2mm_channels
                          : arch::facts(TileKind::Shim).mm2s_channels;
    if (channel.index && (*channel.index < 0 || *channel.index >= there))
      return finding({}, "{}: channel {} of {}", describe(channel), *channel.index, there);
  }
  return std::nullopt;
}

std::optional<Finding> transfers_in_argument(const Design& design) {
  for (const HostOp& op : design.sequence) {
    const auto* transfer = std::get_if<Transfer>(&op);
    if (!transfer)
      continue;
    const ShimChannel& channel = design.shim_channels[transfer->shim_channel];
    if (transfer->offset % 4 != 0)
      return finding({}, "{}: transfer {} starts at byte {}", describe(channel), transfer->id,
                     transfer->offset);
    if (transfer->repeat < 1 || transfer->repeat > arch::kMaxRepeat)
      return finding({}, "{}: transfer {} has {} executions, 1 to {}", describe(channel),
                     transfer->id, transfer->repeat, arch::kMaxRepeat);
    const uint64_t words = 1 + highest_word(transfer->dims, transfer->length) +
                           static_cast<uint64_t>(transfer->repeat - 1) * transfer->iteration_step;
    const Argument& argument = design.arguments[transfer->argument];
    if (transfer->length > 0 && transfer->offset + 4 * words > argument.bytes())
      return finding({}, "{}: transfer {} reaches byte {} of argument `{}` of {} bytes",
                     describe(channel), transfer->id, transfer->offset + 4 * words - 1,
                     argument.name, argument.bytes());
  }
  return std::nullopt;
}

std::optional<Finding> transfer_fields(const Design& design) {
  for (const HostOp& op : design.sequence)
    if (const auto* transfer = std::get_if<Transfer>(&op))
      if (const auto what = unfit(TileKind::Shim, transfer->length, transfer->dims,
                                  transfer->repeat, transfer->iteration_step))
        return finding({}, "{}: transfer {}: {}",
                       describe(design.shim_channels[transfer->shim_channel]), transfer->id, *what);
  return std::nullopt;
}

std::optional<Finding> awaits(const Design& design) {
  struct State {
    bool token;
    bool awaited = false;
  };
  std::map<int, State> started;
  for (const HostOp& op : design.sequence) {
    if (const auto* transfer = std::get_if<Transfer>(&op)) {
      if (!started.try_emplace(transfer->id, State{transfer->token}).second)
        return finding({}, "there are two transfers {}", transfer->id);
    } else if (const auto* await = std::get_if<Await>(&op)) {
      const auto found = started.find(await->id);
      if (found == started.end())
        return finding({}, "transfer {} is awaited and not started", await->id);
      if (!found->second.token)
        return finding({}, "transfer {} is awaited and issues no token", await->id);
      if (found->second.awaited)
        return finding({}, "transfer {} is awaited twice", await->id);
      found->second.awaited = true;
    }
  }
  return std::nullopt;
}

}  // namespace npu::compiler::rules
